/** Words of texts in any script, whatever they are made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textWords } from '../../../src/store/text/textWords.js';

test('words are runs of letters and digits, whatever the case, form and script', () => {
  assert.deepEqual(textWords('Organic OAT-milk, 1 l (ﬁne)'), ['organic', 'oat', 'milk', '1', 'l', 'fine']);
  assert.deepEqual(textWords("it's; DROP TABLE x --"), ['it', 's', 'drop', 'table', 'x']);
  assert.deepEqual(textWords('crème fraîche'), textWords('crème fraîche'.normalize('NFD')));
  assert.deepEqual(textWords('燕麦奶'), ['燕麦', '麦奶']);
  assert.deepEqual(textWords('燕麦奶', { single: true }), ['燕', '麦', '奶', '燕麦', '麦奶']);
  assert.deepEqual(textWords('奶 milk奶'), ['奶', 'milk', '奶']);
  assert.deepEqual(textWords('\u202eحليب\u202c 🥛🍎'), ['حليب', '🥛', '🍎']);
  assert.deepEqual(textWords('a\0b'), ['a', 'b']);
});

test('plain texts have the words that they have among others', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 100 });
  const same = fc.property(ascii, (text) => {
    assert.deepEqual([...textWords(text), 'ä'], textWords(`${text} ä`));
  });
  fc.assert(same, { numRuns: 200 });
});

test('any text has words in bounded time, and what is looked for is what is indexed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const indexed = new Set(textWords(text, { single: true }));
      for (const word of textWords(text))
        assert.ok(word !== '' && indexed.has(word) && !/\p{Surrogate}/u.test(word));
    }),
    { numRuns: 100 },
  );
  assert.ok(textWords('x'.repeat(1e6)).length === 1);
  assert.deepEqual(textWords(`x${'\u{1d518}'.repeat(70)}`), [
    `x${'𝔘'.normalize('NFKC').toLowerCase().repeat(63)}`,
  ]);
  assert.deepEqual(textWords(`x${'\u{10428}'.repeat(70)}`), [`x${'\u{10428}'.repeat(31)}`]);
});
