/** Parts of access: keys in texts, addresses, buckets of tokens. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { clientAddress, networkOf } from '../../../src/server/access/address.js';
import { createRateLimit } from '../../../src/server/access/rateLimit.js';
import { keysIn, someKeys } from '../../../src/server/access/secrets.js';

describe('keys in a text', () => {
  it('stand one a line, with remarks', () => {
    assert.deepEqual(keysIn('\ufeffabc\r\n# all of it\n  def # of the shop\n\nghi#jkl, mno\n'), [
      'abc',
      'def',
      'ghi#jkl',
      'mno',
    ]);
    assert.throws(() => someKeys('# none\n', 'keys.txt'), UsageError);
  });
});

describe('addresses', () => {
  it('are of the network that somebody can change among', () => {
    for (const [address, network] of [
      ['192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['2001:db8:0:7::1', '2001:db8:0:7'],
      ['2001:0DB8::1', '2001:db8:0:0'],
      ['fe80::1%eth0', 'fe80:0:0:0'],
      ['::1', '0:0:0:0'],
      ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
      ['1:2:3:4:5:6:7:8', '1:2:3:4'],
      ['unix', 'unix'],
    ])
      assert.equal(networkOf(address), network, address);
  });

  it('are taken from a header as far as proxies are trusted', () => {
    const header = 'a, 198.51.100.1, 198.51.100.2';
    assert.equal(clientAddress('10.0.0.1', header, 0), '10.0.0.1');
    assert.equal(clientAddress('10.0.0.1', header, 1), '198.51.100.2');
    assert.equal(clientAddress('10.0.0.1', header.split(', '), 2), '198.51.100.1');
    assert.equal(clientAddress('10.0.0.1', header, 3), '10.0.0.1');
    assert.equal(clientAddress('10.0.0.1', '198.51.100.1', 2), '198.51.100.1');
    assert.equal(clientAddress(undefined, undefined, 1), undefined);
  });
});

describe('a bucket of tokens', () => {
  it('fills up at a steady rate, and not above its brim', () => {
    let now = 0;
    const limit = createRateLimit(60, () => now);
    const takes = (tokens: number) => limit.take('a', tokens);
    assert.equal(takes(60), 0);
    assert.equal(takes(1), 1);
    now = 900;
    assert.equal(takes(1), 1);
    now = 1000;
    assert.equal(takes(1), 0);
    assert.equal(takes(30), 30);
    now = 1e9;
    assert.equal(takes(61), 1);
    assert.equal(takes(60), 0);
    assert.equal(limit.take('b', 60), 0);
  });

  it('remembers those who asked last, however many ask', () => {
    let now = 0;
    const limit = createRateLimit(2, () => now++);
    for (let i = 0; i < 50_000; i++) assert.equal(limit.take(`one ${i}`, 2), 0);
    assert.ok(limit.take('one 49999', 1) > 0);
    assert.equal(limit.take('one 0', 1), 0);
  });
});
