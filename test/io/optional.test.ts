/** Packages that need not be there: what is said of one that is missing or does not work, and what passes through. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HierError, UsageError } from '../../src/errors.js';
import { installCommand, isLoadable, loadOptional } from '../../src/io/optional.js';

const packages = {
  purpose: 'Flights need',
  names: ['wings', '@birds/tail'],
  versions: { '@birds/tail': '1.2.3' },
  otherwise: 'Or walk.',
};
const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
const failing = (error: Error) => loadOptional(packages, () => Promise.reject(error));

describe('loadOptional', () => {
  it('gives what is loaded', async () => {
    assert.equal(await loadOptional(packages, async () => 7), 7);
    assert.deepEqual(
      [await isLoadable(async () => 7), await isLoadable(() => failing(missing('wings')))],
      [true, false],
    );
  });

  it('names the command that installs what is missing, and the way without', async () => {
    await assert.rejects(failing(missing('@birds/tail')), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(
        error.message,
        'Flights need the packages wings and @birds/tail, which are not installed with hier. Install them beside it: npm install wings @birds/tail@1.2.3 Or walk.',
      );
      return true;
    });
    assert.equal(installCommand({ purpose: 'A', names: ['wings'] }), 'npm install wings');
  });

  it('says what a package says that does not work here, and does not hide other errors', async () => {
    await assert.rejects(failing(new Error('no binary for this system')), (error: Error) => {
      assert.ok(error instanceof HierError && !(error instanceof UsageError));
      assert.match(error.message, /cannot be loaded on this machine: no binary for this system\. Or walk\./);
      return true;
    });
    await assert.rejects(failing(missing('another')), /cannot be loaded on this machine: .*another/);
    const own = new UsageError('as it is');
    await assert.rejects(failing(own), own);
  });
});
