/** Images of a list on the web: within limits, once, and never from where a list has no business. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type FetchImagesOptions, fetchImages } from '../../src/items/fetchedImages.js';
import { isPublicAddress, publicLookup, refusePrivate } from '../../src/items/publicAddress.js';
import { temporaryFolder } from '../images/support.js';
import { type Served, serve } from '../io/download/support.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe('addresses', () => {
  it('are public, or not asked', () => {
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::5'])
      assert.ok(isPublicAddress(address), address);
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
      ...[
        '64:ff9b::7f00:1',
        'fe80::1%eth0',
        'fc00::1',
        'fd12::1',
        'ff02::1',
        '2002:7f00:1::',
        '2001:0:1::',
        'x',
        '',
      ],
    ])
      assert.ok(!isPublicAddress(address), address);
    for (const host of [
      '[::1]',
      '127.0.0.1',
      new URL('http://0x7f.1/').hostname,
      new URL('http://2130706433/').hostname,
    ])
      assert.throws(() => refusePrivate(host), /private network/);
    refusePrivate('example.org');
  });

  it('are looked at where a connection is made', async () => {
    const found = await new Promise((resolve) => {
      publicLookup('localhost', { all: true }, (error) => resolve(error));
    });
    assert.match(String(found), /localhost is an address of this machine/);
  });
});

describe('images of a list on the web', () => {
  const folder = temporaryFolder();
  const asked: string[] = [];
  let server: Served;
  let base = '';
  let isBusy = true;
  before(async () => {
    server = await serve(({ url = '' }, response) => {
      asked.push(url);
      if (url.startsWith('/ok')) return response.end(Buffer.concat([PNG, Buffer.from(url)]));
      if (url === '/moved') return response.writeHead(302, { location: '/ok-moved' }).end();
      if (url === '/round') return response.writeHead(302, { location: '/round' }).end();
      if (url === '/file') return response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      if (url === '/html') return response.end('<!doctype html><title>log in</title>');
      if (url === '/huge') return response.writeHead(200, { 'content-length': 3e9 }).write(PNG);
      if (url === '/endless') {
        const pour = (): void =>
          void response.write(Buffer.alloc(2 ** 16), () => !response.destroyed && pour());
        response.write(PNG);
        return pour();
      }
      if (url === '/busy' && isBusy) {
        isBusy = false;
        return response.writeHead(503).end();
      }
      if (url === '/busy') return response.end(PNG);
      if (url === '/slow') return undefined;
      return response.writeHead(404).end();
    });
    base = server.address;
  });
  after(() => server.close());
  const fetch = (paths: readonly string[], options: FetchImagesOptions = {}) =>
    fetchImages(
      paths.map((path) => (path.startsWith('/') ? base + path : path)),
      { folder: join(folder, 'images'), allowPrivate: true, mostBytes: 2 ** 20, retryDelay: 1, ...options },
    );

  it('come once, and what fails costs itself alone and says why', async () => {
    const bad: [string, RegExp][] = [
      ['/none', /answered 404/],
      ['/round', /redirected more than 5 times/],
      ['/file', /not an address such as https/],
      ['/html', /not JPEG, PNG, WebP or GIF but a web page/],
      ['/huge', /larger than 1 MiB/],
      ['/endless', /larger than 1 MiB/],
      [base.replace('//', '//me:secret@'), /holds a name or a password/],
    ];
    const good = ['/ok1', '/ok2', '/moved', '/busy', '/ok1'];
    const { failures, fetched, fileOf } = await fetch([...good, ...bad.map(([path]) => path)]);
    assert.equal(fetched, 4);
    assert.equal(failures.size, bad.length);
    for (const [path, reason] of bad)
      assert.match(failures.get(path.startsWith('/') ? base + path : path)!, reason);
    for (const path of good) assert.ok(existsSync(fileOf(base + path)));
    assert.ok(
      readFileSync(fileOf(`${base}/ok2`))
        .toString()
        .endsWith('/ok2'),
    );
    const before = asked.length;
    assert.equal((await fetch(['/ok1', '/ok2', '/moved'])).fetched, 0);
    assert.equal(asked.length, before);
    assert.equal((await fetch(['/ok1'], { again: true })).fetched, 1);
  });

  it('are not asked from private addresses, by name, number or redirect, unless that is allowed', async () => {
    const { port } = new URL(base);
    const before = asked.length;
    const urls = [
      `http://localhost:${port}/ok9`,
      `http://2130706433:${port}/ok9`,
      `http://[::1]:${port}/ok9`,
    ];
    const { failures } = await fetch(urls, { allowPrivate: false });
    for (const url of urls) assert.match(failures.get(url)!, /private network, which is not asked/);
    assert.equal(asked.length, before);
  });

  it('end with their time, and a host that never answers is soon left alone', async () => {
    const { failures } = await fetch(['/slow'], { seconds: 0.05 });
    assert.match([...failures.values()].join(), /not here within 0.05 seconds/);
    const dead = Array.from({ length: 30 }, (_, i) => `http://127.0.0.1:1/${i}`);
    const left = await fetch(dead, { atOnce: 1 });
    assert.equal(left.failures.size, 30);
    assert.match(left.failures.get(dead[0])!, /refused the connection/);
    assert.match(left.failures.get(dead[29])!, /has not answered 10 times in a row/);
  });

  it('stop when they are told to, and what has come stays', async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('stopped'));
    const paths = ['/ok-a', '/ok-b', '/ok-c'];
    await assert.rejects(fetch(paths, { atOnce: 1, signal: stop.signal, onProgress }), /stopped/);
    assert.equal((await fetch(paths)).fetched, 2);
  });
});
