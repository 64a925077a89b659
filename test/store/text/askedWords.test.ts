/** What items have of words that are looked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { askedWords, foundIn, piecesOf } from '../../../src/store/text/askedWords.js';
import { wordsIn } from '../../../src/store/text/itemWords.js';

test('all words must be there, the last one whole or begun', () => {
  assert.deepEqual(askedWords('Oat, MILK oat'), { whole: ['oat'], last: 'milk', begun: true });
  assert.deepEqual(askedWords('l'), { whole: [], last: 'l', begun: false });
  const words = wordsIn(['oat oat milk', null, 'Milky milky milky MILK']);
  assert.equal(words, ' oat oat milk milky milky milky milk ');
  assert.deepEqual(foundIn(words, askedWords('oat milk')), { counts: [2, 2], length: 7 });
  assert.deepEqual(foundIn(words, askedWords('oat mil')), { counts: [2, 1.5], length: 7 });
  assert.deepEqual(foundIn(words, askedWords('milky')), { counts: [3], length: 7 });
  for (const text of ['mil oat', 'oat zebra', 'oatm', 'ilk', 'm'])
    assert.equal(foundIn(words, askedWords(text)), null);
  for (const text of ['', '*', 'x '.repeat(501)]) assert.throws(() => askedWords(text), UsageError);
});

test('the pieces are in the words of an item if and only if it has all that is looked for', () => {
  const items = [['oat milk'], ['oats', 'milky'], [null], ['milk', 'oat'], ['a b'], ['ab']].map(wordsIn);
  for (const text of ['oat', 'oat mil', 'a', 'b', 'ab', 'milk oat', 'milky oats'])
    for (const words of items) {
      const asked = askedWords(text);
      assert.equal(
        piecesOf(asked).every((piece) => words.includes(piece)),
        foundIn(words, asked) !== null,
        text,
      );
    }
});
