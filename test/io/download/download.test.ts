import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DataError, HierError, UsageError } from '../../../src/errors.js';
import { download } from '../../../src/io/download/index.js';
import { temporaryFolder } from '../../images/support.js';
import { cutHeld, type Served, sendFile, serve } from './support.js';

const FILE = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 31) >> 5));
const SHA256 = createHash('sha256').update(FILE).digest('hex');
/** Tries again without waiting, and cuts what the server holds back once some of it is here. */
const QUICK = { retryDelay: 1, onProgress: cutHeld };

let folder: string;
let path: string;
let server: Served | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'deep', 'file.bin');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** What lies beside the wanted file. */
const left = () => readdirSync(join(folder, 'deep')).sort();

describe('a download', () => {
  it('brings a file, reports bytes, and leaves nothing else', async () => {
    server = await serve((request, response) => sendFile(request, response, FILE));
    const seen: [number, number | null][] = [];
    const got = await download(`${server.address}/file`, path, {
      onProgress: (done, total) => seen.push([done, total]),
    });
    assert.deepEqual(got, { bytes: FILE.length, sha256: SHA256, verified: false });
    assert.ok(readFileSync(path).equals(FILE));
    assert.deepEqual(seen.at(-1), [FILE.length, FILE.length]);
    assert.ok(seen.every(([done], i) => i === 0 || done > seen[i - 1][0]));
    assert.deepEqual(left(), ['file.bin']);
  });

  it('says why no address of a server could be reached', async (context) => {
    const failed = new AggregateError([
      new Error('connect ETIMEDOUT 192.0.2.1:443'),
      new Error('connect ENETUNREACH'),
    ]);
    context.mock.method(globalThis, 'fetch', async () => {
      throw new TypeError('fetch failed', { cause: failed });
    });
    await assert.rejects(
      download('https://far.example/file', path, { retries: 0 }),
      /could not be fetched: connect ETIMEDOUT 192\.0\.2\.1:443 \(tried/,
    );
  });

  it('follows redirects and holds the file against the checksum that the first answer announces', async () => {
    let announced = SHA256;
    server = await serve((request, response) => {
      if (request.url !== '/blob') {
        response.writeHead(302, { location: '/blob', 'x-linked-etag': `"${announced}"` });
        response.end('moved');
      } else sendFile(request, response, FILE);
    });
    assert.deepEqual(await download(`${server.address}/file`, path), {
      bytes: FILE.length,
      sha256: SHA256,
      verified: true,
    });
    announced = '0'.repeat(64);
    await assert.rejects(
      download(`${server.address}/file`, join(folder, 'deep', 'other')),
      (error) =>
        error instanceof DataError &&
        error.message.includes(`SHA-256 ${SHA256}, expected ${announced}`) &&
        error.message.includes(`${server!.address}/file`),
    );
    assert.deepEqual(left(), ['file.bin']);
  });

  it('goes on after a cut connection where it stopped', async () => {
    server = await serve((request, response, count) =>
      sendFile(request, response, FILE, count <= 2 ? { holdAfter: 70_000 } : {}),
    );
    const notes: string[] = [];
    await download(`${server.address}/file`, path, { ...QUICK, onNote: (note) => notes.push(note) });
    assert.ok(readFileSync(path).equals(FILE));
    assert.equal(server.asked.length, 3);
    assert.match(server.asked[1], /^GET \/file bytes=\d+-$/);
    const starts = server.asked.slice(1).map((line) => Number(/bytes=(\d+)-/.exec(line)![1]));
    assert.ok(0 < starts[0] && starts[0] < starts[1], String(starts));
    assert.equal(notes.length, 2);
    assert.ok(notes.every((note) => note.endsWith('; trying again')));
  });

  it('gives up after a few tries, and a later run goes on', async () => {
    let broken = true;
    server = await serve((request, response) =>
      sendFile(request, response, FILE, broken ? { holdAfter: 50_000 } : {}),
    );
    const url = `${server.address}/file`;
    await assert.rejects(
      download(url, path, { ...QUICK, retries: 1 }),
      (error) =>
        error instanceof HierError &&
        !(error instanceof DataError) &&
        /tried 2 times\)\. Run the same command again to go on/.test(error.message),
    );
    assert.deepEqual(left(), ['file.bin.part', 'file.bin.part.json']);
    broken = false;
    await download(url, path, QUICK);
    assert.match(server.asked.at(-1)!, /bytes=[1-9]\d*-/);
    assert.ok(readFileSync(path).equals(FILE));
    assert.deepEqual(left(), ['file.bin']);
  });

  it('starts anew when the file has changed, or the server names no version of it', async () => {
    for (const tag of ['"two"', null]) {
      let count = 0;
      server = await serve((request, response) => {
        const cut = count++ === 0 ? { holdAfter: 60_000 } : {};
        const first = Buffer.alloc(FILE.length, 1);
        sendFile(request, response, count === 1 ? first : FILE, {
          ...cut,
          tag: tag === null ? null : count === 1 ? '"one"' : tag,
        });
      });
      await download(`${server.address}/file`, path, QUICK);
      assert.ok(readFileSync(path).equals(FILE), String(tag));
      await server.close();
    }
  });

  it('goes on from no part of another address', async () => {
    server = await serve((request, response, count) =>
      sendFile(request, response, FILE, count === 1 ? { holdAfter: 50_000 } : {}),
    );
    await assert.rejects(download(`${server.address}/a`, path, { ...QUICK, retries: 0 }));
    await download(`${server.address}/b`, path, QUICK);
    assert.deepEqual(server.asked, ['GET /a', 'GET /b']);
    assert.ok(readFileSync(path).equals(FILE));
  });

  it('drops a part that is longer than the file', async () => {
    server = await serve((request, response, count) => {
      if (count === 1) {
        response.writeHead(416, { 'content-range': `bytes */${FILE.length}` });
        response.end();
      } else sendFile(request, response, FILE);
    });
    const url = `${server.address}/file`;
    mkdirSync(join(folder, 'deep'));
    writeFileSync(`${path}.part`, Buffer.alloc(FILE.length + 5));
    writeFileSync(`${path}.part.json`, JSON.stringify({ url, validator: '"one"' }));
    await download(url, path, QUICK);
    assert.ok(readFileSync(path).equals(FILE));
  });

  it('says at once that there is no such file, or that it is not public', async () => {
    let status = 404;
    server = await serve((_, response) => {
      response.writeHead(status);
      response.end('<html>no</html>');
    });
    for (const [code, reason] of [
      [404, /there is no such file/],
      [403, /not public/],
    ] as const) {
      status = code;
      await assert.rejects(
        download(`${server.address}/file`, path, QUICK),
        (error) =>
          error instanceof DataError && reason.test(error.message) && error.message.includes(String(code)),
      );
    }
    assert.equal(server.asked.length, 2);
    assert.deepEqual(left(), []);
  });

  it('tries again when the server is busy, and names the last answer', async () => {
    server = await serve((request, response, count) => {
      if (count < 3) {
        response.writeHead(503);
        response.end();
      } else sendFile(request, response, FILE);
    });
    await download(`${server.address}/file`, path, QUICK);
    assert.equal(server.asked.length, 3);
    await server.close();
    server = await serve((_, response) => {
      response.writeHead(503);
      response.end();
    });
    await assert.rejects(
      download(`${server.address}/file`, path, { ...QUICK, retries: 1 }),
      /answered 503 Service Unavailable \(tried 2 times\)/,
    );
  });

  it('counts silence as a cut, and bounds what it takes', async () => {
    server = await serve((request, response, count) => {
      if (count > 1) return sendFile(request, response, FILE);
      response.writeHead(200, { 'content-length': FILE.length, etag: '"one"' });
      response.write(FILE.subarray(0, 1000));
    });
    const notes: string[] = [];
    const url = `${server.address}/file`;
    await download(url, path, { ...QUICK, stallAfter: 100, retries: 30, onNote: (note) => notes.push(note) });
    assert.match(notes[0], /no data for 0\.1 s/);
    assert.ok(readFileSync(path).equals(FILE));
    await assert.rejects(
      download(url, join(folder, 'deep', 'other'), { mostBytes: FILE.length - 1 }),
      /is larger than 299999 bytes/,
    );
  });

  it('bounds a file whose size is not announced', async () => {
    server = await serve((_, response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    await assert.rejects(
      download(`${server.address}/file`, path, { mostBytes: 1_000_000 }),
      /is larger than/,
    );
    assert.equal(existsSync(path), false);
  });

  it('stops when it is asked to, keeping what has arrived', async () => {
    const controller = new AbortController();
    server = await serve((request, response, count) => {
      if (count > 1) return sendFile(request, response, FILE);
      response.writeHead(200, { 'content-length': FILE.length, etag: '"one"' });
      response.write(FILE.subarray(0, 5000));
    });
    const url = `${server.address}/file`;
    await assert.rejects(
      download(url, path, { signal: controller.signal, onProgress: () => controller.abort() }),
      (error) => error instanceof HierError && /^Stopped\. Run the same command again/.test(error.message),
    );
    await download(url, path);
    assert.equal(server.asked[1], 'GET /file bytes=5000-');
    assert.ok(readFileSync(path).equals(FILE));
  });

  it('keeps nothing that its reader refuses', async () => {
    server = await serve((request, response) => sendFile(request, response, FILE));
    const check = () => {
      throw new DataError('not what was wanted');
    };
    await assert.rejects(download(`${server.address}/file`, path, { check }), /not what was wanted/);
    assert.deepEqual(left(), []);
  });

  it('refuses what is not the address of a file, or leads off http', async () => {
    server = await serve((request, response) => {
      response.writeHead(302, { location: request.url === '/loop' ? '/loop' : 'file:///etc/passwd' });
      response.end();
    });
    await assert.rejects(download('nonsense', path), UsageError);
    await assert.rejects(download('ftp://example.org/x', path), /neither an http nor an https/);
    await assert.rejects(download(`${server.address}/file`, path), /neither an http nor an https/);
    await assert.rejects(download(`${server.address}/loop`, path), /redirected more than 10 times/);
  });
});
