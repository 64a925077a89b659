import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { DataError, UsageError } from '../../src/errors.js';
import { augmenter } from '../../src/images/augment.js';
import { decodeFile } from '../../src/images/decode.js';
import { fitSquare } from '../../src/images/fit.js';
import { ImageLoader, type LoaderOptions } from '../../src/images/loader.js';
import { normalisationTable, writeNormalised } from '../../src/images/normalise.js';
import { resolveAugmentation } from '../../src/images/resolveAugmentation.js';
import { randomStream } from '../../src/random.js';
import { assertSameRaster, noise, temporaryFolder, writePng } from './support.js';

const NORMALISATION = { mean: [0.5, 0.4, 0.3], std: [0.5, 0.25, 0.2] } as const;
const SIZE = 10;
const INDICES = [3, 0, 6, 6, 1, 2, 5];

/** Seven images of different shapes, and one that is not an image. */
const folder = temporaryFolder();
const paths: string[] = [];
const bad = join(folder, 'bad.png');
before(async () => {
  for (let i = 0; i < 7; i++) paths.push(await writePng(join(folder, `${i}.png`), noise(12 + 3 * i, 16, i)));
  writeFileSync(bad, 'no image');
});

async function withLoader<T>(
  options: Partial<LoaderOptions>,
  use: (loader: ImageLoader) => Promise<T>,
): Promise<T> {
  const loader = await ImageLoader.open({ paths, size: SIZE, ...NORMALISATION, workers: 2, ...options });
  try {
    return await use(loader);
  } finally {
    await loader.close();
  }
}

/** The batch made here, image after image. */
async function expected(key: number[] | undefined, kind: 'warp' | 'crop', side?: number, resizeTo = SIZE) {
  const table = normalisationTable(NORMALISATION);
  const augment = augmenter(resolveAugmentation({ kind }), SIZE, NORMALISATION);
  const out = new Float32Array(INDICES.length * 3 * SIZE * SIZE);
  for (let i = 0; i < INDICES.length; i++) {
    let raster = await decodeFile(paths[INDICES[i]]);
    if (side) raster = fitSquare(raster, side);
    const offset = i * 3 * SIZE * SIZE;
    if (!key) writeNormalised(fitSquare(raster, SIZE, { resizeTo }), table, out, offset);
    else {
      if (kind === 'warp' && !side) raster = fitSquare(raster, resizeTo);
      augment(raster, randomStream(...key, i), out, offset);
    }
  }
  return out;
}

for (const workers of [1, 3])
  for (const side of [undefined, 14])
    test(`${workers} workers, ${side ? 'stored' : 'streamed'}: batches are a function of indices and key`, async () => {
      for (const kind of ['warp', 'crop'] as const)
        await withLoader(
          { workers, augment: { kind }, ...(side ? { store: { side } } : {}) },
          async (loader) => {
            const batches = [
              loader.batch(INDICES),
              loader.batch(INDICES, [7, 1]),
              loader.batch(INDICES, [7, 2]),
            ];
            assert.deepEqual(await batches[2], await expected([7, 2], kind, side));
            assert.deepEqual(await batches[1], await expected([7, 1], kind, side));
            assert.deepEqual(await batches[0], await expected(undefined, kind, side));
          },
        );
    });

test('resizeTo brings the short side to more than is cropped', async () => {
  await withLoader({ resizeTo: 13 }, async (loader) =>
    assert.deepEqual(await loader.batch(INDICES), await expected(undefined, 'warp', undefined, 13)),
  );
});

test('workers go on while the main thread is busy', async () => {
  await withLoader({ augment: { kind: 'warp' }, store: { side: 14 } }, async (loader) => {
    const ahead = Array.from({ length: 40 }, (_, step) => loader.batch(INDICES, [step]));
    let resolved = 0;
    for (const batch of ahead) batch.then(() => resolved++);
    // The thread sleeps and looks up at most eight times: far too seldom to hand out forty batches one by one.
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    for (let look = 0; look < 8 && resolved < 40; look++) {
      Atomics.wait(asleep, 0, 0, 50 * 2 ** look);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(resolved, 40);
  });
});

test('rasters are the stored squares', async () => {
  await withLoader({ store: { side: 14 } }, async (loader) => {
    for (const index of [0, 6])
      assertSameRaster(loader.raster(index), fitSquare(await decodeFile(paths[index]), 14));
    assert.throws(() => loader.raster(7), /image 7 of 7/);
  });
  await withLoader({}, async (loader) => assert.throws(() => loader.raster(0), UsageError));
});

test('filling the store reports every image once', async () => {
  const calls: number[][] = [];
  await withLoader({ store: { side: 8 }, onProgress: (...call) => calls.push(call) }, async () => undefined);
  assert.deepEqual(calls.at(-1), [7, 7]);
  assert.ok(calls.every(([done], i) => i === 0 || done > calls[i - 1][0]));
});

test('a bad image fails by name: at opening with a store, at its batch without', async () => {
  const options = { paths: [...paths, bad], size: SIZE, ...NORMALISATION, workers: 2 };
  const named = (error: Error) => error instanceof DataError && error.message.includes(bad);
  await assert.rejects(ImageLoader.open({ ...options, store: { side: 8 } }), named);
  await withLoader(options, async (loader) => {
    const ahead = [loader.batch([0, 7]), loader.batch([7]), loader.batch([1])];
    await assert.rejects(ahead[0], named);
    await assert.rejects(ahead[1], named);
    assert.equal((await ahead[2]).length, 300); // the loader is still of use
  });
});

test('bad images can be skipped: listed, and zero in the batch', async () => {
  for (const store of [undefined, { side: 12 }])
    await withLoader(
      { paths: [paths[0], bad], onBad: 'skip', ...(store ? { store } : {}) },
      async (loader) => {
        const batch = await loader.batch([1, 0]);
        assert.deepEqual(
          loader.skipped.map(({ index, path }) => [index, path]),
          [[1, bad]],
        );
        assert.match(loader.skipped[0].reason, /not a JPEG/);
        if (!store) assert.ok(batch.subarray(0, 300).every((value) => value === 0));
        assert.ok(batch.subarray(300).some((value) => value !== 0));
      },
    );
});

test('closing rejects what is in the making and may be repeated', async () => {
  const loader = await ImageLoader.open({ paths, size: SIZE, ...NORMALISATION, workers: 2 });
  const pending = Array.from({ length: 50 }, () => loader.batch(INDICES));
  await loader.close();
  await loader.close();
  await assert.rejects(pending[49], /closed/);
  await assert.rejects(loader.batch([0]), /closed/);
});

test('impossible options are refused', async () => {
  const open = (options: Partial<LoaderOptions>) => withLoader(options, async () => undefined);
  await assert.rejects(open({ size: 0 }), UsageError);
  await assert.rejects(open({ resizeTo: 5 }), /resizeTo must be at least the image size 10/);
  await assert.rejects(open({ workers: 0 }), UsageError);
  await assert.rejects(open({ std: [1, 0, 1] }), UsageError);
  await assert.rejects(open({ store: { side: 1.5 } }), UsageError);
  await assert.rejects(open({ augment: { kind: 'warp', hue: 3 } }), UsageError);
  await withLoader({}, async (loader) => {
    await assert.rejects(loader.batch([0], [1]), /needs the loader option `augment`/);
    await assert.rejects(loader.batch([9]), /image 9 of 7/);
    assert.equal((await loader.batch([])).length, 0);
  });
});

describe('the cache file of a store', () => {
  const file = join(temporaryFolder(), 'rasters.bin');
  /** Whether the store came from the file: then progress is told once. */
  async function open(
    options: Partial<LoaderOptions> & { reversed?: boolean } = {},
  ): Promise<{ cached: boolean; batch: Float32Array }> {
    let calls = 0;
    const onProgress = () => void calls++;
    const many = Array.from({ length: 70 }, (_, i) => paths[options.reversed ? 6 - (i % 7) : i % 7]);
    const all = { paths: many, workers: 1, store: { side: 14, file }, onProgress, ...options };
    return withLoader(all, async (loader) => ({ batch: await loader.batch(INDICES), cached: calls === 1 }));
  }
  test('is used when nothing has changed, and gives the same batches', async () => {
    const first = await open();
    const second = await open();
    assert.deepEqual([first.cached, second.cached], [false, true]);
    assert.deepEqual(second.batch, first.batch);
    assert.deepEqual(first.batch, await expected(undefined, 'warp', 14));
  });

  test('is made again for another side, fit, list or a changed image', async () => {
    assert.equal((await open({ store: { side: 12, file } })).cached, false);
    assert.equal((await open({ store: { side: 12, file }, fit: 'contain' })).cached, false);
    assert.equal((await open({ store: { side: 12, file }, reversed: true })).cached, false);
    assert.equal((await open()).cached, false);
    utimesSync(paths[2], new Date(), new Date(2000, 1, 1));
    assert.equal((await open()).cached, false);
    assert.equal((await open()).cached, true);
  });

  test('cut short or overwritten with anything is never taken for whole', async () => {
    const { batch } = await open();
    const whole = readFileSync(file);
    for (const length of [0, 3, 20, whole.length - 1]) {
      writeFileSync(file, whole);
      truncateSync(file, length);
      const again = await open();
      assert.equal(again.cached, false, `cut to ${length}`);
      assert.deepEqual(again.batch, batch);
    }
    writeFileSync(file, Buffer.alloc(statSync(file).size, 123));
    assert.equal((await open()).cached, false);
  });
});

test('a loader that is never closed does not keep the process alive', () => {
  const script = `
    const { ImageLoader } = await import(${JSON.stringify(new URL('../../src/images/loader.js', import.meta.url).href)});
    const loader = await ImageLoader.open({ paths: ${JSON.stringify(paths)}, size: 8, mean: [0, 0, 0], std: [1, 1, 1] });
    console.log((await loader.batch([0, 1, 2])).length);`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 900_000 });
  assert.equal(out.toString().trim(), '576');
});
