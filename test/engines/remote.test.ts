/**
 * Tables elsewhere, as users of the commands have them: an object store (s3rver with conditional writes) and a
 * PostgreSQL server (PGlite behind its socket, reached by the package pg).
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { openTable } from '../../src/engines/open.js';
import { HierError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { indexTable } from '../../src/tables/index.js';
import { drawClasses, hier, MAIN } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { asks, writeRun } from '../server/support.js';
import { clustered } from '../store/support.js';
import { startPglite } from './postgres/pglite.js';
import { BUCKET, startObjectStore, type TestStore } from './s3.js';

const cwd = temporaryFolder();
const dim = 8;
const parsed = async <T>(words: string[]): Promise<T> => {
  const { code, stdout, stderr } = await hier(words, { cwd });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
};
interface Found {
  readonly results: readonly { readonly id: string; readonly node: string | null }[];
}

before(() => {
  writeNpy(join(cwd, 'vectors.npy'), { shape: [40, dim], data: clustered({ rows: 40, dim }) });
  writeFileSync(join(cwd, 'tree.json'), '{"nodes": [{"id": "all"}, {"id": "even", "parent": "all"}]}');
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? 'all' : 'even'}\n`);
  writeFileSync(join(cwd, 'nodes.csv'), `id,node\n${rows.join('')}`);
});
const vectors = ['vectors.npy', '--curvature', '0.1', '--tree', 'tree.json', '--nodes', 'nodes.csv'];

describe('a table on an object store', () => {
  let objects: TestStore;
  before(async () => {
    objects = await startObjectStore({ conditional: true });
    Object.assign(process.env, objects.env); // the commands inherit them
  });
  after(() => objects.close());

  it('is made of a run, searched by image and served, with nothing beside it on this machine', async (t) => {
    writeRun(join(cwd, 'run'));
    await drawClasses(join(cwd, 'shapes'), 3, 3);
    const table = `s3://${BUCKET}/shapes`;
    const indexed = await parsed<{ rows: number }>([
      ...['index', 'run', '--data', 'shapes', '--out', table, '--json'],
    ]);
    assert.equal(indexed.rows, 9);
    const image = 'shapes/02-triangle/1.png';
    const found = await parsed<Found>(['search', '--table', table, image, '--top', '3', '--json']);
    assert.deepEqual([found.results.length, found.results[0].id], [3, '02-triangle/1.png']);
    assert.deepEqual([existsSync(join(cwd, 's3:')), existsSync(join(cwd, 'shapes.lance'))], [false, false]);

    const server = spawn(process.execPath, [MAIN, 'serve', table, '--port', '0'], { cwd });
    t.after(() => server.kill('SIGKILL')); // what fails here must not leave it running
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      server.stderr.on('data', (part) => {
        text += part;
        const address = /serving s3:\/\/tables\/shapes at (\S+)/.exec(text);
        if (address) resolve(address[1]);
      });
      server.on('close', () => reject(new Error(text)));
    });
    const about = (await asks(`${url}/api/table`)).json<Record<string, unknown>>();
    assert.deepEqual([about.name, about.rows, about.searchesImages], ['shapes', 9, true]);
    server.kill('SIGTERM');
    await new Promise((resolve) => server.on('close', resolve));
  });

  it('takes two writers at once, who may both find no table yet', async () => {
    const out = `s3://${BUCKET}/both`;
    const how = { objectStore: objects.settings };
    const part = (name: string, from: number) => {
      writeFileSync(
        join(cwd, `${name}.csv`),
        `id\n${Array.from({ length: 40 }, (_, i) => from + i).join('\n')}\n`,
      );
      const source = join(cwd, 'vectors.npy');
      return indexTable({ source, items: join(cwd, `${name}.csv`), out, how, curvature: 0.1, batch: 10 });
    };
    await Promise.all([part('first', 0), part('second', 20)]);
    const store = await openTable(out, how);
    const ids = (await store.list({ limit: 100 })).map(({ id }) => Number(id)).sort((a, b) => a - b);
    assert.deepEqual(
      ids,
      Array.from({ length: 60 }, (_, i) => i),
    );
    await store.close();
  });
});

describe('a table in PostgreSQL', () => {
  let connection: string;
  let db: PGlite;
  let server: PGLiteSocketServer;
  before(async () => {
    db = await startPglite();
    server = new PGLiteSocketServer({ db, port: 0, maxConnections: 8 });
    await server.start();
    connection = `postgres://postgres:secret@${server.getServerConn()}/postgres?sslmode=disable&table=vectors`;
  });
  after(async () => {
    await server.stop();
    await db.close();
  });

  it('is made, brought up to date and searched within its tree, and never shows the password', async () => {
    const index = ['index', ...vectors, '--out', connection];
    const shown = await hier(index, { cwd });
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /postgres:\/\/postgres:\*\*\*@127\.0\.0\.1.*: 40 rows \(40 added\)/);
    assert.doesNotMatch(shown.stdout + shown.stderr, /secret/);
    const again = await parsed<{ unchanged: number }>([...index, '--json']);
    assert.equal(again.unchanged, 40);
    const deleted = await parsed<{ deleted: number }>([
      ...['index', '--out', connection, '--delete', '4', '--json'],
    ]);
    assert.equal(deleted.deleted, 1);
    const found = await parsed<Found>([
      ...['search', '--table', connection, '2', '--within', 'even', '--top', '50', '--json'],
    ]);
    assert.deepEqual(
      [found.results.length, new Set(found.results.map(({ node }) => node))],
      [18, new Set(['even'])],
    );
  });

  it('is not mistaken for missing when the server cannot be reached', async () => {
    const nowhere = 'postgres://127.0.0.1:1/postgres?table=vectors';
    await assert.rejects(openTable(nowhere), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(error.message, /The database answers: .*ECONNREFUSED/);
      return true;
    });
  });
});
