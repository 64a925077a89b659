/** Files that are whole or absent: links stay and are followed, and nothing but a plain file is ever replaced. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WriteFault } from '../../src/disk/index.js';
import { requireWritable, writeFileAtomic } from '../../src/io/atomic.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const writers = [requireWritable, (path: string) => writeFileAtomic(path, 'new')];

/** Both the check and the write refuse a path, with the same code. */
function refused(path: string, code: string, message: RegExp): void {
  for (const write of writers)
    assert.throws(
      () => write(path),
      (error) => error instanceof WriteFault && error.code === code && message.test(error.message),
      `${path}: ${code}`,
    );
}

describe('a file that is written whole', () => {
  it('replaces what a link leads to, and the link stays', () => {
    writeFileSync(at('target'), 'old');
    symlinkSync('target', at('link'));
    symlinkSync(at('link'), at('second'));
    writeFileAtomic(at('second'), 'new');
    assert.equal(readFileSync(at('target'), 'utf8'), 'new');
    assert.ok(lstatSync(at('link')).isSymbolicLink() && lstatSync(at('second')).isSymbolicLink());
    symlinkSync('deep/later', at('dangling'));
    writeFileAtomic(at('dangling'), 'made');
    assert.equal(readFileSync(at('deep/later'), 'utf8'), 'made');
  });

  it('is not put in the place of anything else, which is said before long work too', () => {
    mkdirSync(at('folder'));
    symlinkSync('loop', at('loop'));
    writeFileSync(at('file'), '');
    refused(at('folder'), 'EISDIR', /a folder of that name is in the way/);
    refused(at('loop'), 'ELOOP', /a link that leads back to itself/);
    refused(at('file/x'), 'ENOTDIR', /a part of that path is a file/);
    refused(at('file/x/y'), 'ENOTDIR', /a part of that path is a file/);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [at('pipe')]);
    refused(at('pipe'), 'ENOTFILE', /a device, a named pipe or a socket/);
    refused('/dev/null', 'ENOTFILE', /a device, a named pipe or a socket/);
    assert.ok(lstatSync('/dev/null').isCharacterDevice());
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('is only looked at by the check, which makes nothing', () => {
    requireWritable(at('new/folder/file'));
    assert.ok(!existsSync(at('new')));
  });
});
