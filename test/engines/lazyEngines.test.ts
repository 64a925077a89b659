/**
 * Engines and their packages: none is loaded before a table of its kind is opened, and where one is missing the message
 * says how to get it and what to do without. Each case is a process of its own, in which some packages cannot be found.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTable } from '../../src/engines/open.js';
import { fitSpace } from '../../src/store/space.js';
import { temporaryFolder } from '../images/support.js';

const root = temporaryFolder();
const ENGINES = ['@lancedb/lancedb', 'apache-arrow', 'pg', 'usearch', 'bullmq', 'ioredis'];
const module = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;
const space = fitSpace({ vectors: Float32Array.of(0, 0.1), dim: 2, metric: 'hyperbolic' });

/** Runs a program where the packages of all engines are missing; gives what it prints. */
function without(program: string): string {
  const hooks = `export async function resolve(name, context, next) {
    if (!${JSON.stringify(ENGINES)}.includes(name)) return next(name, context);
    throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  const url = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(url(hooks))});`;
  const words = ['--import', url(register), '--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** What opening or making something says where the packages are missing. */
const said = (call: string) =>
  without(`
    const { createTable, openTable, checkHnsw } = await import('${module('engines/open.js')}');
    const space = ${JSON.stringify(space)};
    await ${call}.then(() => console.log('done'), ({ name, message }) => console.log(name, message));
  `);

describe('the packages of engines', () => {
  it('are not loaded with hier, nor for a table of plain files, however large', () => {
    const printed = without(`
      await import('${module('index.js')}');
      const { createTable } = await import('${module('engines/open.js')}');
      const store = await createTable(${JSON.stringify(join(root, 'flat'))}, { space: ${JSON.stringify(space)} }, { rows: 1e6 });
      console.log(store.engine);
    `);
    assert.equal(printed, 'flat');
  });

  it('are asked for by the command that installs them, with the way without', async () => {
    const table = join(root, 'lance');
    await (await createTable(table, { space }, { engine: 'lance' })).close();
    const install = 'Install them beside it: npm install @lancedb/lancedb apache-arrow';
    assert.equal(
      said(`openTable(${JSON.stringify(table)})`),
      `UsageError The table ${table} was made with LanceDB, which needs the packages @lancedb/lancedb and apache-arrow, which are not installed with hier. ${install}`,
    );
    const made = said(`createTable(${JSON.stringify(join(root, 'new'))}, { space }, { engine: 'lance' })`);
    assert.ok(made.endsWith(`${install} Or leave the engine out: then plain files keep it.`), made);
    const graph = said(`checkHnsw(${JSON.stringify(join(root, 'new'))})`);
    assert.ok(graph.endsWith(`${install} Or leave out --hnsw.`), graph);
    const settings = `{ region: 'r', accessKeyId: 'a', secretAccessKey: 'b', endpoint: 'http://127.0.0.1:1' }`;
    const objects = said(`createTable('s3://b/t', { space }, { objectStore: ${settings} })`);
    assert.ok(objects.startsWith('UsageError A table on an object store needs the packages'), objects);
    assert.ok(objects.endsWith(`${install} Or make the table in a folder.`), objects);
    assert.equal(
      said(`openTable('postgres://127.0.0.1/db?table=t')`),
      'UsageError Tables in PostgreSQL need the package pg, which is not installed with hier. Install it beside it: npm install pg',
    );
    assert.deepEqual(readdirSync(root).sort(), ['flat', 'lance']);
  });
});
