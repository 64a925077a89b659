/**
 * Batches of images for training and embedding, made by worker threads ahead of time. Ask for several batches
 * and await them later: the workers go on while the main thread computes. Each batch is a pure function of its
 * indices and key, whatever the number of workers.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError, UsageError } from '../errors.js';
import type { KeyPart } from '../random.js';
import { AUGMENTATIONS, chosenAugmentation, resolveAugmentation } from './augment.js';
import type { Fit } from './fit.js';
import { addressOf } from './importAugmentation.js';
import { CLOSING, type Reply, type Request, type SkippedImage, type WorkerSetup } from './loaderMessages.js';
import { allocate, checkOptions, type LoaderOptions } from './loaderOptions.js';
import type { Raster } from './raster.js';
import { readStore, storeKey, writeStore } from './rasterCache.js';

export type { SkippedImage } from './loaderMessages.js';
export type { LoaderOptions } from './loaderOptions.js';
export type { Rgb } from './normalise.js';

const ERRORS = { data: DataError, usage: UsageError, other: Error } as const;

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

/** A batch in the making. */
interface Job {
  readonly data: Float32Array<ArrayBuffer>;
  partsLeft: number;
  readonly resolve: (data: Float32Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** Owns the worker threads and the stored rasters. Close it when done. */
export class ImageLoader {
  readonly #options: LoaderOptions;
  readonly #workers: Worker[];
  readonly #control: Int32Array;
  readonly #rasters: Uint8Array | undefined;
  readonly #jobs = new Map<number, Job>();
  readonly #skipped = new Map<number, SkippedImage>();
  /** Whether the workers have an augmentation to import before anything else. */
  readonly #imports: boolean;
  #nextJob = 0;
  #failure: Error | undefined;
  #closing = false;
  #fill:
    | { resolve: () => void; reject: (error: Error) => void; workersLeft: number; done: number }
    | undefined;
  #starting: { resolve: () => void; reject: (error: Error) => void; workersLeft: number } | undefined;

  private constructor(options: LoaderOptions, rasters: SharedArrayBuffer | undefined) {
    const { paths, size, mean, std, fit = 'cover', resizeTo = size, onBad, store } = options;
    const control = new SharedArrayBuffer(8);
    const setup: WorkerSetup = {
      paths,
      size,
      resizeTo,
      normalisation: { mean, std },
      fit,
      ...augmentationOf(options),
      skipBad: onBad === 'skip',
      store: store && rasters && { side: store.side, rasters },
      control,
    };
    this.#options = options;
    this.#control = new Int32Array(control);
    this.#rasters = rasters && new Uint8Array(rasters);
    const count = options.workers ?? Math.min(8, Math.max(1, Math.floor(availableParallelism() / 2)));
    this.#workers = Array.from({ length: count }, () => this.#startWorker(setup));
    this.#imports = setup.augmentationAddress !== undefined;
  }

  /**
   * Starts the workers and, with `store`, fills it or reads it from the cache file.
   * Throws UsageError for impossible options or an augmentation that a worker cannot import; DataError that names the file for an unreadable image (with a
   * store and `onBad: 'fail'`).
   */
  static async open(options: LoaderOptions): Promise<ImageLoader> {
    checkOptions(options);
    const { paths, store, fit = 'cover' } = options;
    const loader = new ImageLoader(options, store && allocate(paths.length * store.side ** 2 * 3));
    try {
      if (loader.#imports) await loader.#start();
      if (store) await loader.#openStore(store.file, { paths, side: store.side, fit });
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
   * from `randomStream(...key, i)`; without one it is the test transform. Rejects with a DataError that names
   * the file when an image cannot be read. May be asked for ahead and awaited later.
   */
  batch(indices: readonly number[], key?: readonly KeyPart[]): Promise<Float32Array<ArrayBuffer>> {
    const promise = this.#request(indices, key);
    promise.catch(() => undefined); // a batch asked for ahead may fail before anyone awaits it
    return promise;
  }

  async #request(indices: readonly number[], key?: readonly KeyPart[]): Promise<Float32Array<ArrayBuffer>> {
    if (this.#failure) throw this.#failure;
    const { paths, size, augment } = this.#options;
    const wrong = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < paths.length));
    if (wrong !== undefined) throw new RangeError(`image ${wrong} of ${paths.length}`);
    if (key && !augment) throw new UsageError('A batch with a key needs the loader option `augment`.');
    if (indices.length === 0) return new Float32Array(0);

    const share = Math.ceil(indices.length / this.#workers.length);
    const job = this.#nextJob++;
    const promise = new Promise<Float32Array<ArrayBuffer>>((resolve, reject) => {
      const data = new Float32Array(indices.length * 3 * size * size);
      this.#jobs.set(job, { data, partsLeft: Math.ceil(indices.length / share), resolve, reject });
    });
    for (let start = 0; start < indices.length; start += share) {
      const part = indices.slice(start, start + share);
      this.#post(this.#workers[start / share], { kind: 'part', job, start, indices: part, key });
    }
    this.#holdProcess();
    return promise;
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

  /** Ends the workers; batches still in the making are rejected. Safe to call twice. */
  async close(): Promise<void> {
    this.#fail(new Error('the image loader was closed'));
    this.#closing = true;
    Atomics.store(this.#control, CLOSING, 1);
    const ended = this.#workers.map(
      (worker) =>
        new Promise<void>((resolve) => {
          if (worker.threadId === -1) resolve();
          else worker.once('exit', () => resolve());
        }),
    );
    for (const worker of this.#workers) {
      worker.ref();
      this.#post(worker, { kind: 'close' });
    }
    await Promise.all(ended);
  }

  /** Waits until every worker has imported the augmentation. */
  async #start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#starting = { resolve, reject, workersLeft: this.#workers.length };
      this.#holdProcess();
    });
  }

  async #openStore(file: string | undefined, source: { paths: readonly string[]; side: number; fit: Fit }) {
    const { onProgress, paths } = this.#options;
    const key = file === undefined ? '' : storeKey(source);
    let skipped = file === undefined ? undefined : readStore(file, key, this.#rasters!);
    if (skipped && skipped.length > 0 && this.#options.onBad !== 'skip') skipped = undefined;
    if (skipped) {
      this.#noteSkipped(skipped);
      onProgress?.(paths.length, paths.length);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#fill = { resolve, reject, workersLeft: this.#workers.length, done: 0 };
      for (const worker of this.#workers) this.#post(worker, { kind: 'fill' });
      this.#holdProcess();
    });
    if (file !== undefined) writeStore(file, key, this.#rasters!, this.skipped);
  }

  #startWorker(setup: WorkerSetup): Worker {
    const worker = new Worker(new URL('./loaderWorker.js', import.meta.url), {
      workerData: setup,
      execArgv: [],
    });
    worker.on('message', (reply: Reply) => this.#receive(reply));
    worker.on('error', (error) => this.#fail(error as Error));
    worker.on('exit', () => this.#fail(new Error('an image worker ended unexpectedly')));
    worker.unref();
    return worker;
  }

  #receive(reply: Reply): void {
    if (reply.kind === 'ready') {
      if (this.#starting && --this.#starting.workersLeft === 0) {
        this.#starting.resolve();
        this.#starting = undefined;
      }
    } else if (reply.kind === 'progress') {
      if (!this.#fill || reply.images === 0) return;
      this.#fill.done += reply.images;
      this.#options.onProgress?.(this.#fill.done, this.#options.paths.length);
    } else if (reply.kind === 'filled') {
      this.#noteSkipped(reply.skipped);
      if (this.#fill && --this.#fill.workersLeft === 0) {
        this.#fill.resolve();
        this.#fill = undefined;
      }
    } else if (reply.kind === 'part') {
      this.#noteSkipped(reply.skipped);
      const job = this.#jobs.get(reply.job);
      const { size } = this.#options;
      job?.data.set(reply.data, reply.start * 3 * size * size);
      if (job && --job.partsLeft === 0) {
        this.#jobs.delete(reply.job);
        job.resolve(job.data);
      }
    } else {
      const error = new ERRORS[reply.error](reply.message);
      if (reply.job === undefined) this.#fail(error);
      else this.#jobs.get(reply.job)?.reject(error);
      if (reply.job !== undefined) this.#jobs.delete(reply.job);
    }
    this.#holdProcess();
  }

  /** Rejects everything in the making; the first failure is the one that is told. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const job of this.#jobs.values()) job.reject(this.#failure);
    this.#jobs.clear();
    this.#fill?.reject(this.#failure);
    this.#fill = undefined;
    this.#starting?.reject(this.#failure);
    this.#starting = undefined;
    this.#holdProcess();
  }

  #noteSkipped(skipped: readonly SkippedImage[]): void {
    for (const image of skipped) this.#skipped.set(image.index, image);
  }

  #post(worker: Worker, request: Request): void {
    worker.postMessage(request);
  }

  /** Idle workers do not keep the process alive; busy ones do. */
  #holdProcess(): void {
    if (this.#closing) return;
    const busy = this.#jobs.size > 0 || this.#fill !== undefined || this.#starting !== undefined;
    for (const worker of this.#workers ?? []) busy ? worker.ref() : worker.unref();
  }
}
