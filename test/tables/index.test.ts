/** Indexing files of vectors: what is written, what is left alone, and what is refused. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { admitWriter, openTable, tableExists } from '../../src/engines/open.js';
import { DataError, type HierError, UsageError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { csvText } from '../../src/io/writeRows.js';
import { treeOf } from '../../src/store/query.js';
import { type IndexTableOptions, indexTable } from '../../src/tables/index.js';
import { mapTableAt } from '../../src/tables/upkeep.js';
import { noise, temporaryFolder, writePng } from '../images/support.js';
import { clustered, rowOf } from '../store/support.js';

const root = temporaryFolder();
const dim = 8;
const at = (name: string) => join(root, name);

function npy(name: string, values: Float32Array): string {
  writeNpy(at(name), { shape: [values.length / dim, dim], data: values });
  return at(name);
}

async function counts(options: IndexTableOptions): Promise<number[]> {
  const { rows, added, replaced, unchanged, removed, skipped } = await indexTable(options);
  return [rows, added, replaced, unchanged, removed, skipped];
}

describe('indexing vectors', () => {
  const values = clustered({ rows: 60, dim });
  const table = (rows: number, change: Record<number, object> = {}) => {
    const list = Array.from({ length: rows }, (_, i) => ({
      id: `v${i}`,
      label: `c${i % 3}`,
      path: i === 0 ? 'picture.png' : '',
      shop: i % 2 ? 'north' : '',
      ...change[i],
    }));
    writeFileSync(at(`items-${rows}.csv`), csvText(list));
    return at(`items-${rows}.csv`);
  };

  it('writes facts and thumbnails; again does nothing; changes, additions and removals are carried out', async () => {
    await writePng(at('picture.png'), noise(200, 100));
    const source = npy('first.npy', values.subarray(0, 40 * dim));
    const options = { source, out: at('facts'), curvature: 0.1, thumbnail: 32 };
    assert.deepEqual(await counts({ ...options, items: table(40) }), [40, 40, 0, 0, 0, 0]);
    assert.deepEqual(await counts({ ...options, items: table(40) }), [40, 0, 0, 40, 0, 0]);
    const store = await openTable(at('facts'));
    const [first, second] = await store.get(['v0', 'v1']);
    assert.deepEqual([first.label, first.path, first.metadata], ['c0', at('picture.png'), { shop: null }]);
    assert.deepEqual([second.metadata, second.thumbnail], [{ shop: 'north' }, null]);
    assert.equal(Buffer.from(first.thumbnail!.subarray(8, 12)).toString(), 'WEBP');
    assert.deepEqual(second.vector, rowOf(values, dim, 1));
    await store.close();

    const changed = table(40, { 3: { label: 'c9' }, 5: { id: 'other' } });
    assert.deepEqual(await counts({ ...options, items: changed }), [41, 1, 1, 38, 0, 0]);
    assert.deepEqual(await counts({ ...options, items: changed, prune: true }), [40, 0, 0, 40, 1, 0]);
    const moved = npy('moved.npy', values.subarray(20 * dim, 60 * dim));
    assert.deepEqual(await counts({ ...options, source: moved, items: changed }), [40, 0, 40, 0, 0, 0]);
  });

  it('makes an index that is due though nothing has changed: the call before it may have been killed', async () => {
    const options = { source: npy('many.npy', clustered({ rows: 2100, dim })), out: at('many'), map: false };
    const how = { engine: 'lance' } as const;
    assert.deepEqual((await indexTable({ ...options, how })).index, {
      kind: null,
      rows: 0,
      probes: null,
      hnsw: null,
    });
    const { unchanged, index } = await indexTable({ ...options, how: { exactRows: 2000 } });
    assert.deepEqual([unchanged, index.kind, index.rows], [2100, 'ivf-rq', 2100]);
  });

  it('takes the curvature and the items that hier embed writes', async () => {
    const path = at('embedded.safetensors');
    const data = { shape: [60, dim], data: values };
    writeSafetensors(path, [['embeddings', data]], {
      metadata: { model: JSON.stringify({ curvature: 0.2 }) },
    });
    writeFileSync(
      `${path}.items.jsonl`,
      Array.from({ length: 60 }, (_, i) => `{"id":"e${i}","path":"/x/${i}.png","label":null}\n`).join(''),
    );
    const result = await indexTable({ source: path, out: at('embedded'), thumbnail: 0 });
    assert.deepEqual([result.metric, result.curvature, result.rows], ['hyperbolic', 0.2, 60]);
    const store = await openTable(at('embedded'));
    assert.equal((await store.search(rowOf(values, dim, 7), { k: 1 }))[0].id, 'e7');
    await store.close();
  });

  it('hangs items from a tree', async () => {
    const source = npy('tree.npy', values);
    writeFileSync(at('tree.json'), '{"nodes": [{"id": 1}, {"id": 2, "parent": 1, "name": "two"}]}');
    writeFileSync(at('nodes.csv'), 'id,node,x,y\n0,2,0.5,-0.25\n1,1,,\n');
    const options = {
      source,
      out: at('tree'),
      curvature: 0.1,
      tree: at('tree.json'),
      nodes: at('nodes.csv'),
    };
    await indexTable(options);
    const store = await openTable(at('tree'));
    const [zero, one, two] = await store.get(['0', '1', '2']);
    assert.deepEqual(
      [zero.node, zero.place, one.node, one.place, two.node],
      ['2', [0.5, -0.25], '1', null, null],
    );
    assert.equal((await treeOf(store))?.get('2')?.name, 'two');
    await store.close();
  });

  it('hangs vectors from a tree of their own, which stays where the table holds more than the source', async () => {
    const source = npy('treed.npy', clustered({ rows: 30, dim }));
    const part = npy('part.npy', clustered({ rows: 12, dim, seed: 5 }));
    const out = at('treed');
    const named = (name: string, count: number, from: number, more: object = {}) => {
      const list = Array.from({ length: count }, (_, i) => ({
        id: `v${from + i}`,
        title: `Oat ${i}`,
        ...more,
      }));
      writeFileSync(at(name), csvText(list));
      return at(name);
    };
    const first = { source, items: named('treed.csv', 30, 0), out, map: false };
    const nodes = async () => {
      const store = await openTable(out);
      const tree = await treeOf(store);
      const hung = (await store.list({ limit: 99 })).map(({ node }) => node);
      await store.close();
      assert.ok(hung.every((node) => node === null || tree?.has(node)));
      return hung.filter((node) => node !== null).length;
    };
    const made = await indexTable(first);
    assert.deepEqual([made.tree, await nodes()], ['own', 30]);
    assert.match(made.notes.join(), /The tree is /);
    const again = await indexTable(first);
    assert.deepEqual([again.tree, again.unchanged, await nodes()], ['own', 30, 30]);
    const more = await indexTable({ source: part, items: named('part.csv', 12, 25), out, map: false });
    assert.deepEqual([more.tree, more.added, more.replaced, await nodes()], [null, 7, 5, 30]);
    assert.match(more.notes.join(), /The tree of the table stays as it was.*part\.npy has not/);
    for (const without of [
      { tree: false as const },
      { items: named('noded.csv', 30, 0, { node: 'mine' }) },
    ]) {
      const { tree } = await indexTable({ ...first, ...without, out: at(`without-${Object.keys(without)}`) });
      assert.equal(tree, null);
    }
  });

  it('takes what it has when a tree is added: the picture is not read again', async () => {
    const source = npy('later.npy', values.subarray(0, 2 * dim));
    const picture = await writePng(at('later.png'), noise(40, 40));
    writeFileSync(at('later.csv'), 'id,path\na,later.png\nb,\n');
    const options = { source, out: at('later'), curvature: 0.1, items: at('later.csv') };
    await indexTable({ ...options, tree: false });
    const before = await openTable(at('later'));
    const [{ thumbnail }] = await before.get(['a']);
    await before.close();
    rmSync(picture);
    writeFileSync(at('later.json'), '{"nodes": [{"id": "top"}]}');
    writeFileSync(at('hung.csv'), 'id,node\na,top\n');
    const again = await indexTable({ ...options, tree: at('later.json'), nodes: at('hung.csv') });
    assert.deepEqual([again.replaced, again.unchanged], [1, 1]);
    const store = await openTable(at('later'));
    const [a] = await store.get(['a']);
    assert.deepEqual([a.node, a.thumbnail, a.vector], ['top', thumbnail, rowOf(values, dim, 0)]);
    await store.close();
  });

  it('adds columns that are new to a table, keeps those that a list no longer has, and refuses another type', async () => {
    const source = npy('columns.npy', values.subarray(0, 3 * dim));
    const list = (name: string, lines: readonly string[]) => {
      writeFileSync(at(name), lines.join('\n'));
      return { source, out: at('columns'), curvature: 0.1, items: at(name) };
    };
    const rowsNow = async () => {
      const store = await openTable(at('columns'));
      const rows = (await store.list({ limit: 9 })).map(({ metadata }) => metadata);
      await store.close();
      return rows;
    };
    await indexTable(list('a.csv', ['id,price,brand', 'a,5,acme', 'b,7,zenith', 'c,9,']));
    const wider = list('b.csv', ['id,stock,price,note', 'a,3,5,new', 'b,,7,', 'c,1,9,']);
    const added = await indexTable(wider);
    assert.deepEqual([added.replaced, added.unchanged], [3, 0]);
    assert.match(added.notes.join('\n'), /has the column "brand" that the source has not: .* kept/);
    assert.match(added.notes.join('\n'), /Added to the table .*: the columns "stock", "note"\./);
    assert.deepEqual(await rowsNow(), [
      { price: 5, brand: 'acme', stock: 3, note: 'new' },
      { price: 7, brand: 'zenith', stock: null, note: null },
      { price: 9, brand: null, stock: 1, note: null },
    ]);
    assert.deepEqual(await counts(wider), [3, 0, 0, 3, 0, 0]);
    const refusals: [string, RegExp][] = [
      ['stock', /"stock" holds numbers in the table, and none of its 2 values here is a number/],
      ['Price', /has a column "price", and no other may be called "Price"/],
    ];
    for (const [column, message] of refusals)
      await assert.rejects(
        indexTable(list('c.csv', [`id,${column}`, 'a,many', 'b,few', 'c,'])),
        (error: Error) => error instanceof DataError && message.test(error.message),
      );
    assert.equal((await rowsNow())[0].stock, 3);
  });

  it('makes the map unless told otherwise, and again only when items have changed', async () => {
    const options = { source: npy('mapped.npy', values), out: at('mapped'), curvature: 0.1 };
    const maps = async (more: Partial<IndexTableOptions>) => (await indexTable({ ...options, ...more })).map;
    assert.equal(await maps({ map: false }), null);
    assert.equal(await mapTableAt(options), 'made');
    assert.equal(await maps({}), 'kept');
    const fewer = npy('fewer.npy', values.subarray(0, 50 * dim));
    assert.equal(await maps({ source: fewer, prune: true }), 'made');
  });

  it('hangs items from the leaf of their id or class in an exported hierarchy', async () => {
    const source = npy('leaves.npy', values.subarray(0, 3 * dim));
    const nodes = [
      { id: 0, parent: 2, label: 'cats' },
      { id: 1, parent: 2, label: 'item' },
      { id: 2, parent: null, label: 'all' },
    ];
    writeFileSync(
      at('hierarchy.json'),
      JSON.stringify({ format: 'hier-tree', leaves: ['cats', 'b'], nodes }),
    );
    writeFileSync(at('leaves.csv'), 'id,label\na,cats\nb,dogs\nc,dogs\n');
    await indexTable({
      ...{ source, out: at('leaves'), curvature: 0.1 },
      ...{ tree: at('hierarchy.json'), items: at('leaves.csv') },
    });
    const store = await openTable(at('leaves'));
    assert.deepEqual(
      (await store.get(['a', 'b', 'c'])).map(({ node }) => node),
      ['0', '1', null],
    );
    assert.deepEqual((await treeOf(store))?.get('0'), { id: '0', parent: '2', name: 'cats', place: null });
    await store.close();
  });

  it('refuses what does not belong into the table', async () => {
    const source = npy('refused.npy', values);
    const options = { source, out: at('refused'), curvature: 0.1 };
    await indexTable(options);
    await assert.rejects(
      indexTable({ source, out: at('x'), metric: 'hyperbolic' }),
      /Give it with --curvature/,
    );
    const refusals: [Partial<IndexTableOptions>, RegExp, typeof HierError][] = [
      [{ curvature: 0.2 }, /hyperbolic, curvature 0\.1.*these.*curvature 0\.2/, UsageError],
      [{ metric: 'cosine' }, /hyperbolic.*cosine/, UsageError],
      [{ items: table(59) }, /60 vectors, but .* describes 59/, DataError],
      [{ images: 'x' }, /--data and --split are for runs/, UsageError],
      [{ thumbnail: 12 }, /96 pixels, not 12/, UsageError],
      [{ source: at('none.npy') }, /There is no run folder and no file/, UsageError],
    ];
    for (const [change, message, kind] of refusals)
      await assert.rejects(indexTable({ ...options, ...change }), (error: Error) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        return true;
      });
    const outside = npy('outside.npy', new Float32Array(dim).fill(3));
    await assert.rejects(
      indexTable({ ...options, source: outside, out: at('y') }),
      /not a point of the Poincaré ball/,
    );
    assert.equal(await tableExists(at('y')), false);
  });

  it('lets one writer in at a time, and readers always', async () => {
    const source = npy('locked.npy', values);
    const options = { source, out: at('locked'), curvature: 0.1 };
    await indexTable(options);
    const writer = await admitWriter(at('locked'));
    await assert.rejects(indexTable(options), /is being written by process/);
    const store = await openTable(at('locked'));
    assert.equal(await store.count(), 60);
    await store.close();
    await writer.release();
    assert.equal((await indexTable(options)).unchanged, 60);
  });

  it('stops when asked to, with what is written, and goes on', async () => {
    const source = npy('stopped.npy', values);
    const stop = new AbortController();
    const options = { source, out: at('stopped'), curvature: 0.1, batch: 25 };
    const stopped = await indexTable({ ...options, signal: stop.signal, progress: () => () => stop.abort() });
    assert.deepEqual([stopped.rows, stopped.finished], [25, false]);
    assert.deepEqual(await counts(options), [60, 35, 0, 25, 0, 0]);
  });
});
