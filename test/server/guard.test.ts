/** Who is let in: by Host, Origin and token. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { createGuard, type GuardOptions } from '../../src/server/guard.js';
import { HttpError } from '../../src/server/http.js';

const token = 'a long enough token';

/** The status that a guard answers a request with; 200 where it lets it pass. */
function status(options: GuardOptions, headers: Record<string, string>, path = '/api/table'): number {
  try {
    const url = new URL(path, 'http://server');
    return createGuard(options)({ headers } as unknown as IncomingMessage, url)?.status ?? 200;
  } catch (error) {
    assert.ok(error instanceof HttpError);
    return error.status;
  }
}

describe('the guard of a server for this machine alone', () => {
  const own: GuardOptions = { host: '127.0.0.1', token: null };
  const cases: [Record<string, string>, number][] = [
    [{ host: 'localhost:8080' }, 200],
    [{ host: '127.0.0.1:8080' }, 200],
    [{ host: '[::1]:8080' }, 200],
    [{ host: 'LOCALHOST' }, 200],
    [{ host: 'evil.example:8080' }, 403], // a name that was pointed at 127.0.0.1
    [{ host: 'localhost.evil.example' }, 403],
    [{ host: '192.168.0.4:8080' }, 403],
    [{}, 403],
    [{ host: 'localhost:8080', origin: 'http://localhost:8080' }, 200],
    [{ host: 'localhost:8080', origin: 'http://localhost:3000' }, 403],
    [{ host: 'localhost:8080', origin: 'https://evil.example' }, 403],
    [{ host: 'localhost:8080', origin: 'null' }, 403],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }, 200],
  ];
  for (const [headers, expected] of cases)
    it(`answers ${expected} to ${JSON.stringify(headers)}`, () =>
      assert.equal(status(own, headers), expected));
});

describe('the guard of a server for this machine behind a proxy', () => {
  const behind: GuardOptions = { host: '127.0.0.1', names: ['Photos.example'], token };
  const authorization = `Bearer ${token}`;

  it('knows the names that it is given, and no other', () => {
    for (const host of ['photos.example', 'localhost:8080'])
      assert.equal(status(behind, { host, authorization }), 200, host);
    for (const host of ['evil.example', '192.168.0.4:8080'])
      assert.equal(status(behind, { host, authorization }), 403, host);
    assert.equal(
      status(behind, { host: 'photos.example', authorization, origin: 'https://photos.example' }),
      200,
    );
    assert.equal(status(behind, { host: 'photos.example' }), 401);
  });
});

describe('the guard of a server for other machines', () => {
  const open: GuardOptions = { host: '0.0.0.0', names: ['Photos.example'], token };
  const host = '10.0.0.5:8080';

  it('knows itself by its addresses and the names it is given', () => {
    const authorization = `Bearer ${token}`;
    for (const name of [host, '[fe80::1]:8080', 'photos.example', 'localhost:80'])
      assert.equal(status(open, { host: name, authorization }), 200, name);
    for (const name of ['evil.example', 'photos.example.evil', '10.0.0.5.evil'])
      assert.equal(status(open, { host: name, authorization }), 403, name);
  });

  it('wants the token for everything but health', () => {
    assert.equal(status(open, { host }), 401);
    assert.equal(status(open, { host, authorization: 'Bearer wrong' }), 401);
    assert.equal(status(open, { host, authorization: `Bearer ${token}x` }), 401);
    assert.equal(status(open, { host }, '/metrics'), 401);
    assert.equal(status(open, { host }, '/'), 401);
    assert.equal(status(open, { host }, '/api/health'), 200);
  });

  it('gives a page a cookie for the token in its address, and takes it', () => {
    const url = new URL(`/?token=${encodeURIComponent(token)}`, 'http://server');
    const reply = createGuard(open)({ headers: { host } } as unknown as IncomingMessage, url)!;
    assert.deepEqual([reply.status, reply.headers!.Location], [303, '/']);
    const [cookie, ...flags] = String(reply.headers!['Set-Cookie']).split('; ');
    assert.deepEqual(flags, ['HttpOnly', 'SameSite=Strict', 'Path=/']);
    assert.equal(status(open, { host, cookie: `other=1; ${cookie}` }), 200);
    assert.equal(status(open, { host, cookie: `${cookie.split('=')[0]}=%` }), 401);
    assert.equal(status(open, { host: '10.0.0.5:8081', cookie }), 401, 'of a server on another port');
    assert.equal(status(open, { host }, '/?token=wrong'), 401);
    assert.equal(status(open, { host }, `/api/table?token=${encodeURIComponent(token)}`), 401);
  });
});
