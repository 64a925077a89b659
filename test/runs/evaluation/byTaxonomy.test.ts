import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { termTree } from '../../../src/hierarchy/index.js';
import { writeNpy } from '../../../src/io/npy.js';
import { randomStream } from '../../../src/random.js';
import { type Collection, openCollection } from '../../../src/runs/collection.js';
import { taxonomyJudge } from '../../../src/runs/evaluation/byTaxonomy.js';
import { labelledSides } from '../../../src/runs/sides.js';
import { temporaryFolder } from '../../images/support.js';

const taxonomy = termTree(
  [
    ['root', 'x'],
    ['root', 'y'],
    ['x', 'a'],
    ['x', 'b'],
    ['y', 'c'],
  ],
  'test',
  ['group'],
);
const groupOf = (label: string) => (label === 'c' ? 'y' : 'x');

/** Items of these classes as random points. */
function randomItems(labels: readonly string[]) {
  const random = randomStream(4, 'points');
  const values = Float32Array.from({ length: labels.length * 3 }, random.normal);
  const items = labels.map((label, i) => ({ id: `${i}`, path: '', label }));
  return { points: { values, dim: 3, metric: 'euclidean' as const, curvature: 0 }, items };
}

test('siblings are those of a plain search, also where a class fills every rank', async () => {
  // 300 of class a: some of them have only their own among the first 250.
  const labels = [...new Array<string>(300).fill('a'), 'b', 'b', 'c', 'c'];
  const { points, items } = randomItems(labels);
  const collection: Collection = { source: 'test', split: 'test', items };
  const judge = taxonomyJudge(collection, taxonomy, 'test');
  const { siblings } = await judge(points);
  const row = (i: number) => points.values.subarray(3 * i, 3 * i + 3);
  const gap = (i: number, j: number) => Math.hypot(...row(i).map((value, k) => value - row(j)[k]));
  const right = labels.map((own, i) => {
    const others = [...labels.keys()].filter((j) => labels[j] !== own);
    const nearest = others.reduce((best, j) => (gap(i, j) < gap(i, best) ? j : best));
    return groupOf(labels[nearest]) === groupOf(own) ? 1 : 0;
  });
  const asked = right.filter((_, i) => labels[i] !== 'c');
  assert.deepEqual(judge.levels, ['group']);
  assert.equal(siblings.group.queries, asked.length);
  assert.equal(siblings.group.value, asked.reduce<number>((sum, one) => sum + one, 0) / asked.length);
});

test('queries are searched for in the gallery alone, of vectors as of images', async () => {
  const root = temporaryFolder();
  const labels = ['t', 't', 'u', 'u', 'a', 'a', 'b', 'b', 'c', 'c'];
  const parts = labels.map((label, i) => ('tu'.includes(label) ? 'train' : i % 2 ? 'gallery' : 'query'));
  const { points } = randomItems(labels);
  writeNpy(join(root, 'v.npy'), { shape: [labels.length, 3], data: points.values });
  const lines = labels.map((label, i) => `${label},${parts[i]}`);
  writeFileSync(join(root, 'v.csv'), `label,split\n${lines.join('\n')}\n`);
  const given = { labels: join(root, 'v.csv') };
  const collection = await openCollection(join(root, 'v.npy'), { ...given, split: 'test' });
  assert.deepEqual(collection.queries, [0, 2, 4]);
  const sides = labelledSides(collection.vectors!, collection);
  assert.deepEqual(sides.labels, [0, 1, 2]);
  assert.deepEqual(sides.gallery!.labels, [0, 1, 2]);
  const { siblings, ahp } = await taxonomyJudge(
    collection,
    taxonomy,
    'test',
  )({
    ...collection.vectors!,
    ...{ metric: 'euclidean', curvature: 0 },
  });
  assert.equal(siblings.group.queries, 2);
  assert.ok(ahp > 0 && ahp <= 1);
  assert.equal((await openCollection(join(root, 'v.npy'), { ...given, split: 'train' })).queries, undefined);
});
