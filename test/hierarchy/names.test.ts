/** What inner nodes are called: what tells them from their siblings, and no two of these alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, childrenOf, leafOrder, membersOf } from '../../src/hierarchy/index.js';
import { type LabelLevel, nodeNames } from '../../src/hierarchy/names.js';
import { wordsIn } from '../../src/hierarchy/words.js';

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
    texts: more.texts,
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
    ['sparrow', 'gull'],
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
  assert.ok(names[0].startsWith('Milk: arla') && names[1].startsWith('Milk: oatly'), names.join(' | '));
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
