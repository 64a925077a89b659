import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, type TestContext, test } from 'node:test';
import * as disk from '../../src/disk/index.js';
import { DataError, HierError } from '../../src/errors.js';

/** A folder that is removed after the test. */
function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'hier-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

/** What a file system may answer. */
const CODES = [
  ...['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'ENOTDIR'],
  ...['EIO', 'EBUSY', 'EDQUOT', 'ENFILE', 'ENOMEM', 'ESTALE', 'EXDEV', 'ETXTBSY', 'EFBIG', 'EUNKNOWN'],
];

const refused = (code: string) =>
  Object.assign(new Error(`${code}: as the system says it, open '/a/b'`), {
    code,
    errno: -1,
    syscall: 'open',
  });

const READERS: Record<string, (path: string) => unknown> = {
  readFileSync: (path) => disk.readFileSync(path),
  openSync: (path) => disk.openSync(path, 'r'),
  statSync: (path) => disk.statSync(path),
  lstatSync: (path) => disk.lstatSync(path),
  readdirSync: (path) => disk.readdirSync(path),
  readlinkSync: (path) => disk.readlinkSync(path),
  realpathSync: (path) => disk.realpathSync(path),
  statfsSync: (path) => disk.statfsSync(path),
};

const WRITERS: Record<string, (path: string) => unknown> = {
  writeFileSync: (path) => disk.writeFileSync(path, 'x'),
  mkdirSync: (path) => disk.mkdirSync(path),
  rmSync: (path) => disk.rmSync(path),
  renameSync: (path) => disk.renameSync('other', path),
  linkSync: (path) => disk.linkSync('other', path),
  cpSync: (path) => disk.cpSync('other', path),
  mkdtempSync: (path) => disk.mkdtempSync(path),
  openSync: (path) => disk.openSync(path, 'w'),
};

for (const [kind, calls, type] of [
  ['reader', READERS, DataError],
  ['writer', WRITERS, HierError],
] as const)
  test(`every ${kind} turns every answer of the file system into an error for users`, () => {
    for (const [name, call] of Object.entries(calls))
      for (const code of CODES) {
        const stub = mock.method(fs, name as 'statSync', () => {
          throw refused(code);
        });
        assert.throws(
          () => call('folder/of mine'),
          (error: Error) =>
            error instanceof type &&
            (error as { code?: string }).code === code &&
            error.message.includes('folder/of mine') &&
            !error.message.includes('as the system says it') &&
            error.message.length > 40,
          `${name} ${code}`,
        );
        stub.mock.restore();
      }
  });

test('an open file is told by its path when the disk fails under it', (t) => {
  const path = join(temporaryFolder(t), 'a file');
  fs.writeFileSync(path, 'abc');
  const file = disk.openSync(path, 'r');
  const stub = mock.method(fs, 'readSync', () => {
    throw refused('EIO');
  });
  assert.throws(
    () => disk.readSync(file, Buffer.alloc(1)),
    /Could not read .*a file: the disk reports an error/,
  );
  stub.mock.restore();
  disk.closeSync(file);
});

test('files read without waiting, and streams, fail with errors for users', async (t) => {
  const path = join(temporaryFolder(t), 'nothing');
  await assert.rejects(disk.readFile(path), { name: 'DataError', code: 'ENOENT' });
  await assert.rejects(disk.open(path), { name: 'DataError', code: 'ENOENT' });
  await assert.rejects(disk.open(join(path, 'below'), 'w'), { name: 'HierError', code: 'ENOENT' });
  const read = async () => {
    for await (const _ of disk.createReadStream(path));
  };
  await assert.rejects(read(), { name: 'DataError', code: 'ENOENT' });
  fs.writeFileSync(path, 'abc');
  const stub = mock.method(fs, 'read', (...given: unknown[]) =>
    setImmediate(() => (given.at(-1) as (error: Error) => void)(refused('EIO'))),
  );
  await assert.rejects(read(), /Could not read .*nothing: the disk reports an error/);
  stub.mock.restore();
  const handle = await disk.open(path, 'r+');
  const broken = mock.method(fs.promises, 'rename', () => Promise.reject(refused('ENOSPC')));
  await assert.rejects(disk.rename(path, `${path}2`), /Could not write .*nothing2: the disk is full/);
  broken.mock.restore();
  await handle.close();
});

test('names that cannot be are nothing that is there; a link to itself is said to be one', (t) => {
  const folder = temporaryFolder(t);
  const quiet = { throwIfNoEntry: false } as const;
  assert.equal(disk.statSync(join(folder, 'x'.repeat(300)), quiet), undefined);
  assert.equal(disk.statSync(`${folder}/${'y/'.repeat(3000)}`, quiet), undefined);
  assert.equal(disk.statSync(`${folder}/a\0b`, quiet), undefined);
  assert.throws(() => disk.readFileSync(`${folder}/a\0b`), /a\\u0000b: that is not a path/);
  assert.throws(
    () => disk.readFileSync(join(folder, 'x'.repeat(5000))),
    (error: Error) => error.message.length < 500 && /longer than this file system allows/.test(error.message),
  );
  fs.symlinkSync('me.png', join(folder, 'me.png'));
  assert.throws(() => disk.statSync(join(folder, 'me.png'), quiet), {
    name: 'DataError',
    message: /me\.png: it is a link that leads back to itself/,
  });
});

test('only plain files are read: a named pipe or a device is refused at once', {
  skip: process.platform === 'win32',
}, async (t) => {
  const pipe = join(temporaryFolder(t), 'x.png');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/full', '/dev/zero']) {
    const message = /it is a (named pipe|device), not a plain file/;
    assert.throws(() => disk.readFileSync(path), { name: 'DataError', message });
    assert.throws(() => disk.openSync(path, 'r'), { name: 'DataError', message });
    assert.throws(() => disk.createReadStream(path), { name: 'DataError', message });
    await assert.rejects(disk.readFile(path), { name: 'DataError', message });
    await assert.rejects(disk.open(path), { name: 'DataError', message });
  }
});

test('a folder that cannot be made says what the folder above it says', {
  skip: process.platform !== 'linux',
}, () => {
  assert.throws(() => disk.mkdirSync('/proc/new/folder', { recursive: true }), {
    name: 'HierError',
    message: /^Could not write \/proc\/new\/folder: /,
  });
});

test('what Node finds out before it asks the system is told as the system would', (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  fs.mkdirSync(at('folder'));
  fs.writeFileSync(at('file'), '');
  const fails = (work: () => void, message: RegExp) =>
    assert.throws(work, (error) => error instanceof HierError && message.test(error.message));
  fails(() => disk.rmSync(at('folder')), /Could not write .*folder: a folder of that name is in the way/);
  fails(() => disk.cpSync(at('folder'), at('file'), { recursive: true }), /Could not write .*file: /);
  fails(() => disk.cpSync(at('file'), at('file')), /Could not write .*file: /);
});

test('whether a file is there is not guessed where it cannot be known', (t) => {
  const folder = temporaryFolder(t);
  fs.symlinkSync('loop', join(folder, 'loop'));
  fs.symlinkSync('nothing', join(folder, 'dangling'));
  assert.equal(disk.existsSync(folder), true);
  for (const name of ['absent', 'dangling', 'a\0b', 'x'.repeat(5000), 'absent/deep'])
    assert.equal(disk.existsSync(join(folder, name)), false, name.slice(0, 20));
  assert.throws(
    () => disk.existsSync(join(folder, 'loop')),
    (error) => error instanceof DataError && /a link that leads back to itself/.test(error.message),
  );
});
