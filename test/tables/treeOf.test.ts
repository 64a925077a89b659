/** Trees over vectors of any model and over tables: the same items give the same tree, with names from their columns. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fromJson, toJson } from '../../src/hierarchy/index.js';
import { writeNpy } from '../../src/io/npy.js';
import { csvText } from '../../src/io/writeRows.js';
import { indexTable } from '../../src/tables/index.js';
import { itemsTreeDocument, treeOfTable, treeOfVectors } from '../../src/tables/treeOf.js';
import { temporaryFolder } from '../images/support.js';

/** Two kinds of three classes of four items: an axis for each class, and one for each kind. */
const DIM = 16;
const ROWS = 24;
const classOf = (row: number) => Math.floor(row / 4);
const KINDS = ['fruit', 'tools'];
const values = Float32Array.from({ length: ROWS * DIM }, (_, at) => {
  const [row, k] = [Math.floor(at / DIM), at % DIM];
  const own = Number(k === classOf(row)) + 2 * Number(k === 8 + Math.floor(row / 12));
  return own + 0.05 * Math.sin(7 * at);
});

it('takes vectors with and without classes, and a table of them', async () => {
  const root = temporaryFolder();
  const at = (name: string) => join(root, name);
  writeNpy(at('a.npy'), { shape: [ROWS, DIM], data: values });
  const facts = Array.from({ length: ROWS }, (_, row) => ({
    id: `r${String(row).padStart(2, '0')}`,
    label: `class${classOf(row)}`,
    kind: KINDS[Math.floor(row / 12)],
    price: row,
  }));
  writeFileSync(at('a.csv'), csvText(facts));
  const groupsOf = ({ hierarchy }: Awaited<ReturnType<typeof treeOfTable>>) =>
    hierarchy.nodes[hierarchy.nodes.length - 1].children.map((child) => {
      const { label, members } = hierarchy.nodes[child];
      return `${label}: ${members
        .map((leaf) => hierarchy.leaves[leaf])
        .sort()
        .join(' ')}`;
    });

  const tree = await treeOfVectors(at('a.npy'), { items: at('a.csv') });
  assert.equal(tree.kind, 'classes');
  const groups = ['fruit: class0 class1 class2', 'tools: class3 class4 class5'];
  assert.deepEqual(groupsOf(tree).sort(), groups);
  assert.match(tree.choice.sentence, /^The tree is .* of the vectors, the best of 3/);
  const document = itemsTreeDocument(tree);
  assert.deepEqual(fromJson(toJson(document)), JSON.parse(JSON.stringify(document)));

  const plain = await treeOfVectors(at('a.npy'), { levels: 1 });
  assert.equal(plain.kind, 'images');
  assert.equal(plain.hierarchy.leaves.length, ROWS);
  assert.ok(plain.hierarchy.nodes.every(({ depth }) => depth <= 2));

  await indexTable({ source: at('a.npy'), items: at('a.csv'), out: at('table'), map: false });
  const ofTable = await treeOfTable(at('table'));
  assert.deepEqual(groupsOf(ofTable).sort(), groups);
  assert.equal(ofTable.items[0].id, 'r00');
});
