/** The thread that embeds uploads: the same embeddings as here, without this thread being held up. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, before, describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { openModel } from '../../src/model/trained.js';
import { runPaths } from '../../src/runs/paths.js';
import { openUploadThread, type UploadThread } from '../../src/server/uploadThread.js';
import { noise, temporaryFolder, writePng } from '../images/support.js';
import { writeRun } from './support.js';

describe('the thread that embeds uploads', () => {
  const root = temporaryFolder();
  const large = ['images.size=256', 'images.store=256', 'backbone.widths=[256]', 'backbone.bottleneck=[128]'];
  const run = writeRun(join(root, 'run'), 1, large);
  const { model, modelInfo } = runPaths(run);
  const files = {
    network: new Uint8Array(readFileSync(model)),
    info: readFileSync(modelInfo, 'utf8'),
    from: 'the network',
    advice: 'Mend it.',
  };
  let thread: UploadThread;
  let image: string;
  before(async () => {
    image = await writePng(join(root, 'image.png'), noise(40, 30));
    thread = await openUploadThread(files);
  });
  after(() => thread.close());

  it('lets this thread go first, where threads have priorities of their own', () => {
    if (process.platform !== 'linux') return;
    const priorities = readdirSync('/proc/self/task').map((thread) => {
      try {
        return getPriority(Number(thread));
      } catch {
        return null; // it has ended meanwhile
      }
    });
    const own = getPriority(process.pid);
    assert.ok(priorities.includes(Math.min(19, own + 10)), priorities.join());
  });

  it('embeds as this thread does, several at once', async () => {
    const own = await openModel(run);
    const { embeddings: expected } = await own.embed([image]);
    await own.close();
    const found = await Promise.all([thread.embed(image), thread.embed(image)]);
    for (const vector of found) assert.deepEqual(vector, expected);
  });

  it('leaves this thread free: it waits nearly all of the time', async () => {
    const start = performance.eventLoopUtilization();
    for (let i = 0; i < 3; i++) await thread.embed(image);
    const { utilization } = performance.eventLoopUtilization(start);
    assert.ok(utilization < 0.5, `busy for ${utilization} of the time`);
  });

  it('says which image cannot be read, and goes on', async () => {
    const broken = join(root, 'broken.png');
    writeFileSync(broken, readFileSync(image).subarray(0, 80));
    await assert.rejects(thread.embed(broken), (error: Error) => {
      assert.ok(error instanceof DataError);
      assert.match(error.message, /broken\.png/);
      return true;
    });
    assert.ok((await thread.embed(image)).every(Number.isFinite));
  });

  it('refuses a damaged network when it is opened', async () => {
    await assert.rejects(
      openUploadThread({ ...files, network: files.network.subarray(0, 100) }),
      (error: Error) => error instanceof DataError && /the network is damaged.*Mend it/.test(error.message),
    );
  });
});
