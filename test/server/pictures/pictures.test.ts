/** Large pictures: what may be read, what is sent of it, and that nothing tells where it lies. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { UsageError } from '../../../src/errors.js';
import { type AllowedOptions, allowedSources } from '../../../src/server/pictures/allowed.js';
import { openPictures } from '../../../src/server/pictures/pictures.js';
import { type Served, serve } from '../../io/download/support.js';

describe('large pictures', () => {
  const root = mkdtempSync(join(tmpdir(), 'hier-test-'));
  const [own, secret] = [join(root, 'own'), join(root, 'own-secret')];
  const at = (name: string) => join(own, name);
  let web: Served;
  let host: string;
  const asked: string[] = [];
  let photo: Buffer;

  before(async () => {
    for (const folder of [own, secret]) mkdirSync(folder);
    photo = await sharp({ create: { width: 600, height: 400, channels: 3, background: '#0a0' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    writeFileSync(at('a.jpg'), photo);
    writeFileSync(join(secret, 'b.jpg'), photo);
    writeFileSync(at('notes.jpg'), 'no image');
    writeFileSync(at('huge.jpg'), '');
    truncateSync(at('huge.jpg'), 65 * 2 ** 20);
    symlinkSync(join(secret, 'b.jpg'), at('out.jpg'));
    symlinkSync(at('a.jpg'), at('within.jpg'));
    symlinkSync(secret, at('folder'));
    web = await serve(({ url = '' }, response) => {
      asked.push(url);
      if (url === '/moved.jpg') response.writeHead(302, { Location: '/c.jpg' }).end();
      else if (url === '/c.jpg') response.writeHead(200).end(photo);
      else response.writeHead(404).end();
    });
    host = new URL(web.address).host;
  });
  after(async () => {
    await web.close();
    rmSync(root, { recursive: true, force: true });
  });

  const pictures = (options: AllowedOptions = {}, table = join(root, 'table')) =>
    openPictures(allowedSources(table, options));
  const ask = (path: string | null, options?: AllowedOptions, table?: string) =>
    pictures(options, table).of({ path, hash: 'h', metadata: {} }, { size: 300 });
  /** The size of what was sent, or why nothing was. */
  const sizeOf = async (answer: Awaited<ReturnType<typeof ask>>) => {
    if (typeof answer === 'string') return answer;
    const { width, height, format, exif } = await sharp(answer.bytes!).metadata();
    assert.deepEqual([format, exif], ['webp', undefined]);
    return [width, height];
  };

  it('are upright, in the next of a few sizes, never enlarged, and without what the file says beside', async () => {
    assert.deepEqual(await sizeOf(await ask(at('a.jpg'))), [341, 512]);
    const large = await pictures().of({ path: at('a.jpg'), hash: 'h', metadata: {} }, { size: 2000 });
    assert.deepEqual(await sizeOf(large), [400, 600]);
  });

  it('are not sent again to who has them, and are others when the file or the row has changed', async () => {
    const some = pictures();
    const item = { path: at('a.jpg'), hash: 'h', metadata: {} };
    const first = await some.of(item, { size: 256 });
    assert.ok(typeof first !== 'string');
    const again = await some.of(item, { size: 100, has: first.version });
    assert.deepEqual(again, { version: first.version, bytes: null });
    assert.ok(!first.version.includes(root));
    const other = await some.of({ ...item, hash: 'i' }, { size: 256, has: first.version });
    assert.ok(typeof other !== 'string' && other.version !== first.version && other.bytes);
  });

  it('of rows of a folder are the files that these name, whose links stay in their folder', async () => {
    assert.deepEqual(await sizeOf(await ask(at('within.jpg'))), [341, 512]);
    assert.equal(await ask(at('out.jpg')), 'forbidden');
    assert.equal(await ask(null), 'none');
    execFileSync('mkfifo', [at('pipe.jpg')]);
    for (const path of [
      at('gone.jpg'),
      at('pipe.jpg'),
      own,
      '/dev/zero',
      'a.jpg',
      `${at('a.jpg')}\0.png`,
      '/proc/self/environ',
    ])
      assert.ok(['gone', 'forbidden', 'damaged'].includes(String(await ask(path))), path);
    assert.equal(await ask(at('notes.jpg')), 'damaged');
    assert.equal(await ask(at('huge.jpg')), 'large');
  });

  it('of named folders are what lies in them, whatever path leads there', async () => {
    const options = { pictures: [own] };
    for (const path of [
      at('a.jpg'),
      at('within.jpg'),
      'a.jpg',
      './x/../a.jpg',
      join(secret, '..', 'own', 'a.jpg'),
    ])
      assert.deepEqual(await sizeOf(await ask(path, options)), [341, 512], path);
    for (const path of [
      at('out.jpg'),
      join(secret, 'b.jpg'),
      join(own, 'folder', 'b.jpg'),
      '../own-secret/b.jpg',
    ])
      assert.equal(await ask(path, options), 'forbidden', path);
    assert.deepEqual(await sizeOf(await ask(at('out.jpg'), { pictures: [own, secret] })), [341, 512]);
    assert.throws(() => pictures({ pictures: [at('gone')] }), UsageError);
  });

  it('of tables that others may write, and where none are wanted, are none', async () => {
    for (const table of ['s3://bucket/table', 'postgres://host/db?table=t']) {
      assert.equal(pictures({}, table).isAllowed, false);
      assert.equal(await ask(at('a.jpg'), {}, table), 'forbidden');
      assert.deepEqual(await sizeOf(await ask(at('a.jpg'), { pictures: [own] }, table)), [341, 512]);
    }
    assert.equal(await ask(at('a.jpg'), { pictures: false }), 'forbidden');
  });

  it('are fetched from hosts that are named alone, and are not followed elsewhere', async () => {
    const there = `http://${host}/c.jpg`;
    const options = { pictureHosts: [host] };
    for (const address of [
      there,
      `http://user:word@${host}/c.jpg`,
      'http://127.0.0.1/c.jpg',
      'http://[::1]/',
      'http://',
    ])
      assert.equal(await ask(address), 'forbidden', address);
    assert.equal(await ask(`http://user:word@${host}/c.jpg`, options), 'forbidden');
    assert.equal(await ask(`http://${host}.example.org/c.jpg`, options), 'forbidden');
    assert.deepEqual(asked, []);
    assert.deepEqual(await sizeOf(await ask(there, options)), [341, 512]);
    assert.equal(await ask(`http://${host}/moved.jpg`, options), 'gone');
    assert.deepEqual(asked, ['/c.jpg', '/moved.jpg']);
    const some = pictures(options);
    for (let i = 0; i < 3; i++)
      assert.equal(
        await some.of({ path: `http://${host}/none.jpg`, hash: 'h', metadata: {} }, { size: 256 }),
        'gone',
      );
    assert.equal(
      asked.filter((url) => url === '/none.jpg').length,
      1,
      'what failed is left alone for a while',
    );
    for (const name of ['', 'a/b', 'https://a', 'a b', 'a@b'])
      assert.throws(() => pictures({ pictureHosts: [name] }), UsageError, name);
  });

  it('may be named by a column of images by their address, and never by a file of this machine', async () => {
    const some = pictures({ pictureHosts: [host] });
    const of = (metadata: Record<string, string>) =>
      some.of({ path: null, hash: 'h', metadata }, { size: 300 });
    assert.deepEqual(await sizeOf(await of({ Image_URL: `http://${host}/c.jpg` })), [341, 512]);
    assert.equal(await of({ image: at('a.jpg') }), 'none');
    assert.equal(await of({ image: `file://${at('a.jpg')}` }), 'none');
    assert.equal(await of({ link: `http://${host}/c.jpg` }), 'none');
  });

  it('that are asked for together are made once', async () => {
    const some = pictures({ pictureHosts: [host] });
    const before = asked.length;
    const item = { path: `http://${host}/c.jpg`, hash: 'h', metadata: {} };
    await Promise.all([1, 2, 3].map(() => some.of(item, { size: 256 })));
    await some.of(item, { size: 256 });
    assert.equal(asked.length - before, 1);
  });
});
