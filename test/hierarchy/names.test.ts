/** What inner nodes are called: what tells them from their siblings, and no two of these alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrange, childrenOf, leafOrder, membersOf } from '../../src/hierarchy/index.js';
import { cutName, cutNames } from '../../src/hierarchy/names/cut.js';
import { nodeNames } from '../../src/hierarchy/names/nodeNames.js';
import type { LabelLevel } from '../../src/hierarchy/names/terms.js';
import { wordsIn } from '../../src/hierarchy/names/words.js';

/** Names of the inner nodes of a tree whose groups are lists of leaves, below one root. */
function namesOf(
  groups: readonly (readonly string[])[],
  more: { levels?: readonly LabelLevel[]; texts?: readonly (readonly string[])[] } = {},
): string[] {
  const leaves = groups.flat();
  const root = leaves.length + groups.length;
  const parent = [
    ...groups.flatMap((group, i) => group.map(() => leaves.length + i)),
    ...groups.map(() => root),
    -1,
  ];
  const { tree } = arrange({ leaves: leaves.length, parent });
  const order = leafOrder(tree);
  const names = nodeNames({
    parent: tree.parent,
    children: childrenOf(tree),
    members: Array.from(tree.parent, (_, node) => [...membersOf(order, node)]),
    leaves,
    levels: more.levels ?? [],
    texts: more.texts?.map((one) => [one]),
  });
  assert.deepEqual(names.slice(0, leaves.length), leaves);
  return names.slice(leaves.length, -1);
}

test('the words of class names tell groups apart, not those that all share', () => {
  assert.deepEqual(
    namesOf([
      ['001.Brown_Sparrow', '002.House_Sparrow', '003.Fox_Sparrow'],
      ['004.Brown_Gull', '005.Herring_Gull', '006.Ring_Gull'],
    ]),
    ['Sparrow', 'Gull'],
  );
});

test('a term of the taxonomy comes first, without a share, where siblings do not have it', () => {
  const terms = ['Fruit', 'Fruit', 'Root', 'Root', 'Root', 'Fruit'];
  const groups = [
    ['apple', 'pear', 'beet'],
    ['leek', 'carrot', 'lime'],
  ];
  assert.deepEqual(namesOf(groups, { levels: [{ name: 'kind', terms }] }), ['Fruit', 'Root']);
});

test('siblings of one term have different names', () => {
  const names = namesOf(
    [
      ['a1', 'a2'],
      ['a3', 'a4'],
      ['b1', 'b2', 'b3'],
    ],
    {
      levels: [{ name: 'kind', terms: ['Milk', 'Milk', 'Milk', 'Milk', 'Juice', 'Juice', 'Juice'] }],
      texts: [['Arla low fat'], ['Arla full'], ['Oatly oat'], ['Oatly barista'], ['x'], ['y'], ['z']],
    },
  );
  assert.equal(new Set(names).size, 3);
  assert.ok(names[0].startsWith('Milk: Arla') && names[1].startsWith('Milk: Oatly'), names.join(' | '));
  const bare = namesOf([
    ['1', '2'],
    ['1', '2'],
  ]);
  assert.equal(new Set(bare).size, 2);
});

test('words are neither numbers, codes, addresses nor joints', () => {
  assert.deepEqual(wordsIn('001.Black_footed_Albatross'), ['black', 'footed', 'albatross']);
  assert.deepEqual(wordsIn('GoldenDelicious the 2nd of B4X7'), ['golden', 'delicious']);
  assert.deepEqual(wordsIn('https://example.com/red/apple'), []);
  assert.deepEqual(wordsIn('Äpfel 苹果'), ['äpfel', '苹果']);
});

test('what all siblings have, numbers and addresses name nothing; phrases stand whole, as they are written', () => {
  const sold = (title: string, brand: string) => [title, brand, '23 %', 'https://shop.example/milk'];
  const texts = [
    ...['Alpro Soy Drink from the shop', 'Alpro Soy Drink from the shop', 'Alpro Soy Drink from the shop'],
    ...['God Morgon Apple from the shop', 'God Morgon Orange from the shop', 'God Morgon Pear from the shop'],
  ].map((title, i) => sold(title, ['Coop', 'Arla'][i % 2]));
  const groups = [
    ['1', '2', '3'],
    ['4', '5', '6'],
  ];
  const levels = [{ name: 'fat', terms: ['3 %', '3 %', '3 %', '16 %', '16 %', '16 %'] }];
  assert.deepEqual(namesOf(groups, { texts, levels }), ['Alpro Soy Drink', 'God Morgon']);
});

test('siblings stay different whatever they are made of, and when they are cut', () => {
  const word = fc.constantFrom(
    'milk',
    'Milk',
    'MILK ',
    'oat',
    'a',
    '7 %',
    '',
    '牛奶',
    'crème fraîche',
    'x'.repeat(90),
  );
  const title = fc.array(word, { maxLength: 9 }).map((words) => words.join(' '));
  const groups = fc.array(fc.array(title, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(groups, (texts) => {
      let leaf = 0;
      const names = namesOf(
        texts.map((group) => group.map(() => `p-${leaf++}`)),
        { texts: texts.flat().map((one) => [one]) },
      );
      const shown = cutNames(names, 12);
      for (const list of [names, shown]) assert.equal(new Set(list).size, names.length);
      assert.equal(new Set(names.map((name) => name.toLowerCase().trim())).size, names.length);
      assert.ok(
        names.every((name) => name.trim() !== '' && !/^[\d %,…]+$/.test(name)),
        names.join(' | '),
      );
    }),
    { numRuns: 200 },
  );
});

test('a name is cut between words, with an ellipsis, by what people count as characters', () => {
  assert.equal(cutName('Arla Natural Mild Low Fat Yoghurt', 20), 'Arla Natural Mild…');
  assert.equal(cutName('short', 20), 'short');
  assert.equal(cutName('Beef-Tomato, Vine-Tomato', 13), 'Beef-Tomato…');
  assert.equal(cutName('x'.repeat(1000), 10), `${'x'.repeat(9)}…`);
  const flags = '🇸🇪'.repeat(8);
  assert.equal(cutName(flags, 8), flags);
  assert.equal(cutName(flags, 4), `${'🇸🇪'.repeat(3)}…`);
  const alike = ['a long name of one', 'a long name of two'];
  assert.deepEqual(cutNames(alike, 8), alike);
});
