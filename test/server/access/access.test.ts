/** Who is let in: by Host, Origin, key, and how often. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { type Access, type AccessOptions, createAccess } from '../../../src/server/access/access.js';
import { HttpError } from '../../../src/server/http.js';

const token = 'a-long-enough-token';

interface GuardOptions extends AccessOptions {
  readonly host: string | null;
}
interface Asked {
  readonly method?: string;
  readonly address?: string | undefined;
  readonly isSecure?: boolean;
  readonly base?: string;
}

/** A request as access sees it. */
const askerOf = (headers: Record<string, string>, path: string, asked: Asked = {}) => ({
  ...{ method: 'GET', address: '192.0.2.1', isSecure: false, base: '' },
  ...asked,
  url: new URL(path, 'http://server'),
  headers,
});

/** The status that a request is answered with, and what goes with it; 200 where it is let pass. */
function outcome(access: Access, headers: Record<string, string>, path = '/api/table', asked: Asked = {}) {
  try {
    const reply = access.admit(askerOf(headers, path, asked));
    return { status: reply?.status ?? 200, headers: reply?.headers ?? {}, type: reply?.type };
  } catch (error) {
    assert.ok(error instanceof HttpError);
    return { status: error.status, headers: error.headers, type: undefined };
  }
}

/** The status alone, of a server that has just begun. */
const status = ({ host, ...options }: GuardOptions, headers: Record<string, string>, path = '/api/table') =>
  outcome(createAccess(host, options), headers, path).status;

describe('the guard of a server for this machine alone', () => {
  const own: GuardOptions = { host: '127.0.0.1' };
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
    const access = createAccess('0.0.0.0', open);
    const reply = outcome(access, { host }, `/?token=${encodeURIComponent(token)}`);
    assert.deepEqual([reply.status, reply.headers.Location], [303, './']);
    const [cookie, ...flags] = String(reply.headers['Set-Cookie']).split('; ');
    assert.deepEqual(flags, ['HttpOnly', 'SameSite=Strict', 'Path=/']);
    assert.equal(status(open, { host, cookie: `other=1; ${cookie}` }), 200);
    assert.equal(status(open, { host, cookie: `${cookie.split('=')[0]}=%` }), 401);
    assert.equal(status(open, { host: '10.0.0.5:8081', cookie }), 401, 'of a server on another port');
    assert.equal(status(open, { host }, '/?token=wrong'), 401);
    assert.equal(status(open, { host }, `/api/table?token=${encodeURIComponent(token)}`), 401);
  });
});

describe('links to the page from other sites', () => {
  const open = createAccess('127.0.0.1', {});
  const host = 'localhost:8080';
  const link = {
    host,
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };

  it('are followed, and nothing else that other sites ask is answered', () => {
    assert.equal(outcome(open, link, '/').status, 200);
    assert.equal(outcome(open, link, '/api/table').status, 403);
    assert.equal(outcome(open, { ...link, 'sec-fetch-dest': 'iframe' }, '/').status, 403);
    assert.equal(outcome(open, { ...link, 'sec-fetch-mode': 'no-cors' }, '/').status, 403);
    assert.equal(outcome(open, { ...link, origin: 'https://evil.example' }, '/').status, 403);
  });
});

describe('other sites that may ask', () => {
  const shop = 'https://shop.example';
  const access = createAccess('127.0.0.1', { allowOrigins: [`${shop}/`, 'http://localhost:3000'], token });
  const host = 'localhost:8080';
  const authorization = `Bearer ${token}`;

  it('are those of the list, each as a whole, and with a key', () => {
    for (const origin of [shop, 'http://localhost:3000']) {
      assert.equal(
        outcome(access, { host, origin, authorization, 'sec-fetch-site': 'cross-site' }).status,
        200,
      );
      assert.equal(outcome(access, { host, origin, 'sec-fetch-site': 'cross-site' }).status, 401);
      assert.equal(access.headers({ origin })['Access-Control-Allow-Origin'], origin);
    }
    const foreign = [
      `${shop}.evil.example`,
      'https://evil.example',
      'null',
      '*',
      'http://shop.example',
      `${shop}:444`,
    ];
    for (const origin of [...foreign, `${shop}\r\nX-Evil: 1`, `${shop}/`, shop.toUpperCase()]) {
      assert.equal(outcome(access, { host, origin, authorization }).status, 403, origin);
      assert.deepEqual(access.headers({ origin }), { Vary: 'Origin' }, origin);
    }
    assert.deepEqual(access.headers({}), { Vary: 'Origin' });
    assert.ok(!('Access-Control-Allow-Credentials' in access.headers({ origin: shop })));
    assert.deepEqual(createAccess('127.0.0.1', {}).headers({ origin: shop }), {});
  });

  it('are told before they ask, without a key', () => {
    const preflight = { host, 'access-control-request-method': 'POST' };
    const asked = { method: 'OPTIONS' };
    const told = outcome(access, { ...preflight, origin: shop }, '/api/search', asked);
    assert.equal(told.status, 204);
    assert.match(String(told.headers['Access-Control-Allow-Headers']), /Authorization/);
    assert.equal(outcome(access, { ...preflight, origin: 'https://evil.example' }, '/', asked).status, 403);
    assert.equal(outcome(access, { host, origin: shop }, '/api/search', asked).status, 401);
  });

  it('are named in full', () => {
    const wrong = [
      '*',
      'https://*.example',
      'shop.example',
      'null',
      '',
      'file:///a',
      `${shop}/path`,
      `${shop}?a`,
    ];
    for (const origin of [...wrong, `https://user@shop.example`, `${shop} https://b.example`])
      assert.throws(() => createAccess(null, { allowOrigins: [origin] }), UsageError, origin);
  });
});

describe('a server with several keys', () => {
  const keys = ['first-key-0123456789', 'second-key-0123456789'];
  const access = createAccess('0.0.0.0', { keys });
  const host = '10.0.0.5';

  it('takes each of them, and nothing like them', () => {
    for (const key of keys)
      assert.equal(outcome(access, { host, authorization: `Bearer ${key}` }).status, 200);
    const wrong = [
      'Bearer',
      'Bearer ',
      `Basic ${keys[0]}`,
      keys[0],
      `Bearer ${keys[0]} ${keys[1]}`,
      'Bearer undefined',
    ];
    for (const authorization of [...wrong, `Bearer ${'x'.repeat(15_000)}`, `Bearer ${keys.join(',')}`])
      assert.equal(outcome(access, { host, authorization }).status, 401, authorization);
    const refused = outcome(access, { host });
    assert.equal(refused.headers['WWW-Authenticate'], 'Bearer');
  });

  it('asks people for one on a page, and scripts in JSON', () => {
    const accept = 'text/html,application/xhtml+xml';
    const asked = outcome(access, { host, accept }, '/');
    assert.deepEqual([asked.status, asked.type], [401, 'text/html; charset=utf-8']);
    assert.match(String(asked.headers['Content-Security-Policy']), /form-action 'self'/);
    assert.equal(asked.headers['Referrer-Policy'], 'same-origin', 'or a form comes from Origin: null');
    assert.equal(outcome(access, { host, accept }, '/api/table').type, undefined);
    const form = (key: string, more: Asked = {}) => {
      const asker = askerOf({ host }, '/sign-in', { method: 'POST', ...more });
      assert.ok(access.isSignIn(asker));
      return access.signIn(asker, Buffer.from(`key=${encodeURIComponent(key)}`));
    };
    assert.equal(form('wrong').status, 401);
    assert.equal(form('<script>alert(1)</script>').status, 401);
    assert.doesNotMatch(String(form('<script>').body), /<script>/);
    const welcome = form(` ${keys[1]}\n`, { base: '/visual;search', isSecure: true });
    assert.equal(welcome.status, 303);
    const [cookie, ...flags] = String(welcome.headers!['Set-Cookie']).split('; ');
    assert.deepEqual(flags, ['HttpOnly', 'SameSite=Strict', 'Path=/visual%3Bsearch', 'Secure']);
    assert.equal(outcome(access, { host, cookie }).status, 200);
  });

  it('refuses keys that are no good', () => {
    for (const key of ['short', 'x'.repeat(513), 'a key with spaces in it', 'schlüssel-0123456789'])
      assert.throws(() => createAccess(null, { keys: [key] }), UsageError, key);
    assert.throws(() => createAccess(null, { keys: [] }), UsageError);
    assert.equal(createAccess(null, {}).needsKey, false);
  });
});

describe('how often somebody may ask', () => {
  const host = 'localhost';
  const until429 = (access: Access, headers: Record<string, string>, path: string, asked: Asked = {}) => {
    for (let i = 0; i < 1000; i++)
      if (outcome(access, { host, ...headers }, path, asked).status === 429) return i;
    return 1000;
  };

  it('is counted by address, and is said with how long to wait', () => {
    const access = createAccess('localhost', { rateLimit: 5 });
    assert.equal(until429(access, {}, '/api/table'), 5);
    assert.equal(until429(access, {}, '/api/search', { address: '192.0.2.2', method: 'POST' }), 5);
    const { status: refused, headers } = outcome(access, { host });
    assert.equal(refused, 429);
    assert.match(String(headers['Retry-After']), /^1[0-2]$/);
    assert.equal(until429(access, { 'x-forwarded-for': '198.51.100.1' }, '/api/table'), 0, 'is not believed');
    for (const free of ['/api/health', '/', '/main.js']) assert.equal(until429(access, {}, free), 1000, free);
    assert.equal(until429(access, {}, '/api/thumbnail', { address: '192.0.2.3' }), 100);
    assert.equal(until429(access, {}, '/api/table', { address: '2001:db8::1' }), 5);
    assert.equal(
      until429(access, {}, '/api/table', { address: '2001:db8::ffff:2' }),
      0,
      'of the same network',
    );
    assert.equal(until429(access, {}, '/api/table', { address: undefined }), 5);
  });

  it('is counted by key where one is shown, and wrong keys by address', () => {
    const keys = ['first-key-0123456789', 'second-key-0123456789'];
    const access = createAccess('localhost', { keys, rateLimit: 4 });
    assert.equal(until429(access, { authorization: `Bearer ${keys[0]}` }, '/api/table'), 4);
    assert.equal(
      until429(access, { authorization: `Bearer ${keys[0]}` }, '/api/table', { address: '192.0.2.9' }),
      0,
    );
    assert.equal(until429(access, { authorization: `Bearer ${keys[1]}` }, '/api/table'), 4);
    assert.equal(until429(access, { authorization: 'Bearer wrong' }, '/'), 4);
    assert.equal(until429(access, { authorization: 'Bearer wrong' }, '/api/health'), 1000);
    const asker = askerOf({ host }, '/sign-in', { method: 'POST', address: '192.0.2.7' });
    for (let i = 0; i < 4; i++) assert.equal(access.signIn(asker, Buffer.from('key=x')).status, 401);
    assert.throws(() => access.signIn(asker, Buffer.from('key=x')), { status: 429 });
  });

  it('believes as many proxies as it is told of', () => {
    const access = createAccess('localhost', { rateLimit: 3, trustProxy: 1 });
    const from = (text: string) => ({ 'x-forwarded-for': text });
    assert.equal(until429(access, from('203.0.113.1'), '/api/table'), 3);
    assert.equal(
      until429(access, from('198.51.100.66, 203.0.113.1'), '/api/table'),
      0,
      'the first is made up',
    );
    assert.equal(until429(access, from('203.0.113.2:4711'), '/api/table'), 3);
    assert.equal(until429(access, from('[2001:db8::1]:80'), '/api/table'), 3);
    assert.equal(until429(access, from('<script>'), '/api/table'), 3, 'that of the connection');
    assert.equal(until429(access, {}, '/api/table'), 0);
  });

  it('refuses limits that cannot be', () => {
    for (const rateLimit of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => createAccess(null, { rateLimit }), UsageError);
    for (const trustProxy of [-1, 0.5]) assert.throws(() => createAccess(null, { trustProxy }), UsageError);
  });
});
