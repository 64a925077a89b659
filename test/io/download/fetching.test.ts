import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { HierError } from '../../../src/errors.js';
import { fetchingAlone } from '../../../src/io/download/index.js';
import { temporaryFolder } from '../../images/support.js';

describe('what is fetched by one process at a time', () => {
  const root = temporaryFolder();

  it('one fetches at a time: another is told who does, until the first has ended, in whatever way', async () => {
    const folder = join(root, 'new', 'folder');
    const same = { name: 'the name', folder };
    const refused = (error: Error) =>
      error instanceof HierError &&
      new RegExp(`^Process ${process.pid} on .* is fetching the name already, since 20`).test(error.message);
    const got = await fetchingAlone(same, async () => {
      await assert.rejects(
        fetchingAlone(same, async () => assert.fail('both at once')),
        refused,
      );
      // What has a lock of its own in the same folder is another thing.
      return fetchingAlone({ ...same, lock: 'other.lock' }, async () => 7);
    });
    assert.equal(got, 7);
    await assert.rejects(
      fetchingAlone(same, async () => {
        throw new Error('cut');
      }),
      /^Error: cut$/,
    );
    assert.equal(await fetchingAlone(same, async () => 8), 8);
    assert.ok(!existsSync(join(folder, 'fetching.lock')));
  });

  it('a folder that cannot be made is told', async () => {
    writeFileSync(join(root, 'file'), '');
    await assert.rejects(
      fetchingAlone({ name: 'x', folder: join(root, 'file', 'x') }, async () => 1),
      HierError,
    );
  });
});
