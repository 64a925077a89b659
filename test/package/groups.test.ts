/** Test files that share a process: one that fails, breaks or ends it is named, and hides no other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { temporaryFolder } from '../images/support.js';

const FILES: Readonly<Record<string, string>> = {
  'geometry/a': "test('is wrong', () => assert.equal(1, 2));",
  'geometry/b': "throw new Error('cannot be imported');",
  'geometry/c': "test('is left out', { skip: 'needs luck' }, () => {});",
  'nn/a': "test('goes by itself', () => setTimeout(() => {}, 1));",
  'losses/a': "import './made.js';", // its tests are made elsewhere
  'losses/b': "test('is run once', () => {});",
  'umap/a': "test('ends all', () => process['exit'](0));",
  'umap/b': "test('is run all the same', () => {});",
};

describe('test files that share a process', () => {
  const cwd = temporaryFolder();
  const leftOut = join(cwd, 'left.jsonl');
  let outcome: ReturnType<typeof spawnSync>;
  let said: string;
  before(() => {
    const paths = Object.entries(FILES).map(([name, body]) => {
      const path = join(cwd, 'dist', 'test', `${name}.test.js`);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, `import { test } from 'node:test'; import assert from 'node:assert';\n${body}\n`);
      return path;
    });
    const made = "import { test } from 'node:test';\ntest('is made elsewhere, and run once', () => {});\n";
    writeFileSync(join(cwd, 'dist/test/losses/made.js'), made);
    writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }');
    const words = [resolve('scripts/tests.mjs'), '--grouped', `--left-out=${leftOut}`, ...paths];
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    outcome = spawnSync(process.execPath, words, { cwd, env, encoding: 'utf8' });
    said = `${outcome.stdout}${outcome.stderr}`;
  });

  it('fail together when one of them does, and say which', () => {
    assert.equal(outcome.status, 1, said);
    assert.match(said, /geometry\/a\.test\.js:\d/);
    assert.match(said, /✖ .*geometry\/b\.test\.js/);
  });

  it('are run each by itself when their process has ended before its time', () => {
    assert.match(said, /each once more, by itself/);
    assert.match(said, /✔ is run all the same/);
  });

  it('are not run again when all is well', () => {
    for (const name of [/✔ is run once/g, /✔ is made elsewhere, and run once/g])
      assert.equal(said.match(name)?.length, 1, said);
  });

  it('tell what they leave out', () => {
    assert.match(readFileSync(leftOut, 'utf8'), /"is left out".*geometry.c\.test\.js","why":"needs luck"/);
  });
});
