/**
 * Batches of images for training and embedding, made by worker threads ahead of time. Ask for several batches
 * and await them later: the workers continue while the main thread computes. Each batch is a pure function of its
 * indices and key, whatever the number of workers.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.js';
import type { KeyPart } from '../random.js';
import { connectThread, type Thread } from '../threads.js';
import { AUGMENTATIONS, chosenAugmentation } from './augment.js';
import { addressOf } from './importAugmentation.js';
import { CLOSING, type LoaderCalls, type SkippedImage, type WorkerSetup } from './loaderMessages.js';
import { allocate, checkOptions, type LoaderOptions } from './loaderOptions.js';
import type { Raster } from './raster.js';
import { type RasterSource, rasterCacheKey, readRasterCache, writeRasterCache } from './rasterCache.js';
import { resolveAugmentation } from './resolveAugmentation.js';

export type { SkippedImage } from './loaderMessages.js';
export type { LoaderOptions } from './loaderOptions.js';
export type { Rgb } from './normalise.js';

/** The augmentation of a loader, checked, and where workers find it. */
function augmentationOf({
  augment,
  augmentations = AUGMENTATIONS,
}: LoaderOptions): Pick<WorkerSetup, 'augmentation' | 'augmentationAddress'> {
  if (!augment) return { augmentation: undefined, augmentationAddress: undefined };
  const { kind } = augment;
  const chosen = chosenAugmentation(kind, augmentations);
  return {
    augmentation: resolveAugmentation(augment, augmentations),
    augmentationAddress: addressOf(kind, chosen, chosen === AUGMENTATIONS[kind]),
  };
}

/** Owns the worker threads and the stored rasters. Close it when done. */
export class ImageLoader {
  readonly #options: LoaderOptions;
  readonly #workers: readonly Thread<LoaderCalls>[];
  readonly #control: Int32Array;
  readonly #rasters: Uint8Array | undefined;
  readonly #skipped = new Map<number, SkippedImage>();
  /** Whether the workers import an augmentation before anything else. */
  readonly #imports: boolean;
  /** Why no batch can be made any more. */
  #failure: Error | undefined;

  private constructor(options: LoaderOptions, rasters: SharedArrayBuffer | undefined) {
    const { paths, size, mean, std, fit = 'cover', onBad, store } = options;
    const { resizeTo = size, filter = 'bicubic' } = options;
    const control = new SharedArrayBuffer(8);
    const setup: WorkerSetup = {
      paths,
      size,
      resizeTo,
      normalisation: { mean, std },
      fit,
      filter,
      ...augmentationOf(options),
      skipBad: onBad === 'skip',
      store: store && rasters && { side: store.side, rasters },
      control,
    };
    this.#options = options;
    this.#imports = setup.augmentationAddress !== undefined;
    this.#control = new Int32Array(control);
    this.#rasters = rasters && new Uint8Array(rasters);
    const count = options.workers ?? Math.min(8, Math.max(1, Math.floor(availableParallelism() / 2)));
    this.#workers = Array.from({ length: count }, () => this.#startWorker(setup));
  }

  /**
   * Starts the workers and, with `store`, fills it or reads it from the cache file.
   * @throws UsageError for impossible options or an augmentation that a worker cannot import; DataError that names the
   * file for an unreadable image (with a store and `onBad: 'fail'`)
   */
  static async open(options: LoaderOptions): Promise<ImageLoader> {
    checkOptions(options);
    const { paths, store, fit = 'cover', filter } = options;
    const loader = new ImageLoader(options, store && allocate(paths.length * store.side ** 2 * 3));
    try {
      // An augmentation from outside is imported by every worker: whatever is wrong with it is told here.
      if (loader.#imports) await Promise.all(loader.#workers.map((worker) => worker.ready()));
      if (store) await loader.#openStore(store.file, { paths, side: store.side, fit, filter });
    } catch (error) {
      await loader.close();
      throw error;
    }
    return loader;
  }

  /** Images that could not be read so far (with `onBad: 'skip'`), by index; complete once batches resolved. */
  get skipped(): readonly SkippedImage[] {
    return [...this.#skipped.values()].sort((a, b) => a.index - b.index);
  }

  /**
   * The images at `indices` as `[B, 3, size, size]`. With a key, image i of the batch is a random variant drawn
   * from `randomStream(...key, first + i)`; without one it is the test transform. Rejects with a DataError that names
   * the file when an image cannot be read. May be asked for ahead and awaited later.
   * @param first where the images begin in their batch, of which they may be a part
   */
  batch(indices: readonly number[], key?: readonly KeyPart[], first = 0): Promise<Float32Array<ArrayBuffer>> {
    const promise = this.#request(indices, key, first);
    promise.catch(() => undefined); // a batch asked for ahead may fail before anyone awaits it
    return promise;
  }

  async #request(
    indices: readonly number[],
    key: readonly KeyPart[] | undefined,
    first: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    if (this.#failure) throw this.#failure;
    const { paths, size, augment } = this.#options;
    const wrong = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < paths.length));
    if (wrong !== undefined) throw new RangeError(`image ${wrong} of ${paths.length}`);
    if (key && !augment) throw new UsageError('A batch with a key needs the loader option `augment`.');
    if (indices.length === 0) return new Float32Array(0);

    const share = Math.ceil(indices.length / this.#workers.length);
    const data = new Float32Array(indices.length * 3 * size * size);
    const make = async (worker: Thread<LoaderCalls>, start: number) => {
      const part = { start: first + start, indices: indices.slice(start, start + share), key };
      const made = await worker.call('part', part);
      this.#noteSkipped(made.skipped);
      data.set(made.data, start * 3 * size * size);
    };
    const working = this.#workers.slice(0, Math.ceil(indices.length / share));
    await Promise.all(working.map((worker, i) => make(worker, i * share)));
    return data;
  }

  /** The stored square of an image, `[side, side, 3]`, not a copy. Throws UsageError without a store. */
  raster(index: number): Raster {
    const side = this.#options.store?.side;
    if (!side || !this.#rasters)
      throw new UsageError('Rasters are kept only with the loader option `store`.');
    if (!(index >= 0 && index < this.#options.paths.length))
      throw new RangeError(`image ${index} of ${this.#options.paths.length}`);
    const bytes = side * side * 3;
    return { width: side, height: side, data: this.#rasters.subarray(index * bytes, (index + 1) * bytes) };
  }

  /** Ends the workers; batches that are not finished are rejected. Safe to call twice. */
  async close(): Promise<void> {
    this.#failure ??= new Error('the image loader was closed');
    Atomics.store(this.#control, CLOSING, 1);
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  async #openStore(file: string | undefined, source: RasterSource) {
    const { onProgress, paths } = this.#options;
    const key = file === undefined ? '' : rasterCacheKey(source);
    let skipped = file === undefined ? undefined : readRasterCache(file, key, this.#rasters!);
    if (skipped && skipped.length > 0 && this.#options.onBad !== 'skip') skipped = undefined;
    if (skipped) {
      this.#noteSkipped(skipped);
      onProgress?.(paths.length, paths.length);
      return;
    }
    let done = 0;
    const tell = (images: number) => onProgress?.((done += images), paths.length);
    const filled = this.#workers.map((worker) => worker.call('fill', undefined, tell));
    for (const skipped of await Promise.all(filled)) this.#noteSkipped(skipped);
    if (file !== undefined) writeRasterCache(file, key, this.#rasters!, this.skipped);
  }

  #startWorker(setup: WorkerSetup): Thread<LoaderCalls> {
    const worker = new Worker(new URL('./loaderWorker.js', import.meta.url), {
      workerData: setup,
      execArgv: [],
    });
    const onDeath = (error: Error) => {
      this.#failure ??= error;
    };
    return connectThread<LoaderCalls>(worker, { name: 'an image worker', onDeath });
  }

  #noteSkipped(skipped: readonly SkippedImage[]): void {
    for (const image of skipped) this.#skipped.set(image.index, image);
  }
}
