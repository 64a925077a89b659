/** Where a handler is mounted: what lies below, what beside, and how a page without the slash finds its files. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { mountPath, placed, placesIn, withBase } from '../../../src/server/mount/place.js';

describe('a mount path', () => {
  it('is plain', () => {
    assert.deepEqual(
      [mountPath(), mountPath('/'), mountPath('/a/'), mountPath('/a-b/c.d')],
      ['', '', '/a', '/a-b/c.d'],
    );
    for (const path of [
      'a',
      'a/b',
      '//a',
      '/a//b',
      '/..',
      '/a/..',
      '/a/./b',
      '/a b',
      '/a?b',
      '/a#b',
      '/%61',
      '/a;b',
      '/ä',
      '/a\\b',
      '//',
      '/a\r\nb',
    ])
      assert.throws(() => mountPath(path), UsageError, path);
  });
});

describe('an address', () => {
  const at = (target: string, base = '/visual-search') => {
    const found = placed([base], target);
    return found && `${found.url.pathname}${found.url.search}${found.isBare ? ' bare' : ''}`;
  };

  it('lies below the mount path or not, whatever it is written like', () => {
    for (const [target, expected] of [
      ['/visual-search/api/table', '/api/table'],
      ['/visual-search/?a=1', '/?a=1'],
      ['/visual-search', '/ bare'],
      ['/visual-search?token=x', '/?token=x bare'],
      ['/visual-searching/api', undefined],
      ['/', undefined],
      ['/visual-search/../api/table', undefined],
      ['/visual-search/%2e%2e/api/table', undefined],
      ['/other/../visual-search/api/table', '/api/table'],
      ['//visual-search/api/table', undefined],
      ['/visual-search//api/table', '//api/table'],
      ['/visual-search/..%2fapi', '/..%2fapi'],
      ['/visual-search\\api\\table', '/api/table'],
      ['/VISUAL-SEARCH/', undefined],
      ['http://evil.example/visual-search/api/table', '/api/table'],
      ['/visual-search/%00', '/%00'],
    ] as const)
      assert.equal(at(target), expected, target);
    assert.equal(at('/visual-search', ''), '/visual-search');
    assert.equal(at('/', ''), '/');
    for (const target of ['*', 'evil', ''])
      assert.throws(() => placed([''], target), { status: 400 }, target);
  });

  it('is that below where a framework has put the handler', () => {
    const of = (url: string, originalUrl: string | undefined, path = '') => {
      const { target, bases } = placesIn({ url, originalUrl } as unknown as IncomingMessage, path);
      const found = placed(bases, target);
      return found && `${found.base} ${found.url.pathname}${found.isBare ? ' bare' : ''}`;
    };
    assert.equal(of('/api/table', '/search/api/table'), '/search /api/table');
    assert.equal(of('/', '/search'), '/search / bare');
    assert.equal(of('/?a=1', '/search?a=1'), '/search / bare');
    assert.equal(of('/', '/search/'), '/search /');
    assert.equal(of('/', '/'), ' /');
    assert.equal(of('/api', '/api'), ' /api');
    assert.equal(of('/x', undefined), ' /x');
    assert.equal(of('/api', '/search/api', '/search'), '/search /api', 'put there, and told of it');
    assert.equal(of('/search/api', '/search/api', '/search'), '/search /api');
    assert.equal(of('/search/api', '/shop/search/api', '/search'), '/shop/search /api');
    assert.equal(of('/other', '/shop/other', '/search'), undefined);
    assert.equal(of('/../secret', '/search/../secret'), undefined);
  });
});

describe('a page without the slash at the end of its address', () => {
  const page = { type: 'text/html; charset=utf-8', body: '<html><head><title>x</title></head></html>' };
  const at = (base: string, isBare: boolean) => ({ base, isBare, url: new URL('http://server/') });

  it('says where its files are, and no other reply does', () => {
    assert.match(String(withBase(page, at('/a/b', true)).body), /<head><base href="\.\/b\/"><title>/);
    assert.equal(withBase(page, at('/a/b', false)), page);
    assert.equal(withBase(page, at('', true)), page);
    const json = { type: 'application/json', body: '{}' };
    assert.equal(withBase(json, at('/a', true)), json);
    const odd = placed([new URL('http://server/x"><script>\'&').pathname], '/x"><script>\'&')!;
    assert.doesNotMatch(String(withBase(page, odd).body), /<script|""|'/);
  });
});
