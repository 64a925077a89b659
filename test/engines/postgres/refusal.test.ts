/** A first write that a database refuses leaves no table there: with a client in place of a server, which keeps what it is told. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SqlConnection, SqlPool } from '../../../src/engines/postgres/sql.js';
import { DataError, HierError } from '../../../src/errors.js';
import { writeNpy } from '../../../src/io/npy.js';
import { indexTable } from '../../../src/tables/index.js';
import { temporaryFolder } from '../../images/support.js';

/** A database that knows which relations there are, and refuses the first statement that `refuses` matches. */
function database(refuses: RegExp, code: string) {
  const there = new Set<string>();
  const query = async (text: string, values: unknown[] = []) => {
    if (refuses.test(text)) throw Object.assign(new Error('raw words of the database'), { code });
    const [, made] = /CREATE TABLE (?:IF NOT EXISTS )?(\S+)/.exec(text) ?? [];
    if (made !== undefined) there.add(made);
    const [, dropped] = /DROP TABLE IF EXISTS (.*)/.exec(text) ?? [];
    for (const name of dropped?.split(', ') ?? []) there.delete(name);
    if (/to_regclass/.test(text)) return { rows: [{ there: there.has(String(values[0])) }] };
    if (/pg_extension/.test(text)) return { rows: [{ version: '0.8.0' }] };
    if (/count\(\*\)/.test(text)) return { rows: [{ rows: 0 }] };
    return { rows: [] };
  };
  const connection: SqlConnection = { query, release: () => undefined };
  const pool: SqlPool = { query, connect: async () => connection, end: async () => undefined };
  return { pool, there };
}

const folder = temporaryFolder();
const source = join(folder, 'x.npy');
writeNpy(source, { shape: [4, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1, 2, 1) });
const out = 'postgres://host/base?table=photos';

for (const [what, refuses, code, message] of [
  ['its items', /INSERT INTO "photos"/, '53100', /The database answers: the database's disk is full/],
  ['its items, by rights', /INSERT INTO "photos"/, '42501', /lacks a right that this needs; GRANT it/],
  ['a name that it cannot keep', /INSERT INTO "photos"/, '22021', /holds a character that PostgreSQL cannot/],
  ['itself', /CREATE TABLE .*"photos"/, '53100', /the database's disk is full/],
] as const)
  test(`a database that refuses ${what} is left without a table`, async () => {
    const { pool, there } = database(refuses, code);
    await assert.rejects(indexTable({ source, out, map: false, how: { pool } }), (error) => {
      assert.ok(error instanceof HierError && message.test(error.message), String(error));
      assert.doesNotMatch(error.message, /raw words/);
      return true;
    });
    assert.deepEqual([...there], []);
  });

test('vectors that cannot be kept are refused before a database is asked to make anything', async () => {
  const bad = join(folder, 'bad.npy');
  writeNpy(bad, { shape: [4, 2], data: Float32Array.of(1, 0, 0, 1, 1, 9, 2, 1) });
  const { pool, there } = database(/CREATE TABLE/, '53100');
  await assert.rejects(
    indexTable({ source: bad, out, metric: 'hyperbolic', curvature: 0.1, map: false, how: { pool } }),
    (error) => error instanceof DataError && /Row 2 \(from 0\): A vector is not a point/.test(error.message),
  );
  assert.equal(there.size, 0);
});
