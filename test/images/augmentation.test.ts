import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { AUGMENTATIONS, type AugmentOptions } from '../../src/images/augment.js';
import type { Augmentation } from '../../src/images/augmentation.js';
import { ImageLoader } from '../../src/images/loader.js';
import { randomStream } from '../../src/random.js';
import grey, { black } from './outsideAugmentation.js';
import { noise, temporaryFolder, writePng } from './support.js';

const SIZE = 6;
const UNIT = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const folder = temporaryFolder();
const paths: string[] = [];
before(async () => {
  for (let i = 0; i < 4; i++) paths.push(await writePng(join(folder, `${i}.png`), noise(9 + i, 12, i)));
});

/** A batch of all images, with the key [5, 'x']. */
async function batch(
  name: string,
  definition: Augmentation,
  {
    workers = 1,
    settings = {},
    store,
  }: { workers?: number; settings?: object; store?: { side: number } } = {},
): Promise<Float32Array> {
  const loader = await ImageLoader.open({
    ...{ paths, size: SIZE, ...UNIT, workers, store },
    augment: { kind: name, ...settings } as unknown as AugmentOptions,
    augmentations: { ...AUGMENTATIONS, [name]: definition },
  });
  try {
    return await loader.batch([...paths.keys()], [5, 'x']);
  } finally {
    await loader.close();
  }
}

describe('an augmentation from outside', () => {
  test('is imported by the worker threads, and depends on the key alone', async () => {
    const expected = paths.flatMap((_, i) =>
      Array.from({ length: 3 * SIZE * SIZE }, () =>
        Math.fround(Math.fround(randomStream(5, 'x', i).integer(256) / 255)),
      ),
    );
    for (const workers of [1, 3]) {
      assert.deepEqual([...(await batch('grey', grey, { workers }))], expected);
      assert.deepEqual([...(await batch('grey', grey, { workers, store: { side: 8 } }))], expected);
    }
  });

  test('has its settings checked, with their defaults', async () => {
    const off = await batch('grey', grey, { settings: { factor: 0 } });
    assert.ok(off.every((value) => value === 0));
    await assert.rejects(
      batch('grey', grey, { settings: { factor: 2 } }),
      /"augment\.factor" must be at most 1/,
    );
  });

  test('can be another export of its module, and ask for squares', async () => {
    assert.ok((await batch('black', black)).every((value) => value === 0));
  });

  test('is refused with a UsageError where a thread cannot import it', async () => {
    const refused = (definition: Augmentation, message: RegExp) =>
      assert.rejects(
        batch('odd', definition),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    const { module: _, ...alone } = grey as Augmentation;
    await refused(alone, /a function cannot be sent to a thread/);
    await refused(
      { ...grey, exportName: 'gray' },
      /does not export the augmentation "odd" as "gray", but .*default/,
    );
    const absent = new URL('./absent.js', import.meta.url).href;
    await refused(
      { ...grey, module: absent },
      /"odd" cannot be imported by a worker thread from .*absent\.js/,
    );
    await assert.rejects(
      batch('odd', grey, { settings: { kind: 'gone' } }),
      /There is no augmentation "gone" here/,
    );
  });
});
