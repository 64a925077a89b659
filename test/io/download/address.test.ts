import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isAddress } from '../../../src/io/download/index.js';

it('addresses are told from paths, and those of other kinds are refused', () => {
  for (const text of ['https://a.org/x', 'http://a.org/x', 'HTTPS://A.ORG/X', 'http:a.org'])
    assert.equal(isAddress(text), true, text);
  for (const text of ['x.tar.gz', '/data/x', './https/x', 'C:\\data\\x', 'C:/data', 'a:b', 'httpsx/y'])
    assert.equal(isAddress(text), false, text);
  for (const text of ['ftp://a.org/x', 'file:///x', 's3://bucket/x', 'hf+git://x'])
    assert.throws(() => isAddress(text), { name: 'UsageError', message: /cannot be fetched: .*https:\/\// });
});
