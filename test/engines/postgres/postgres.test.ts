/** The contract on PostgreSQL with pgvector, and what only it does: its index, and the way there by `pg`. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PGlite } from '@electric-sql/pglite';
import {
  addColumns,
  admitWriter,
  createTable,
  dropTable,
  openTable,
  tableExists,
} from '../../../src/engines/open.js';
import { identifier, type SqlPool, transaction } from '../../../src/engines/postgres/sql.js';
import { HierError, UsageError } from '../../../src/errors.js';
import { fitSpace } from '../../../src/store/space.js';
import { wordsAreRight } from '../../../src/store/text/checkWords.js';
import { testStore } from '../../store/contract.js';
import { clustered, item, rowOf } from '../../store/support.js';
import { checkTexts, textItems } from '../../store/text/oracle.js';
import { poolOf, startPglite } from './pglite.js';

let db: PGlite;
let pool: SqlPool;
before(async () => {
  db = await startPglite();
  pool = poolOf(db);
});
after(() => db.close());

const uri = (table: string) => `postgres:///test?table=${table}`;

testStore(
  'a table in PostgreSQL',
  (name, options) => createTable(uri(name), options, { pool }),
  (name) => openTable(uri(name), { pool }),
  (name, columns) => addColumns(uri(name), columns, { pool }),
);

describe('tables in PostgreSQL', () => {
  const dim = 16;
  const rows = 1500;
  const vectors = clustered({ rows, dim, clusters: 100 });
  const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1, clipRadius: 2.3 });
  const items = Array.from({ length: rows }, (_, i) =>
    item(String(i), rowOf(vectors, dim, i), { label: i % 100 ? null : 'rare' }),
  );

  it('are indexed above the exact size; the index finds nearly all, and a filter leaves nothing out', async () => {
    const how = { pool, exactRows: 1000 };
    const store = await createTable(uri('indexed'), { space }, how);
    await store.write(items.slice(0, 1000));
    assert.deepEqual(await store.maintain(), { kind: null, rows: 0, probes: null, hnsw: null });
    await store.write(items.slice(1000));
    assert.deepEqual(await store.maintain(), { kind: 'hnsw', rows, probes: null, hnsw: null });
    const queries = clustered({ rows: 20, dim, clusters: 100, seed: 1 });
    let found = 0;
    for (let i = 0; i < 20; i++) {
      const query = rowOf(queries, dim, i);
      const exact = new Set((await store.search(query, { exact: true })).map(({ id }) => id));
      found += (await store.search(query)).filter(({ id }) => exact.has(id)).length;
    }
    assert.ok(found >= 0.97 * 200, `recall@10 is ${found / 200}`);
    const query = rowOf(queries, dim, 0);
    assert.equal((await store.search(query, { k: 50, filter: { labels: ['rare'] } })).length, rows / 100);
    const all = await store.search(query, { k: 2 * rows });
    assert.equal(new Set(all.map(({ id }) => id)).size, rows);
    await store.close();
  });

  it('are searched through the index, but not when it is to be exact', async () => {
    const asked: string[] = [];
    const watched: SqlPool = {
      ...pool,
      query: (text, values) => {
        asked.push(text);
        return pool.query(text, values);
      },
    };
    const store = await openTable(uri('indexed'), { pool: watched, exactRows: 1000 });
    await store.search(items[0].vector, { exact: true });
    const plan = async (text: string) => {
      const vector = `[${new Float32Array(space.width).join(',')}]`;
      const statement = text.replaceAll('$1', `'${vector}'`).replaceAll('$2', '28');
      return transaction(pool, async (client) => {
        await client.query("SELECT set_config('enable_seqscan', 'off', true)");
        const { rows: lines } = await client.query(`EXPLAIN ${statement}`);
        return lines.map((line) => line['QUERY PLAN']).join('\n');
      });
    };
    const exact = asked.find((text) => text.includes('ORDER BY'))!;
    assert.doesNotMatch(await plan(exact), /indexed_search/);
    assert.match(await plan(exact.replace(/\((.*?<->.*?)\) \+ 0/, '$1')), /Index Scan using indexed_search/);
    await store.close();
  });

  it('stay exact where rows are too wide for an index', async () => {
    const wide = new Float32Array(2100).map((_, i) => ((i * 7919) % 13) / 1000);
    const flat = fitSpace({ vectors: wide, dim: wide.length, metric: 'euclidean' });
    const store = await createTable(uri('wide'), { space: flat }, { pool, exactRows: 1 });
    await store.write(
      ['a', 'b', 'c'].map((id, k) =>
        item(
          id,
          wide.map((value) => value * (k + 1)),
        ),
      ),
    );
    assert.deepEqual(await store.maintain(), { kind: null, rows: 0, probes: null, hnsw: null });
    assert.deepEqual(
      (await store.search(wide, { k: 2 })).map(({ id }) => id),
      ['a', 'b'],
    );
    await store.close();
  });

  it('are searched by words through the index of words, also where an earlier version made them', async () => {
    const texts = textItems(
      items.slice(0, 40).map(({ vector }) => vector),
      3,
    );
    const store = await createTable(
      uri('worded'),
      { space, metadata: ['title', 'note', 'price'], types: { price: 'number' } },
      { pool },
    );
    await store.write(texts.slice(0, 30));
    const plan = await transaction(pool, async (client) => {
      await client.query("SELECT set_config('enable_seqscan', 'off', true)");
      const vector = "array_to_tsvector(string_to_array(btrim(words), ' '))";
      const { rows: lines } = await client.query(
        `EXPLAIN SELECT id FROM worded WHERE ${vector} @@ $1::tsquery`.replace('$1', `'''oat'':*'`),
      );
      return lines.map((line) => line['QUERY PLAN']).join('\n');
    });
    assert.match(plan, /Bitmap Index Scan on worded_words/);
    await pool.query('ALTER TABLE worded DROP COLUMN words');
    await store.write(texts.slice(30));
    await checkTexts(store, texts, 'without words', 5);
    await store.maintain();
    const { rows: kept } = await pool.query('SELECT count(words)::int AS n FROM worded');
    assert.equal(kept[0].n, 40);
    await checkTexts(store, texts, 'with words again');
    await store.remove(['p-3']);
    const left = texts.filter(({ id }) => id !== 'p-3');
    await checkTexts(store, left, 'changed since', 5);
    assert.equal(await wordsAreRight(store), true);
    await pool.query("UPDATE worded SET words = ' zebra ' WHERE id = 'p-4'");
    assert.equal(await wordsAreRight(store), false);
    const old =
      "INSERT INTO worded (id, hash, vector, search) SELECT 'x', hash, vector, search FROM worded LIMIT 1";
    await assert.rejects(pool.query(old), /words/); // an earlier version's rows would never be found
    await store.close();
  });

  it('live in a schema of their own when asked to, and in tables with mixed case', async () => {
    await pool.query('CREATE SCHEMA gallery');
    const store = await createTable(uri('gallery.Photos'), { space }, { pool });
    await store.write(items.slice(0, 3));
    await store.close();
    assert.equal(await tableExists(uri('gallery.Photos'), { pool }), true);
    assert.equal(await tableExists(uri('Photos'), { pool }), false);
    const { rows: found } = await pool.query('SELECT count(*)::int AS n FROM gallery."Photos"');
    assert.equal(found[0].n, 3);
  });

  it('let anybody write, and say what is wrong', async () => {
    assert.equal((await admitWriter(uri('indexed'), { pool })).alone, false);
    await assert.rejects(
      openTable(uri('missing'), { pool }),
      /There is no table postgres:.*missing.*hier index/,
    );
    await assert.rejects(createTable(uri('indexed'), { space }, { pool }), UsageError);
    const store = await openTable(uri('indexed'), { pool });
    await assert.rejects(store.write([item('a\0b', items[0].vector)]), /character NUL/);
    assert.equal(await store.count(), rows);
    await store.close();
    const refusing: SqlPool = { ...pool, query: () => Promise.reject(new Error('connection refused')) };
    await assert.rejects(tableExists(uri('indexed'), { pool: refusing }), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(error.message, /The database answers: connection refused/);
      return true;
    });
    const old: SqlPool = { ...pool, query: async () => ({ rows: [{ there: true, version: '0.7.4' }] }) };
    await assert.rejects(openTable(uri('indexed'), { pool: old }), /pgvector 0\.7\.4.*0\.8 or later/);
  });
});

describe('a table in PostgreSQL that cannot do as it is told', () => {
  const dim = 8;
  const vectors = clustered({ rows: 6, dim });
  const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
  const items = Array.from({ length: 6 }, (_, i) => item(`i${i}`, rowOf(vectors, dim, i)));

  it('refuses NUL in ids, filters and names of files, and what is damaged, and names itself', async () => {
    const store = await createTable(uri('faults'), { space, metadata: ['constructor'] }, { pool });
    await store.write(items);
    await store.setFile('tree', Buffer.from('{}'));
    const nul = 'a\0b';
    const uses: (() => Promise<unknown>)[] = [
      () => store.get([nul]),
      () => store.hashes([nul]),
      () => store.vector(nul),
      () => store.remove([nul]),
      () => store.count({ ids: [nul] }),
      () => store.count({ labels: [nul] }),
      () => store.list({ limit: 1, filter: { nodes: [nul] } }),
      () => store.search(items[0].vector, { filter: { metadata: { constructor: [nul] } } }),
      () => store.file(nul),
      () => store.setFile(nul, Buffer.alloc(1)),
    ];
    for (const use of uses)
      await assert.rejects(
        use,
        (error: Error) => error instanceof UsageError && /character NUL/.test(error.message),
      );
    assert.equal((await store.get(['i2']))[0].metadata.constructor, null);
    await db.query("UPDATE faults SET label = 'another' WHERE id = 'i3'");
    await assert.rejects(store.get(['i3']), /The item "i3" of the table is damaged/);
    await db.query("UPDATE faults_files SET bytes = 'x' WHERE name = 'tree'");
    await assert.rejects(store.file('tree'), /The file "tree" of the table faults is damaged/);
    await db.query('DROP TABLE faults');
    for (const use of [() => store.count(), () => store.search(items[0].vector), () => store.write(items)])
      await assert.rejects(use, (error: Error) => {
        assert.ok(error instanceof HierError, error.stack);
        assert.match(error.message, /The table faults .*a part of the table is missing/);
        return true;
      });
    await dropTable(uri('faults'), { pool });
    await assert.rejects(openTable(uri('faults'), { pool }), UsageError);
  });
});

describe('transaction', () => {
  it('is tried again when the database ended it for a deadlock, and ends with its last error', async () => {
    const log: string[] = [];
    const client = {
      query: async (text: string) => {
        log.push(text);
        return { rows: [] };
      },
      release: () => log.push('release'),
    };
    const fake: SqlPool = { ...client, connect: async () => client, end: async () => undefined };
    const deadlock = new HierError('deadlock', { cause: { code: '40P01' } });
    let tries = 0;
    const result = await transaction(fake, async () => {
      if (++tries < 3) throw deadlock;
      return tries;
    });
    const failed = ['BEGIN', 'ROLLBACK', 'release'];
    assert.deepEqual([result, log], [3, [...failed, ...failed, 'BEGIN', 'COMMIT', 'release']]);
    await assert.rejects(
      transaction(fake, () => Promise.reject(deadlock)),
      /deadlock/,
    );
    const other = () => Promise.reject(new Error('no'));
    log.length = 0;
    await assert.rejects(transaction(fake, other), /no/);
    assert.deepEqual(log, failed);
  });
});

describe('identifier', () => {
  it('quotes names and refuses all else', () => {
    assert.equal(identifier('Photos_1'), '"Photos_1"');
    for (const name of ['', 'a"b', 'a b', '1a', 'a;', 'a'.repeat(64)]) assert.throws(() => identifier(name));
  });
});
