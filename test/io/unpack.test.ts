import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import tar, { type Header } from 'tar-stream';
import yazl from 'yazl';
import { DataError } from '../../src/errors.js';
import { archiveFormat } from '../../src/io/archive.js';
import { packFolder } from '../../src/io/pack.js';
import { type UnpackLimits, unpackArchive } from '../../src/io/unpack.js';
import { temporaryFolder } from '../images/support.js';

const FILES = {
  'a.txt': 'hello',
  'deep/er/b.bin': 'x'.repeat(70_000),
  'deep/ü c.txt': '',
  'deep/._a.txt': 'mac',
};

/** A folder `data` with FILES, packed. */
async function packed(extension: string): Promise<string> {
  const root = join(temporaryFolder(), 'data');
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const archive = join(temporaryFolder(), `data.${extension}`);
  await packFolder(root, archive);
  return archive;
}

async function tarWith(
  ...entries: (Partial<Header> & { name: string; content?: string })[]
): Promise<string> {
  const pack = tar.pack();
  const whole = buffer(pack);
  for (const { content, ...headers } of entries) pack.entry(headers, content ?? '');
  pack.finalize();
  const archive = join(temporaryFolder(), 'evil.tgz');
  writeFileSync(archive, gzipSync(await whole));
  return archive;
}

async function zipWith(files: Record<string, string>, mode = 0o100644): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name, { mode });
  zip.end();
  const archive = join(temporaryFolder(), 'evil.zip');
  writeFileSync(archive, await buffer(zip.outputStream));
  return archive;
}

/** The same bytes in place of others of equal length, everywhere. */
function patch(archive: string, from: string, to: string): string {
  assert.equal(from.length, to.length);
  const bytes = readFileSync(archive);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at, 'latin1');
  writeFileSync(archive, bytes);
  return archive;
}

/** Expects a DataError, and an empty folder where the archive was to be unpacked. */
async function refuses(archive: string, message: RegExp, limits: UnpackLimits = {}): Promise<void> {
  const parent = temporaryFolder();
  await assert.rejects(unpackArchive(archive, join(parent, 'out'), { limits }), (error: Error) => {
    assert.ok(error instanceof DataError, String(error.stack));
    assert.ok(error.message.includes(archive), error.message);
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(readdirSync(parent), []);
}

function filesBelow(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      assert.ok(entry.isFile(), entry.name);
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')];
    }),
  );
}

describe('unpacking', () => {
  for (const [extension, format] of Object.entries({ zip: 'zip', tar: 'tar', tgz: 'tar.gz' } as const))
    it(`gives the files of a .${extension}, without those of macOS`, async () => {
      const archive = await packed(extension);
      assert.equal(archiveFormat(archive), format);
      const target = join(temporaryFolder(), 'out');
      const progress: number[] = [];
      const result = await unpackArchive(archive, target, { onProgress: (done) => progress.push(done) });
      assert.deepEqual(result, { files: 3, bytes: 70_005 });
      assert.deepEqual(filesBelow(target), {
        'data/a.txt': 'hello',
        'data/deep/er/b.bin': 'x'.repeat(70_000),
        'data/deep/ü c.txt': '',
      });
      assert.deepEqual(readdirSync(join(target, '..')), ['out']);
      assert.ok(progress.length > 0 && progress.at(-1)! <= readFileSync(archive).length);
    });

  it('tells what is not an archive', async () => {
    const file = join(temporaryFolder(), 'x.zip');
    writeFileSync(file, 'hello');
    assert.equal(archiveFormat(file), undefined);
    assert.equal(archiveFormat('/no/such.zip'), undefined);
    await refuses(file, /not an archive that can be unpacked/);
  });

  it('never leads outside the folder', async () => {
    await refuses(await tarWith({ name: '../x', content: '1' }), /leads outside/);
    await refuses(await tarWith({ name: 'a/../../x', content: '1' }), /leads outside/);
    await refuses(await tarWith({ name: '/etc/x', content: '1' }), /absolute path/);
    await refuses(await tarWith({ name: 'C:/x', content: '1' }), /absolute path/);
    await refuses(await tarWith({ name: 'a\\..\\x', content: '1' }), /backslash/);
    await refuses(await tarWith({ name: 'a\nb', content: '1' }), /control character/);
    await refuses(await tarWith({ name: `${'d/'.repeat(600)}x`, content: '1' }), /too long/);
    await refuses(await tarWith({ name: 'n'.repeat(300), content: '1' }), /too long/);
    await refuses(patch(await zipWith({ 'aa/x': '1' }), 'aa/x', '../x'), /damaged|leads outside/);
    await refuses(patch(await zipWith({ 'aa/x': '1' }), 'aa/x', '/a/x'), /damaged|absolute/);
  });

  it('makes no links and no special files', async () => {
    await refuses(await tarWith({ name: 'l', type: 'symlink', linkname: '/etc' }), /"l" is a link/);
    await refuses(await tarWith({ name: 'l', type: 'link', linkname: '/etc/passwd' }), /"l" is a link/);
    await refuses(await tarWith({ name: 'd', type: 'character-device' }), /"d" is a character-device/);
    await refuses(await tarWith({ name: 'p', type: 'fifo' }), /"p" is a fifo/);
    await refuses(await zipWith({ l: '/etc/passwd' }, 0o120777), /"l" is a link/);
  });

  it('refuses names that collide, encryption, and nothing at all', async () => {
    await refuses(await tarWith({ name: 'a', content: '1' }, { name: './a', content: '2' }), /"\.\/a" twice/);
    await refuses(
      await tarWith({ name: 'a', content: '1' }, { name: 'a/b', content: '2' }),
      /file and a folder/,
    );
    await refuses(await tarWith({ name: 'a', type: 'directory' }), /holds no files/);
    const zip = await zipWith({ secret: 'x' });
    const bytes = readFileSync(zip);
    bytes[bytes.indexOf('PK\x01\x02') + 8] |= 1; // the flag of encryption in the central directory
    writeFileSync(zip, bytes);
    await refuses(zip, /"secret" is encrypted/);
  });

  it('keeps to its limits', async () => {
    const archive = await packed('tgz');
    await refuses(archive, /more than 3 files and folders/, { entries: 3 });
    await refuses(archive, /has more than 100 bytes/, { fileBytes: 100 });
    await refuses(archive, /more than 60000 bytes/, { totalBytes: 60_000 });
    const bomb = await tarWith({ name: 'zeros', content: '\0'.repeat(4 << 20) });
    await refuses(bomb, /grows to more than 10 times/, { ratio: 10, ratioFrom: 1 << 20 });
    const described = await tarWith({ name: 'a', content: 'a', pax: { comment: ' '.repeat(20 << 20) } });
    await refuses(described, /Header exceeds max size/);
    const zip = await zipWith({ zeros: '\0'.repeat(4 << 20) });
    await refuses(zip, /grows to more than 10 times/, { ratio: 10, ratioFrom: 1 << 20 });
  });

  it('verifies the checksums of a .zip: one changed byte of a stored or a packed file is damage', async () => {
    const text = 'hello, this is stored. '.repeat(40);
    for (const compress of [true, false]) {
      const zip = new yazl.ZipFile();
      zip.addBuffer(Buffer.from(text), 'a.txt', { compress });
      zip.end();
      const archive = join(temporaryFolder(), 'sum.zip');
      const whole = await buffer(zip.outputStream);
      writeFileSync(archive, whole);
      assert.equal((await unpackArchive(archive, join(temporaryFolder(), 'out'))).files, 1);
      const wrong = Buffer.from(whole);
      const directory = wrong.indexOf('PK\x01\x02');
      wrong.writeUInt32LE((wrong.readUInt32LE(directory + 16) ^ 1) >>> 0, directory + 16);
      writeFileSync(archive, wrong);
      await refuses(archive, /damaged .*the content of "a\.txt" does not have its checksum/);
      if (compress) continue;
      const flipped = Buffer.from(whole);
      flipped[flipped.indexOf('stored')] ^= 1;
      writeFileSync(archive, flipped);
      await refuses(archive, /does not have its checksum/);
    }
  });

  it('refuses entries of tar of a kind that it does not know, and names that are not UTF-8', async () => {
    for (const flag of ['V', 'S', 'M', 'D', 'Z']) {
      const pack = tar.pack();
      const whole = buffer(pack);
      pack.entry({ name: 'odd' }, 'content');
      pack.entry({ name: 'plain' }, 'content');
      pack.finalize();
      const bytes = await whole;
      bytes.write(flag, 156, 'latin1');
      bytes.fill(' ', 148, 156);
      const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
      bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      const archive = join(temporaryFolder(), 'odd.tar');
      writeFileSync(archive, bytes);
      await refuses(archive, /"odd" is of a kind that is not unpacked/);
    }
    const latin = await tarWith({ name: 'Kxnig', content: '1' });
    const content = gunzipSync(readFileSync(latin));
    content[1] = 0xf6;
    content.fill(' ', 148, 156);
    const sum = content.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    content.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    writeFileSync(latin, gzipSync(content));
    await refuses(latin, /is not UTF-8/);
  });

  it('counts what it leaves out: a bomb may not hide in the files of macOS', async () => {
    const bomb = '\0'.repeat(4 << 20);
    for (const name of ['._x', 'a/._x', '__MACOSX/x', '._d/x']) {
      const archive = await tarWith({ name, content: bomb }, { name: 'a.txt', content: '1' });
      if (name !== '._d/x')
        await refuses(archive, /grows to more than 10 times/, { ratio: 10, ratioFrom: 1 << 20 });
      await refuses(archive, /holds more than 1000000 bytes/, { totalBytes: 1e6 });
    }
  });

  it('tells a missing archive, and one that may not be read, from one that is none', async () => {
    await assert.rejects(
      unpackArchive('/no/such.zip', join(temporaryFolder(), 'out')),
      /Could not read \/no\/such\.zip: there is no such file/,
    );
  });

  for (const extension of ['zip', 'tar', 'tgz']) {
    it(`refuses a .${extension} that is cut short`, async () => {
      const whole = readFileSync(await packed(extension));
      const archive = join(temporaryFolder(), 'cut');
      for (const part of [0.95, 0.5, 0.2]) {
        // Cut at a block, where a tar archive looks whole.
        writeFileSync(archive, whole.subarray(0, Math.floor((part * whole.length) / 512) * 512));
        if (archiveFormat(archive)) await refuses(archive, /damaged or cut short|holds no files/);
      }
    });

    it(`writes nothing outside for a damaged .${extension}`, async () => {
      const whole = readFileSync(await packed(extension));
      const content = extension === 'tgz' ? gunzipSync(whole) : whole;
      const archive = join(temporaryFolder(), 'damaged');
      const edit = fc.tuple(fc.oneof(fc.nat(1600), fc.nat(content.length - 1)), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
          const bytes = Buffer.from(content);
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          writeFileSync(archive, extension === 'tgz' ? gzipSync(bytes, { level: 1 }) : bytes);
          const parent = temporaryFolder();
          const target = join(parent, 'out');
          try {
            await unpackArchive(archive, target);
            filesBelow(target); // plain files only
          } catch (error) {
            assert.ok(error instanceof DataError, String((error as Error).stack));
            assert.ok(!existsSync(target));
          }
          assert.ok(readdirSync(parent).every((name) => name === 'out'));
        }),
        { numRuns: 40 },
      );
    });
  }
});
