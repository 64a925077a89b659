/** Who may ask `hier serve`: keys from files and the environment, and options that cannot be. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { accessOf } from '../../../../src/cli/verbs/serve/access.js';
import { HierError, UsageError } from '../../../../src/errors.js';
import { temporaryFolder } from '../../../images/support.js';
import { hierHere } from '../../inProcess.js';

describe('the keys of hier serve', () => {
  const folder = temporaryFolder();
  const fileOf = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('come from files and the environment, each once', () => {
    const one = fileOf('one.txt', '# the shop\nkey-of-the-shop-1234\n\nkey-of-the-office-12 # until May\n');
    const two = fileOf('two.txt', 'key-of-the-shop-1234\r\n');
    const environment = {
      HIER_KEYS: 'key-of-a-variable-1,key-of-a-variable-2',
      HIER_TOKEN: 'token-0123456789',
    };
    assert.deepEqual(accessOf({ keys: [one, two] }, environment).keys, [
      'key-of-the-shop-1234',
      'key-of-the-office-12',
      'key-of-a-variable-1',
      'key-of-a-variable-2',
      'token-0123456789',
    ]);
    assert.equal(accessOf({}, { HIER_TOKEN: '' }).keys, undefined);
  });

  it('are missed where a file or a variable has none', () => {
    assert.throws(() => accessOf({ keys: [fileOf('none.txt', '# none\n')] }, {}), UsageError);
    assert.throws(() => accessOf({}, { HIER_KEYS: ' , ' }), UsageError);
    for (const file of [join(folder, 'missing'), folder, fileOf('large', 'x'.repeat(2 ** 20 + 1))])
      assert.throws(() => accessOf({ keys: [file] }, {}), HierError, file);
  });
});

describe('hier serve', () => {
  it('refuses what cannot be before it opens the table', async () => {
    for (const words of [
      ['--allow-origin', '*'],
      ['--allow-origin', 'shop.example'],
      ['--rate-limit', '0'],
      ['--trust-proxy', '-1'],
      ['--path', 'search'],
      ['--path', '/a/../b'],
      ['--token', 'short'],
    ]) {
      const { code, stderr } = await hierHere('serve', 'nowhere', ...words);
      assert.equal(code, 2, `${words}: ${stderr}`);
    }
    const { stderr } = await hierHere('serve', 'nowhere', '--token', 'a-long-enough-token');
    assert.match(stderr, /--token shows in the list of processes[\s\S]*no table nowhere/);
  });
});
