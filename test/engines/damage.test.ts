/** Damage to a table's own files is never used: whatever byte is flipped, answers are right or refused in words. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTable, openTable } from '../../src/engines/open.js';
import { DataError, HierError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { keepMap, mapOf } from '../../src/store/map.js';
import { treeOf } from '../../src/store/query.js';
import { fitSpace } from '../../src/store/space.js';
import type { Store } from '../../src/store/store.js';
import { keepText } from '../../src/store/textFiles.js';
import { treeText } from '../../src/store/tree.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from '../store/support.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const [rows, dim] = [24, 8];
const vectors = clustered({ rows, dim });
const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
const items = Array.from({ length: rows }, (_, i) =>
  item(`i${i}`, rowOf(vectors, dim, i), {
    label: `class ${i % 3}`,
    node: `n${i % 2}`,
    path: `/photos/${i}.jpg`,
    place: i % 2 ? [i / rows, 0.25] : null,
    metadata: { price: i / 4, shop: i % 3 ? 'north' : null },
    thumbnail: i % 5 ? Uint8Array.from([1, 2, i]) : null,
  }),
);
const ids = items.map(({ id }) => id);
const node = (id: string, parent: string | null) => ({ id, parent, name: `node ${id}`, place: null });

/** Everything that a table is asked for. */
async function answers(store: Store) {
  const { metadata, space: own } = store.manifest;
  const hits = await store.search(rowOf(vectors, dim, 3), { k: 5 });
  const scanned: unknown[] = [];
  for await (const batch of store.scan({ vectors: true })) scanned.push(...batch.map((one) => ({ ...one })));
  return {
    metadata,
    own,
    hits,
    scanned,
    items: await store.get(ids),
    north: await store.count({ metadata: { shop: ['north'] } }),
    tree: [...((await treeOf(store)) ?? [])],
    map: await mapOf(store),
  };
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 0 && !/_transactions|hint\.json/.test(path)) // read by nobody
    .sort();

for (const [engine, trials] of [
  ['flat', 60],
  ['lance', 20],
] as const)
  describe(`a damaged table kept by ${engine}`, () => {
    it('answers rightly or says what is wrong, whatever byte is flipped and wherever a file is cut', async () => {
      const made = await createTable(
        at(engine),
        { space, metadata: ['price', 'shop'], types: { price: 'number' } },
        { engine },
      );
      await made.write(items);
      const tree = new Map(
        [node('top', null), node('n0', 'top'), node('n1', 'top')].map((one) => [one.id, one]),
      );
      await keepText(made, 'tree', treeText(tree));
      await keepMap(made, { key: 'k', ids, places: new Float32Array(2 * rows).fill(0.5), epochs: [] });
      const right = await answers(made);
      assert.deepEqual(right.items[5].metadata, { price: 1.25, shop: 'north' });
      await made.close();
      const random = randomStream(7, 'flips');
      let refused = 0;
      for (let trial = 0; trial < trials; trial++) {
        const copy = at(`${engine}-copy`);
        rmSync(copy, { recursive: true, force: true });
        cpSync(at(engine), copy, { recursive: true });
        const paths = filesBelow(copy);
        const path = paths[trial % paths.length];
        const bytes = readFileSync(path);
        const place = random.integer(bytes.length);
        bytes[place] ^= 1 << random.integer(8);
        writeFileSync(path, trial % 4 === 3 ? bytes.subarray(0, place) : bytes);
        const where = `${path}, byte ${place}`;
        try {
          const store = await openTable(copy);
          try {
            assert.deepEqual(await answers(store), right, where);
          } finally {
            await store.close();
          }
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(error instanceof HierError, `${where}: ${(error as Error).stack}`);
          assert.doesNotMatch(error.message, /\.rs:|napi|lance error/i, where);
          if (error instanceof DataError) refused++;
        }
      }
      assert.ok(refused > trials / 8, `only ${refused} were refused`);
    });
  });
