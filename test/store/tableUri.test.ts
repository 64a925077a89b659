/** Names of tables: what they mean, and that no password is shown. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { parseTable, shortTable, shownTable } from '../../src/store/tableUri.js';

describe('parseTable', () => {
  it('tells folders, buckets and databases apart', () => {
    for (const path of ['tables/a', '/a', 'C:\\tables', 's3:/x', 'postgres'])
      assert.deepEqual(parseTable(path), { kind: 'folder', path });
    const bucket = { kind: 's3', uri: 's3://b/x/y', bucket: 'b', prefix: 'x/y' };
    assert.deepEqual(parseTable('s3://b/x/y'), bucket);
    assert.deepEqual(parseTable('s3://b//x/y/'), bucket);
    assert.deepEqual(parseTable('postgres://me:secret@db:5433/all?sslmode=require&table=Photos'), {
      kind: 'postgres',
      connection: 'postgres://me:secret@db:5433/all?sslmode=require',
      schema: null,
      table: 'Photos',
    });
    assert.deepEqual(parseTable('postgresql://db/all?table=gallery.photos'), {
      kind: 'postgres',
      connection: 'postgresql://db/all',
      schema: 'gallery',
      table: 'photos',
    });
  });

  it('refuses what does not name a table, without showing a password', () => {
    const wrong = [
      's3://bucket',
      's3:///prefix',
      'gs://bucket/x',
      'https://u:secret@host/table',
      'postgres://u:secret@host/db',
      'postgres://u:secret@host/db?table=',
      'postgres://u:secret@host/db?table=a;b',
      'postgres://u:secret@host/db?table=a.b.c',
      'postgres://u:secret@ho st/db?table=a',
      `postgres://u:secret@host/db?table=${'a'.repeat(41)}`,
    ];
    for (const text of wrong)
      assert.throws(
        () => parseTable(text),
        (error: Error) => {
          assert.ok(error instanceof UsageError, text);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
  });
});

describe('shownTable', () => {
  it('leaves out passwords and nothing else', () => {
    for (const same of ['tables/a', 's3://b/x', 'postgres://me@db/all?table=t', 'postgres:///all?table=t'])
      assert.equal(shownTable(same), same);
    assert.equal(shownTable('postgres://me:secret@db/all?table=t'), 'postgres://me:***@db/all?table=t');
    assert.equal(shownTable('postgres://db/all?user=me&password=secret&table=t').includes('secret'), false);
    assert.equal(shownTable('postgres://me:sec@ret@d b/all').includes('ret'), false);
  });
});

describe('shortTable', () => {
  it('is the last part of the place', () => {
    const names = ['tables/a/', 's3://b/x/y/', 'postgres://me:secret@db/all?table=s.photos'].map(shortTable);
    assert.deepEqual(names, ['a', 'y', 'photos']);
  });
});
