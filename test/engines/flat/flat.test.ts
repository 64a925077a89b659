/** The contract on a table of plain files, and what only such a table does: kills at any moment, readers, tidying up. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addColumns, createTable, growthNote, openTable } from '../../../src/engines/open.js';
import { DataError, UsageError } from '../../../src/errors.js';
import { fitSpace } from '../../../src/store/space.js';
import type { Store } from '../../../src/store/store.js';
import { temporaryFolder } from '../../images/support.js';
import { testStore } from '../../store/contract.js';
import { clustered, item, rowOf } from '../../store/support.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);

testStore(
  'a table of plain files in a folder',
  (name, options) => createTable(at(name), options),
  (name) => openTable(at(name)),
  (name, columns) => addColumns(at(name), columns),
);

const [rows, dim] = [400, 8];
const vectors = clustered({ rows, dim });
const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
const items = Array.from({ length: rows }, (_, i) =>
  item(`i${i}`, rowOf(vectors, dim, i), { thumbnail: i % 3 ? Uint8Array.of(i % 256, 7) : null }),
);
const partsOf = (name: string) => readdirSync(join(at(name), 'parts'));
const idsOf = async (store: Store) => (await store.list({ limit: 1000 })).map(({ id }) => id);

describe('a writer of a table of plain files that is killed', () => {
  const child = fileURLToPath(new URL('./killedWriter.js', import.meta.url));
  /** Has a process replace item 0 and add another, killed at its n-th call of the file system; whether it was. */
  const killedAt = (table: string, call: number) => {
    const { signal, status, stderr } = spawnSync(process.execPath, [child, table, String(call)]);
    assert.ok(signal === 'SIGKILL' || status === 0, String(stderr));
    return signal === 'SIGKILL';
  };

  it('leaves all of its write or none, at whatever call, and the next writer is not held up', async () => {
    const store = await createTable(at('killed'), { space });
    await store.write(items.slice(0, 3));
    let [before, after] = [0, 0];
    for (let call = 1; ; call++) {
      const wasKilled = killedAt(at('killed'), call);
      const labels = (await store.get(['i0', 'added'])).map(({ label }) => label);
      assert.ok(
        JSON.stringify(labels) === '[null]' || JSON.stringify(labels) === '["killed","killed"]',
        `after a kill at call ${call}: ${labels}`,
      );
      if (labels.length === 1) before++;
      else after++;
      assert.equal(await store.count(), labels.length + 2);
      const fresh = await openTable(at('killed'));
      await fresh.write([items[0]]);
      await fresh.remove(['added']);
      await fresh.close();
      assert.deepEqual(await idsOf(store), ['i0', 'i1', 'i2']);
      if (!wasKilled) break;
    }
    assert.ok(before > 5 && after > 1, `${before} kills left none of the write, ${after} all of it`);
    await store.close();
  });
});

describe('readers of a table of plain files', () => {
  it('see at once what others write, and leave nothing in the folder', async () => {
    const writer = await createTable(at('read'), { space });
    await writer.write(items.slice(0, 100), { allNew: true });
    const reader = await openTable(at('read'));
    const [found] = await reader.search(items[5].vector, { k: 1 });
    assert.equal(found.id, 'i5');
    await writer.write(items.slice(100, 200), { allNew: true });
    await writer.write([item('i5', items[300].vector)]);
    const before = statSync(at('read')).mtimeMs;
    assert.equal(await reader.count(), 200);
    assert.equal((await reader.search(items[300].vector, { k: 1 }))[0].id, 'i5');
    assert.deepEqual(await reader.vector('i5'), items[300].vector);
    await reader.close();
    assert.equal(statSync(at('read')).mtimeMs, before);
    assert.deepEqual(readdirSync(at('read')).sort(), ['parts', 'table.json']);
    await writer.close();
  });

  it('keep to one state from the beginning of a search or a scan to its end', async () => {
    const store = await createTable(at('state'), { space });
    await store.write(items, { allNew: true });
    const scanned: string[] = [];
    const scan = store.scan({ vectors: true })[Symbol.asyncIterator]();
    const first = await scan.next();
    const searching = store.search(items[0].vector, { k: rows });
    await store.remove(items.slice(1).map(({ id }) => id));
    await store.maintain();
    assert.equal((await searching).length, rows);
    for (let one = first; !one.done; one = await scan.next())
      for (const { id } of one.value) scanned.push(id);
    assert.equal(scanned.length, rows);
    assert.deepEqual(await idsOf(store), ['i0']);
    await store.close();
  });

  it('are told that the table is gone', async () => {
    const store = await createTable(at('gone'), { space });
    await store.write(items);
    const { rmSync } = await import('node:fs');
    rmSync(at('gone'), { recursive: true });
    await assert.rejects(store.count(), /is no longer there/);
  });
});

describe('maintenance of a table of plain files', () => {
  it('merges many small parts, leaves out what no longer counts, and changes nothing that can be asked', async () => {
    const store = await createTable(at('tidied'), { space });
    const reader = await openTable(at('tidied'));
    for (let i = 0; i < 100; i++) await store.write(items.slice(4 * i, 4 * i + 4));
    await store.write(items.slice(0, 10).map((one) => ({ ...one, label: 'again' })));
    await store.remove(['i20', 'i21']);
    const ids = await idsOf(reader);
    const expected = await reader.get(ids);
    const version = await reader.version();
    assert.ok(partsOf('tidied').length > 100);
    await store.maintain();
    assert.equal(partsOf('tidied').length, 1);
    assert.deepEqual(await reader.get(ids), expected);
    assert.deepEqual(await store.get(ids), expected);
    assert.equal(await reader.version(), version);
    await store.write([items[20]]);
    assert.equal(await reader.count(), ids.length + 1);
    await store.remove(ids.slice(0, 300));
    await store.maintain();
    assert.deepEqual(await idsOf(reader), [...ids.slice(300), 'i20'].sort());
    assert.equal(partsOf('tidied').length, 1);
    await Promise.all([store.close(), reader.close()]);
  });

  it('refuses a graph, and says where there may be one', async () => {
    const store = await createTable(at('graph'), { space });
    await assert.rejects(store.maintain({ hnsw: true }), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /--hnsw into a new table: LanceDB/);
      return true;
    });
    await store.close();
  });
});

describe('a table of plain files that is damaged', () => {
  const tableWith = async (name: string) => {
    const store = await createTable(at(name), { space });
    await store.write(items);
    await store.close();
    return join(at(name), 'parts', partsOf(name)[0]);
  };
  const refusal = async (name: string, message: RegExp) =>
    assert.rejects(
      async () => (await openTable(at(name))).count(),
      (error: Error) => {
        assert.ok(error instanceof DataError, error.stack);
        assert.match(error.message, message);
        return true;
      },
    );

  it('is refused by the name of the file: cut short, of another kind, of a later version', async () => {
    const part = await tableWith('cut');
    truncateSync(part, statSync(part).size - 1);
    await refusal('cut', /parts.*is damaged.*Index the items again/);
    truncateSync(part, 20);
    await refusal('cut', /parts.*is damaged/);
    writeFileSync(part, 'something else, and long enough');
    await refusal('cut', /parts.*is damaged/);
    const state = join(at('cut'), 'table.json');
    writeFileSync(state, readFileSync(state, 'utf8').replace('"version":1', '"version":7'));
    await refusal('cut', /flat table of format 7; this version of hier reads format 1/);
    writeFileSync(state, '{"format":');
    await refusal('cut', /table\.json of the table .* is damaged/);
  });
});

describe('the engine of a new table', () => {
  it('is plain files, LanceDB for more rows than are searched exactly, and stays what it was', async () => {
    const made = async (name: string, how: object) => {
      const store = await createTable(at(name), { space }, how);
      await store.close();
      const again = await openTable(at(name));
      await again.close();
      assert.equal(again.engine, store.engine);
      return store.engine;
    };
    assert.equal(await made('small', { rows: 100_000 }), 'flat');
    assert.equal(await made('large', { rows: 100_001 }), 'lance');
    assert.equal(await made('larger', { rows: 50, exactRows: 40 }), 'lance');
    assert.equal(await made('told', { rows: 1e6, engine: 'flat' }), 'flat');
    await assert.rejects(createTable(at('small'), { space }, { engine: 'lance' }), /There is a table/);
    await assert.rejects(createTable(at('large'), { space }), /There is a table/);
  });

  it('is explained where an exact search takes long', () => {
    assert.equal(growthNote({ engine: 'flat' }, 100_000), null);
    assert.equal(growthNote({ engine: 'lance' }, 1e6), null);
    assert.match(
      growthNote({ engine: 'flat' }, 100_001)!,
      /100,001 rows.*npm install @lancedb\/lancedb apache-arrow/,
    );
  });
});
