/** A killed indexing leaves a table that can be searched and completed. What indexing does is in indexTable.test.ts. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTable, openTable } from '../../src/engines/open.js';
import { DataError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { randomStream } from '../../src/random.js';
import { hashOfParts, indexItems } from '../../src/store/indexItems.js';
import { fitSpace } from '../../src/store/space.js';
import type { Item } from '../../src/store/store.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from './support.js';

const root = temporaryFolder();
const child = fileURLToPath(new URL('indexChild.js', import.meta.url));
const dim = 8;
const BATCH = 25; // as in indexChild.ts

/** Runs the child; `onLine` sees every line it prints. Gives the last line and the signal that ended it. */
function run(
  words: string[],
  onLine: (line: string, child: ChildProcess) => void = () => undefined,
): Promise<{ last: string; signal: NodeJS.Signals | null }> {
  const running = spawn(process.execPath, [child, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  running.stdout.on('data', (text: Buffer) => {
    for (const line of text.toString().trim().split('\n')) onLine((last = line), running);
  });
  return new Promise((resolve) => running.on('close', (_, signal) => resolve({ last, signal })));
}

describe('indexItems', () => {
  for (const engine of ['flat', 'lance'])
    it(`loses nothing that was acknowledged, and doubles nothing, killed time after time (${engine})`, async () => {
      const rows = 600;
      const values = clustered({ rows, dim, seed: 4 });
      const [source, out] = [join(root, 'vectors.npy'), join(root, `table-${engine}`)];
      writeNpy(source, { shape: [rows, dim], data: values });
      const random = randomStream(1, 'kills');
      let before = 0;
      for (let round = 0; round < 4; round++) {
        let killing = false;
        const { last, signal } = await run([source, out, engine], (line, running) => {
          if (killing || Number(line) <= before) return; // the rows of earlier rounds are only compared
          killing = true;
          setTimeout(() => running.kill('SIGKILL'), random.integer(30)); // within a write, not between two
        });
        assert.equal(signal, 'SIGKILL');
        const store = await openTable(out);
        const count = await store.count();
        assert.ok(count >= Number(last) && count > before, `${count} rows, ${last} acknowledged`);
        assert.equal(count % BATCH, 0);
        const [nearest] = await store.search(rowOf(values, dim, 0), { k: 1 });
        assert.deepEqual([nearest.id, nearest.distance], ['0', 0]);
        await store.close();
        before = count;
      }
      const { last } = await run([source, out, engine]);
      assert.deepEqual(JSON.parse(last), {
        added: rows - before,
        replaced: 0,
        unchanged: before,
        skipped: 0,
        removed: 0,
      });
      const store = await openTable(out);
      const ids = new Set<string>();
      for await (const batch of store.scan()) for (const { id } of batch) ids.add(id);
      assert.deepEqual([ids.size, await store.count()], [rows, rows]);
      await store.close();
    });

  it('keeps the vector and the thumbnail of an item whose facts alone have changed', async () => {
    const values = clustered({ rows: 4, dim, seed: 6 });
    const space = fitSpace({ vectors: values, dim, metric: 'hyperbolic' });
    const store = await createTable(join(root, 'facts'), { space, thumbnail: 8 });
    const planned = (change: Record<string, object> = {}) =>
      ['a', 'b', 'c', 'd'].map((id, i) =>
        item(id, rowOf(values, dim, i), { hash: `${id}.1`, thumbnail: Uint8Array.of(i), ...change[id] }),
      );
    const made: string[] = [];
    const index = (items: Item[]) =>
      indexItems({
        items,
        store,
        create: async () => assert.fail('there is a table'),
        make: async (batch) => {
          made.push(...batch.map(({ id }) => id));
          return batch.map((one, i) => ({ ...one, vector: rowOf(values, dim, i), thumbnail: null }));
        },
      });
    await index(planned());
    made.length = 0;
    await store.write(planned());
    const { counts } = await index(
      planned({ a: { hash: 'a.2', node: 'n' }, b: { hash: 'other.1' }, c: { hash: 'plain' } }),
    );
    assert.deepEqual([counts.replaced, counts.unchanged], [3, 1]);
    assert.deepEqual(made, ['b', 'c']);
    const [a] = await store.get(['a']);
    assert.deepEqual(
      [a.node, a.hash, a.vector, a.thumbnail],
      ['n', 'a.2', rowOf(values, dim, 0), Uint8Array.of(0)],
    );
    await store.close();
  });

  it('refuses an id that is listed twice before it makes anything', async () => {
    const fail = async (): Promise<never> => assert.fail('nothing is to be made');
    const items = [item('a', new Float32Array(dim)), item('a', new Float32Array(dim))];
    await assert.rejects(indexItems({ items, store: null, create: fail, make: fail }), DataError);
  });
});

describe('hashOfParts', () => {
  it('tells apart parts that run into the same text', () => {
    const hashes = [
      hashOfParts('ab', 'c'),
      hashOfParts('a', 'bc'),
      hashOfParts('abc'),
      hashOfParts('abc', ''),
    ];
    assert.equal(new Set(hashes).size, 4);
    assert.equal(hashOfParts('ab', 'c'), hashOfParts(Buffer.from('ab'), 'c'));
  });
});
