/**
 * The steps of deploy/Dockerfile, without a container: what it copies is enough to run hier and to serve its page, and the
 * service does so with the rights that it has in the image, which are to write to its temporary folder alone.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { parseTable } from '../../src/store/tableUri.js';
import { temporaryFolder } from '../images/support.js';
import { asks, makeTable } from '../server/support.js';

const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');

/** The instructions of each stage, by its name; the last has none. */
function stages(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let own: string[] = [];
  const lines = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, name = ''] = /^FROM \S+(?: AS (\w+))?$/.exec(line) ?? [];
    if (line.startsWith('FROM ')) {
      own = [];
      found.set(name, own);
    }
    own.push(line);
  }
  return found;
}

/** The words of an instruction that holds a list. */
const wordsOf = (stage: readonly string[], instruction: string): string[] =>
  JSON.parse(stage.find((line) => line.startsWith(`${instruction} `))!.replace(/^[^[]*/, ''));

describe('the image', () => {
  const root = temporaryFolder();
  const image = join(root, 'image');

  before(() => {
    for (const [, sources, to] of dockerfile.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm))
      for (const from of sources.split(' ')) {
        assert.ok(existsSync(from), `${from} is there once scripts/setup.mjs has run`);
        cpSync(from, to.endsWith('/') ? join(image, to, from) : join(image, to), { recursive: true });
      }
    symlinkSync(resolve('node_modules'), join(image, 'node_modules'));
  });
  const run = (...words: string[]) => execFileSync(process.execPath, words, { cwd: image, encoding: 'utf8' });
  /** Words of an instruction, as they are in the image. */
  const inImage = (words: readonly string[]) =>
    words
      .slice(1)
      .map((word) => (word.startsWith('/hier/') ? join(image, word.slice('/hier/'.length)) : word));

  it('is the package, and runs', () => {
    const { files, version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const needless = /^(src|dist\/web\/.*|docs\/.*|deploy|CHANGELOG\.md)$/; // dist/web is for pages of others
    for (const name of (files as string[]).filter((one) => !needless.test(one)))
      assert.ok(existsSync(join(image, name)), `the image has ${name}`);
    // npm leaves out what is named as developed with, even when it is asked for by name.
    assert.match(
      dockerfile,
      /npm pkg delete devDependencies peerDependencies .*\n && npm install --omit=dev/,
    );
    const entry = wordsOf(stages().get('command')!, 'ENTRYPOINT');
    assert.equal(run(...inImage(entry), '--version').trim(), version);
    const page = pathToFileURL(join(image, 'dist/src/server/page.js'));
    const folder = run(
      '--input-type=module',
      '-e',
      `import { pageFolder } from '${page}'; console.log(pageFolder());`,
    ).trim();
    for (const name of ['index.html', 'main.js', 'style.css'])
      assert.ok(existsSync(join(folder, name)), name);
  });

  it('runs as a user of its own, to whom nothing in it belongs, in every stage but that which builds', () => {
    const all = stages();
    assert.deepEqual([...all.keys()], ['build', 'command', 'serve', '']);
    const { command, serve, '': last } = Object.fromEntries(all);
    assert.ok(command.includes('USER 10001:10001'));
    assert.ok(command.findIndex((line) => /^(COPY|RUN) /.test(line)) < command.indexOf('USER 10001:10001'));
    assert.ok(
      command.slice(command.indexOf('USER 10001:10001')).every((line) => !/^(COPY|ADD|RUN) /.test(line)),
    );
    assert.doesNotMatch(dockerfile, /--chown|USER (root|0)|(KEY|TOKEN|SECRET)\S*=/);
    assert.deepEqual([serve[0], last], ['FROM command AS serve', ['FROM command']]);
    const { services, secrets } = parse(readFileSync('deploy/compose.yaml', 'utf8'));
    const { search } = services;
    assert.deepEqual([search.read_only, search.tmpfs, search.cap_drop], [true, ['/tmp'], ['ALL']]);
    assert.ok(search.command.includes('/run/secrets/hier-keys') && secrets['hier-keys'].file);
    assert.equal(parseTable(search.command[0]).kind, 'folder');
  });

  it('serves the page and searches with a key from a secret, writing to its temporary folder alone', async () => {
    const { table, items, images } = await makeTable(root, { classes: 3, each: 2 });
    const [temporary, secret] = [join(root, 'tmp'), join(root, 'hier-keys')];
    mkdirSync(temporary);
    writeFileSync(secret, 'a-key-of-the-image-01\n');
    const serve = stages().get('serve')!;
    assert.deepEqual(wordsOf(serve, 'CMD'), ['/table', '--host', '0.0.0.0']);
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const rights = [permission, '--allow-fs-read=*', `--allow-fs-write=${temporary}`, '--allow-worker'];
    const addons = process.allowedNodeEnvironmentFlags.has('--allow-addons') ? ['--allow-addons'] : [];
    const words = [...inImage(wordsOf(serve, 'ENTRYPOINT')), table, '--port', '0', '--keys', secret];
    const env = { ...process.env, TMPDIR: temporary, NODE_ENV: 'production' };
    const child = spawn(process.execPath, [...rights, ...addons, '--no-warnings', ...words], {
      cwd: temporary,
      env,
    });
    const ended = once(child, 'close');
    let said = '';
    try {
      const url = await new Promise<string>((found, failed) => {
        child.stderr.on('data', (part) => {
          said += part;
          const address = /http:\/\/[\d.]+:\d+/.exec(said)?.[0];
          if (address) found(address);
        });
        child.once('close', () => failed(new Error(said)));
      });
      const headers = { authorization: 'Bearer a-key-of-the-image-01' };
      assert.equal((await asks(`${url}/`)).status, 401);
      assert.match((await asks(`${url}/`, { headers })).text, /<title>/);
      const body = readFileSync(join(images, items[0].id));
      const found = await asks(`${url}/api/search/image?k=1`, { method: 'POST', headers, body });
      assert.equal(found.json<{ results: { id: string }[] }>().results[0].id, items[0].id, said);
      const check = inImage(wordsOf(serve, 'HEALTHCHECK'));
      const healthy = spawn(process.execPath, check, { env: { ...env, HIER_HEALTH: `${url}/api/health` } });
      assert.deepEqual(await once(healthy, 'close'), [0, null]);
      const sick = spawn(process.execPath, check, {
        env: { ...env, HIER_HEALTH: 'http://127.0.0.1:1/api/health' },
      });
      assert.deepEqual(await once(sick, 'close'), [1, null]);
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null], said);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
