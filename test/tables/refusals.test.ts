/** What is refused leaves nothing behind, and what is known of an item is not lost when it is indexed again. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTable, openTable } from '../../src/engines/open.js';
import { DataError, type HierError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { fitSpace } from '../../src/store/space.js';
import { type IndexTableOptions, indexTable } from '../../src/tables/index.js';
import { searchTable } from '../../src/tables/search.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from '../store/support.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const dim = 8;
const values = clustered({ rows: 30, dim });

function npy(name: string, data: Float32Array, width = dim): string {
  writeNpy(at(name), { shape: [data.length / width, width], data });
  return at(name);
}

const itemsOf = async (table: string, ids: string[]) => {
  const store = await openTable(at(table));
  const found = await store.get(ids);
  await store.close();
  return found;
};

describe('a first write that is refused', () => {
  const bad = values.slice();
  bad[17 * dim + 3] = 40; // outside the ball
  for (const engine of ['flat', 'lance'] as const)
    it(`leaves nothing, and the same command works when the vectors are mended (${engine})`, async () => {
      const out = at(`first-${engine}`);
      const options = { out, curvature: 0.1, map: false, batch: 10, how: { engine } };
      await assert.rejects(indexTable({ ...options, source: npy('bad.npy', bad) }), (error: HierError) => {
        assert.ok(error instanceof DataError);
        return true;
      });
      assert.equal(existsSync(out), false);
      assert.equal((await indexTable({ ...options, source: npy('bad.npy', values) })).rows, 30);
      const far = values.slice();
      far.fill(0, 0, dim);
      far[0] = 3.1622;
      await assert.rejects(
        indexTable({ ...options, source: npy('far.npy', far) }),
        (error: Error) => error instanceof DataError && /The item "0"/.test(error.message),
      );
      assert.equal((await itemsOf(`first-${engine}`, ['0']))[0].vector[0], values[0]);
    });

  it('leaves nothing when the table was made and the write failed, and no table where numbers cannot be kept', async () => {
    const out = at('failing');
    const source = npy('failing.npy', values);
    const full: Partial<IndexTableOptions> = {
      progress: () => () => {
        throw new DataError('stopped by the test');
      },
    };
    await assert.rejects(indexTable({ source, out, map: false, ...full }), /stopped by the test/);
    assert.equal((await indexTable({ source, out, map: false })).rows, 30); // whole batches stay
    const nan = fitSpace({ vectors: Float32Array.of(Number.NaN, 1), dim: 2, metric: 'euclidean' });
    await assert.rejects(createTable(at('nan'), { space: nan }), /NaN or numbers too large/);
    assert.equal(existsSync(at('nan')), false);
  });
});

describe('indexing again', () => {
  const source = npy('again.npy', values);
  const list = (name: string, rows: object[]) => {
    writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return at(name);
  };
  const full = Array.from({ length: 30 }, (_, i) => ({
    id: `v${i}`,
    label: `c${i % 3}`,
    node: i % 2 ? 'odd' : 'even',
    price: i + 0.5,
    x: 0.1,
    y: 0.2,
  }));

  it('keeps what its source does not speak of, and says what it takes away', async () => {
    writeFileSync(at('again.json'), '{"nodes": [{"id": "odd"}, {"id": "even"}]}');
    const options = { source, out: at('again'), curvature: 0.1, map: false };
    await indexTable({ ...options, items: list('full.jsonl', full), tree: at('again.json') });
    const [before] = await itemsOf('again', ['v3']);
    assert.deepEqual([before.node, before.metadata], ['odd', { price: 3.5 }]);

    const ids = list(
      'ids.jsonl',
      full.map(({ id }) => ({ id })),
    );
    const again = await indexTable({ ...options, items: ids });
    assert.deepEqual([again.unchanged, again.notes], [30, []]);
    assert.deepEqual(await itemsOf('again', ['v3']), [before]);

    const moved = values.slice();
    moved.set(rowOf(values, dim, 4), 3 * dim);
    assert.equal((await indexTable({ ...options, source: npy('moved.npy', moved), items: ids })).replaced, 1);
    const [after] = await itemsOf('again', ['v3']);
    assert.deepEqual(after.vector, rowOf(values, dim, 4));
    assert.deepEqual(
      [after.label, after.node, after.place, after.metadata],
      [before.label, before.node, before.place, before.metadata],
    );

    const less = list(
      'less.jsonl',
      full.map(({ id, label }, i) => ({ id, label: i < 2 ? null : label })),
    );
    const lost = await indexTable({ ...options, items: less });
    assert.match(
      lost.notes.join(),
      /Taken away from items, since .*again\.npy has none for them: class \(2\)/,
    );
  });
});

describe('names that JavaScript objects have', () => {
  it('are columns, classes, ids and nodes like any others', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', 'item'];
    const source = npy('names.npy', values.slice(0, names.length * dim));
    const rows = names.map((name, i) =>
      i % 2
        ? { id: name, label: name }
        : { id: name, label: name, node: name, constructor: name, toString: i },
    );
    writeFileSync(at('names.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeFileSync(at('names.json'), JSON.stringify({ leaves: names, nodes: names.map((id) => ({ id })) }));
    for (const engine of ['flat', 'lance'] as const) {
      const out = at(`names-${engine}`);
      await indexTable({
        ...{ source, out, map: false, how: { engine } },
        ...{ items: at('names.jsonl'), tree: at('names.json') },
      });
      const [first, second, , , proto] = await itemsOf(`names-${engine}`, names);
      assert.deepEqual(
        [first.metadata, second.metadata, proto.id, proto.label, proto.node, second.node],
        [
          { constructor: 'constructor', toString: 0 },
          { constructor: null, toString: null },
          ...['__proto__', '__proto__', '__proto__', 'toString'],
        ],
      );
      const { answers } = await searchTable({
        table: out,
        queries: ['constructor'],
        within: '__proto__',
        group: true,
      });
      assert.deepEqual(
        answers[0].results.map(({ id }) => id),
        ['__proto__'],
      );
      await assert.rejects(
        searchTable({ table: out, queries: ['item'], filter: { metadata: { valueOf: ['x'] } } }),
        /no column "valueOf"/,
      );
    }
  });

  it('are no facts of an item that lacks them', async () => {
    const vectors = values.slice(0, 2 * dim);
    const space = fitSpace({ vectors, dim, metric: 'cosine' });
    for (const engine of ['flat', 'lance'] as const) {
      const store = await createTable(
        at(`own-${engine}`),
        { space, metadata: ['constructor', 'valueOf'] },
        { engine },
      );
      await store.write([item('a', rowOf(vectors, dim, 0)), item('constructor', rowOf(vectors, dim, 1))]);
      const found = await store.get(['a', 'constructor']);
      assert.deepEqual(
        found.map(({ metadata }) => metadata),
        [
          { constructor: null, valueOf: null },
          { constructor: null, valueOf: null },
        ],
      );
      assert.equal(await store.count({ metadata: { constructor: ['x'] } }), 0);
      await store.close();
    }
  });
});

describe('a table of one row', () => {
  it('says that there is nothing else when it is asked for what is near it', async () => {
    await indexTable({ source: npy('one.npy', values.slice(0, dim)), out: at('one'), map: false });
    const { answers, filtered } = await searchTable({ table: at('one'), queries: ['0'] });
    assert.deepEqual([answers[0].results, filtered], [[], false]);
  });
});

describe('vectors that carry nothing', () => {
  it('are told of', async () => {
    const notes = async (name: string, data: Float32Array, metric: 'euclidean' | 'cosine' = 'euclidean') => {
      rmSync(at(name), { recursive: true, force: true });
      return (
        await indexTable({ source: npy(`${name}.npy`, data), out: at(name), metric, map: false, tree: false })
      ).notes;
    };
    assert.match((await notes('zero', new Float32Array(4 * dim), 'cosine'))[0], /all 4 rows are zero/);
    assert.match((await notes('equal', new Float32Array(4 * dim).fill(2)))[0], /all 4 rows are equal/);
    assert.match(
      (
        await notes(
          'large',
          values.map((value) => value * 1e30),
        )
      )[0],
      /numbers beyond .* cannot be told apart/,
    );
    assert.deepEqual(await notes('usual', values), []);
  });
});
