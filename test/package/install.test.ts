/**
 * The package as its users get it: packed, installed into an empty project, compiled against and used. Nothing is
 * taken from the clone but the tarball and the compiler.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { EMOJI_VERSIONS } from '../../src/datasets/emoji/vendors.js';
import { draw, drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';

/** The most that a default install may weigh, MB (2^20 bytes on disk); docs/install.md says what it weighs. */
const MOST_MB = 260;
const USER = resolve('test/package/user');
/** What npm says when it reaches no registry and its cache lacks something. */
const UNREACHABLE =
  /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** This process's environment without what npm has put there, such as settings of the clone. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle)_|npm_config_(local_prefix|ignore_scripts|prefix)$|init_cwd$|onnxruntime)/i.test(
        name,
      ),
  ),
);

/** Runs a program to its end; a failure is an outcome. */
function run(cwd: string, program: string, ...words: readonly string[]): Promise<Outcome> {
  const options = { cwd, env: environment, maxBuffer: 2 ** 26, shell: process.platform === 'win32' };
  return new Promise((done) => {
    execFile(program, words, options, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) || 1 : 0, stdout, stderr }),
    );
  });
}

/** Runs a program that must succeed, and answers what it printed. */
async function mustRun(cwd: string, program: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cwd, program, ...words);
  assert.equal(code, 0, `${program} ${words.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Room that a folder takes on disk, bytes. */
function weight(folder: string): number {
  return readdirSync(folder, { recursive: true })
    .map((name) => lstatSync(join(folder, String(name))))
    .reduce((sum, { blocks, size }) => sum + (blocks === undefined ? size : 512 * blocks), 0);
}

describe('the packed package in an empty project', () => {
  const project = temporaryFolder();
  const installed = join(project, 'node_modules', '@hier-ml', 'hier');
  const compiler = resolve('node_modules/typescript/bin/tsc');
  let unreachable: string | undefined;
  let embedding: readonly number[] = [];

  /** Compiles the user's sources; their own types of Node are the clone's, and nothing else is. */
  const compile = (module: string, moduleResolution: string, ...more: readonly string[]) =>
    mustRun(
      project,
      process.execPath,
      ...[compiler, '--strict', '--target', 'es2022', '--types', 'node'],
      ...['--typeRoots', resolve('node_modules/@types'), '--module', module],
      ...['--moduleResolution', moduleResolution, 'journey.ts', 'types.ts', ...more],
    );
  const reached = (t: TestContext): boolean => {
    if (unreachable) t.skip(`neither a registry nor a full npm cache is here: ${unreachable}`);
    return unreachable === undefined;
  };

  before(async () => {
    writeFileSync(join(project, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
    for (const name of readdirSync(USER)) copyFileSync(join(USER, name), join(project, name));
    await drawClasses(join(project, 'pictures'), 12, 5);
    await draw(join(project, 'query.png'), 3, 99);
    const tarballs = join(project, 'tarballs');
    mkdirSync(tarballs);
    await mustRun('.', 'npm', 'pack', '--silent', '--pack-destination', tarballs);
    const [tarball] = readdirSync(tarballs);
    const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(tarballs, tarball)];
    const { code, stderr } = await run(project, 'npm', ...words);
    unreachable = UNREACHABLE.exec(stderr)?.[0];
    if (!unreachable) assert.equal(code, 0, stderr);
  });

  it('runs no script while it is installed, and weighs what the docs say at most', (t) => {
    if (!reached(t)) return;
    const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
    const scripted = Object.entries(lock.packages as Record<string, { hasInstallScript?: boolean }>)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([name]) => name);
    assert.deepEqual(scripted, []);
    const megabytes = weight(join(project, 'node_modules')) / 2 ** 20;
    t.diagnostic(`${megabytes.toFixed(0)} MB`);
    assert.ok(megabytes < MOST_MB, `${megabytes} MB`);
    assert.match(readFileSync('docs/install.md', 'utf8'), new RegExp(`below ${MOST_MB} MB`));
    for (const part of ['onnxruntime-node', 'onnxruntime-web'])
      assert.match(readFileSync(join(installed, 'vendor', part, 'LICENSE'), 'utf8'), /Microsoft Corporation/);
  });

  it('has types for every subpath, as Node and as bundlers resolve them', async (t) => {
    if (!reached(t)) return;
    await compile('esnext', 'bundler', '--noEmit', '--skipDefaultLibCheck'); // which is the compiler's own
    await compile('nodenext', 'nodenext', '--skipLibCheck', 'fleet.ts');
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const used = ['types.ts', 'fleet.ts'].map((name) => readFileSync(join(USER, name), 'utf8')).join('\n');
    for (const path of Object.keys(exports).filter((path) => path !== './package.json'))
      assert.ok(used.includes(`'@hier-ml/hier${path.slice(1)}'`), path);
  });

  it('loads no native file with its root', async (t) => {
    if (!reached(t)) return;
    const loaded = (await mustRun(project, process.execPath, 'root.mjs')).split('\n').filter(Boolean);
    assert.deepEqual(loaded, []);
  });

  it('trains, evaluates, searches, indexes, serves and answers', async (t) => {
    if (!reached(t)) return;
    await mustRun(project, process.execPath, 'journey.js');
    const { embedding: point, ...outcome } = JSON.parse(readFileSync(join(project, 'outcome.json'), 'utf8'));
    embedding = point;
    assert.equal(point.length, 8);
    assert.ok(outcome.rows.length >= 3, outcome.rows.join());
    assert.deepEqual(
      { ...outcome, rows: undefined },
      { epochs: 2, rows: undefined, found: 3, indexed: 60, asked: 3, served: 3 },
    );
  });

  it('brings the command hier', async (t) => {
    if (!reached(t)) return;
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.equal((await mustRun(project, 'npx', '--no-install', 'hier', '--version')).trim(), version);
  });

  it('says with one command which drawings the demo needs, in the versions that its numbers are of', async (t) => {
    if (!reached(t)) return;
    const { code, stderr } = await run(project, 'npx', '--no-install', 'hier', 'demo', '--smoke');
    assert.equal(code, 3, stderr);
    const [, wanted] = /^ {2}npm install (.+)$/m.exec(stderr) ?? [];
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const names = Object.keys(EMOJI_VERSIONS);
    assert.deepEqual(
      wanted.split(' '),
      names.map((name) => `${name}@${packages[`node_modules/${name}`].version}`),
    );
  });

  it('runs in WebAssembly and says so where the native engine does not load', async (t) => {
    if (!reached(t)) return;
    const native = join(installed, 'vendor', 'onnxruntime-node', 'bin');
    renameSync(native, `${native}.away`);
    const { code, stdout, stderr } = await run(project, process.execPath, 'embed.mjs');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^hier: .*WebAssembly.*\n$/);
    const values = JSON.parse(stdout) as number[];
    assert.equal(values.length, embedding.length);
    for (const [i, value] of values.entries()) assert.ok(Math.abs(value - embedding[i]) < 1e-4);
  });
});
