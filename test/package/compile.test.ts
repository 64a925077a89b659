/** When the project is compiled: once for the same sources, and again when something has changed or is lost. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../images/support.js';

const { compile } = (await import(pathToFileURL(resolve('scripts/compile.mjs')).href)) as {
  compile(root: string, tsc: () => void): void;
};

/** A project of three sources, the last of which is never compiled, and how often its compiler has run. */
function smallProject() {
  const root = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const path of ['src/a.ts', 'test/a.test.ts', 'web/page.ts']) write(path, '');
  for (const folder of ['bench', 'examples']) mkdirSync(join(root, folder));
  let times = 0;
  const setUp = () => {
    compile(root, () => {
      times++;
      for (const path of ['src/a', 'test/a.test']) write(`dist/${path}.js`, '');
    });
    return times;
  };
  return { root, write, setUp };
}

describe('set-up', () => {
  it('compiles the same sources once, also where some of them are not compiled', () => {
    const { setUp } = smallProject();
    assert.deepEqual([setUp(), setUp(), setUp()], [1, 1, 1]);
  });

  it('compiles again when a source or a setting has changed, is new or is gone', () => {
    const { root, write, setUp } = smallProject();
    setUp();
    const changes = [
      () => write('src/a.ts', 'changed'),
      () => write('web/new.ts', ''),
      () => rmSync(join(root, 'web/new.ts')),
      () => write('tsconfig.json', '{}'),
      () => write('dist/tsconfig.tsbuildinfo', 'of a compilation by hand'),
    ];
    for (const [i, change] of changes.entries()) {
      change();
      assert.deepEqual([setUp(), setUp()], [i + 2, i + 2], String(change));
    }
  });

  it('compiles again when something compiled, or what is known of it, is lost or unreadable', () => {
    const { root, write, setUp } = smallProject();
    setUp();
    rmSync(join(root, 'dist/test/a.test.js'));
    assert.equal(setUp(), 2);
    rmSync(join(root, 'dist/.compiled'));
    assert.equal(setUp(), 3);
    for (const [i, text] of ['', '1', 'null', '[]', 'f00d'].entries()) {
      write('dist/.compiled', text);
      assert.deepEqual([setUp(), setUp()], [i + 4, i + 4], text);
    }
  });
});
