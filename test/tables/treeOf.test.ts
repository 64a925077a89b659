/** Trees over vectors of any model and over tables: the same items give the same tree, with names from their columns. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fromJson, toJson } from '../../src/hierarchy/index.js';
import { writeNpy } from '../../src/io/npy.js';
import { csvText } from '../../src/io/writeRows.js';
import { indexTable } from '../../src/tables/index.js';
import {
  itemsTreeDocument,
  pointsOfTable,
  pointsOfVectors,
  scoreTreeOfItems,
  treeOfTable,
  treeOfVectors,
} from '../../src/tables/treeOf.js';
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
  assert.match(
    tree.choice.sentence,
    /^The tree is .* of the vectors from their mean, (the best|preferred) of 6/,
  );
  const document = itemsTreeDocument(tree);
  assert.deepEqual(fromJson(toJson(document)), JSON.parse(JSON.stringify(document)));

  const plain = await treeOfVectors(at('a.npy'), { levels: 1 });
  assert.equal(plain.kind, 'images');
  assert.equal(plain.hierarchy.leaves.length, ROWS);
  assert.ok(plain.hierarchy.nodes.every(({ depth }) => depth <= 2));

  // The same in the columns of a CSV, with classes from a file, and scored by the column that orders them.
  const dims = Array.from({ length: DIM }, (_, k) => `e${k}`);
  const cells = facts.map((fact, row) => ({
    ...fact,
    ...Object.fromEntries(dims.map((name, k) => [name, values[row * DIM + k]])),
  }));
  writeFileSync(at('v.csv'), csvText(cells));
  assert.deepEqual(groupsOf(await treeOfVectors(at('v.csv'))).sort(), groups);
  const lists = facts.map(({ id, label }, row) => ({
    ...{ id, label },
    vector: `[${[...values.subarray(row * DIM, (row + 1) * DIM)].join(', ')}]`,
  }));
  writeFileSync(at('w.csv'), csvText(lists));
  assert.equal((await treeOfVectors(at('w.csv'))).hierarchy.nodes.length, tree.hierarchy.nodes.length);
  assert.equal((await treeOfVectors(at('a.npy'), { labels: at('a.csv') })).kind, 'classes');
  await assert.rejects(treeOfVectors(at('a.csv')), /is a list without vectors.*--model/);
  writeFileSync(at('torn.csv'), 'id,e0,e1\na,1,2\nb,1,x\n');
  await assert.rejects(
    treeOfVectors(at('torn.csv')),
    /torn\.csv, line 3: "e0" to "e1" should hold 2 numbers/,
  );

  await indexTable({ source: at('a.npy'), items: at('a.csv'), out: at('table'), map: false });
  const ofTable = await treeOfTable(at('table'));
  assert.deepEqual(groupsOf(ofTable).sort(), groups);
  assert.equal(ofTable.items[0].id, 'r00');

  for (const found of [await pointsOfTable(at('table')), await pointsOfVectors(at('v.csv'))]) {
    const scores = await scoreTreeOfItems(found, { draws: 2, resamples: 20 });
    assert.deepEqual(scores.levels, ['kind']);
    assert.equal(scores.rows[0].purity.kind.value, 1);
    assert.ok(scores.retrieval[0]['recall@1'] === 1);
  }
  await assert.rejects(
    scoreTreeOfItems(await pointsOfVectors(at('w.csv'))),
    /no column that puts its classes into groups/,
  );
});
