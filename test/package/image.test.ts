/** The steps of deploy/Dockerfile, without a container: what it copies is enough to run hier and to serve its page. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../images/support.js';

test('what the Dockerfile copies is the package, and runs', () => {
  const image = temporaryFolder();
  const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
  const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)];
  for (const [, sources, to] of copies)
    for (const from of sources.split(' ')) {
      assert.ok(existsSync(from), `${from} is there once scripts/setup.mjs has run`);
      cpSync(from, to.endsWith('/') ? join(image, to, from) : join(image, to), { recursive: true });
    }
  const { files, version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const needless = /^(src|docs\/.*|deploy|CHANGELOG\.md)$/;
  for (const name of (files as string[]).filter((one) => !needless.test(one)))
    assert.ok(existsSync(join(image, name)), `the image has ${name}`);

  // npm leaves out what is named as developed with, even when it is asked for by name.
  assert.match(dockerfile, /npm pkg delete devDependencies peerDependencies .*\n && npm install --omit=dev/);
  symlinkSync(resolve('node_modules'), join(image, 'node_modules'));
  const run = (...words: string[]) => execFileSync(process.execPath, words, { cwd: image, encoding: 'utf8' });
  const entry = /^ENTRYPOINT \["node", "\/hier\/(.+)"\]$/m.exec(dockerfile)?.[1];
  assert.equal(run(join(image, entry!), '--version').trim(), version);
  const page = pathToFileURL(join(image, 'dist/src/server/page.js'));
  const folder = run(
    '--input-type=module',
    '-e',
    `import { pageFolder } from '${page}'; console.log(pageFolder());`,
  ).trim();
  for (const name of ['index.html', 'main.js', 'style.css']) assert.ok(existsSync(join(folder, name)), name);
});
