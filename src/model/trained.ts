/**
 * A trained network, opened to embed images or feature vectors. Everything that uses one reads its two files and nothing
 * else of a run; what stands in them is decided elsewhere.
 */

import { DataError, HierError, UsageError } from '../errors.js';
import type { Model } from '../graph/index.js';
import type { SkippedImage } from '../images/loader.js';
import type { Rows } from '../rows.js';
import { type OpenedNetwork, openAsked } from './device.js';
import { type EmbedThreads, embedThreadCount, MANY_IMAGES, openEmbedThreads } from './embedThreads.js';
import {
  exportAgain,
  type ModelInfo,
  modelFiles,
  parseModelInfo,
  readModel,
  requireNetwork,
} from './files.js';
import { openImages, testBatches } from './inputs.js';

/** A trained network ready to embed images. Owns native memory: call `close()`. */
export interface TrainedModel {
  readonly info: ModelInfo;
  /**
   * Embeddings `[N, d]` of image files, in order.
   * @throws DataError naming the first image that cannot be read, unless `onBad` is 'skip': then its row is NaN
   * and it is listed in `skipped`; what the signal was aborted with
   */
  embed(paths: readonly string[], options?: EmbedOptions): Promise<Embedded>;
  /** Embeddings `[N, d]` of feature vectors `[N, F]`. Throws UsageError for a model of images or of another F. */
  embedVectors(vectors: Rows, options?: Omit<EmbedOptions, 'onBad'>): Promise<Float32Array>;
  /** Embeddings of prepared inputs `[n, 3, S, S]`, or feature vectors `[n, F]`. */
  run(images: Float32Array): Promise<Float32Array>;
  /** Frees the native memory. */
  close(): Promise<void>;
}

/** How images are embedded. */
export interface EmbedOptions {
  readonly batch?: number;
  readonly onBad?: 'fail' | 'skip';
  /** Called after every batch. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the work after the images in hand; what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Embeddings of image files. */
export interface Embedded {
  /** `[N, d]`. */
  readonly embeddings: Float32Array;
  /** Images that could not be read, by index. */
  readonly skipped: readonly SkippedImage[];
}

/**
 * Opens the model of a run folder.
 * @throws UsageError when there is none; DataError when its files are damaged
 */
export async function openModel(folder: string): Promise<TrainedModel> {
  const { info, network } = readModel(folder);
  return openNetwork(network, info, modelFiles(folder).model, exportAgain(folder));
}

/**
 * Opens a model from the two files of a run, wherever they are kept.
 * @param threads threads that it computes with; all cores by default
 * @throws DataError that names `from` and ends with `advice` when they are damaged
 */
export async function openModelFiles(
  files: { readonly network: Uint8Array; readonly info: string },
  from: string,
  advice: string,
  threads?: number,
): Promise<TrainedModel> {
  const info = parseModelInfo(files.info, from, advice);
  requireNetwork(files.network, info, from, advice);
  return openNetwork(files.network, info, from, advice, threads);
}

/**
 * A model over a session of a network that maps `images` or `features` to `embeddings`; closing it closes the session. Many
 * image files are embedded by threads, which are opened with the first call for so many, unless no other session may compute
 * beside that one.
 */
export function trainedModel(
  info: ModelInfo,
  network: Model,
  { session, isAlone }: OpenedNetwork,
): TrainedModel {
  const name = inputName(info);
  const count = info.vectors === undefined && !isAlone ? embedThreadCount(network.bytes.length) : 1;
  const open = count > 1 ? opener(network, info, count) : undefined;
  let threads: EmbedThreads | undefined;
  const run = async (values: Float32Array) =>
    (await session.run({ [name]: values })).embeddings as Float32Array;
  return {
    info,
    run,
    async embed(paths, options = {}) {
      requireImages(info);
      if (!open || paths.length < MANY_IMAGES) return embedFiles(info, run, paths, options);
      threads ??= open();
      const { batch = BATCH, onBad = 'fail', onProgress, signal } = options;
      return threads.embed(paths, { dim: info.embeddingSize, batch, onBad, onProgress, signal });
    },
    embedVectors: (vectors, options = {}) => embedRows(info, run, vectors, options),
    close: async () => {
      await threads?.close();
      await session.close();
    },
  };
}

/** Opens threads. A function of its own, so that a network too large for several copies is not held in memory. */
const opener =
  (network: Model, { preprocessing }: ModelInfo, count: number) =>
  () =>
    openEmbedThreads(network, preprocessing, count);

/** Images embedded at a time. */
const BATCH = 64;

const inputName = ({ vectors }: ModelInfo) => (vectors === undefined ? 'images' : 'features');

async function openNetwork(
  bytes: Uint8Array,
  info: ModelInfo,
  from: string,
  advice: string,
  threads?: number,
): Promise<TrainedModel> {
  const { size } = info.preprocessing;
  const shape = info.vectors === undefined ? [-1, 3, size, size] : [-1, info.vectors];
  try {
    const network = {
      bytes,
      inputs: { [inputName(info)]: { shape, dtype: 'float32' as const } },
      outputs: { embeddings: { shape: [-1, info.embeddingSize], dtype: 'float32' as const } },
      addsInPlace: false,
    };
    return trainedModel(info, network, await openAsked(network, threads ? { threads } : {}));
  } catch (cause) {
    if (cause instanceof HierError) throw cause; // no engine
    throw new DataError(`${from} cannot be loaded: ${(cause as Error).message}. ${advice}`, { cause });
  }
}

function requireImages({ name, vectors }: ModelInfo): void {
  if (vectors !== undefined)
    throw new UsageError(`The model "${name}" takes feature vectors of ${vectors} numbers, not images.`);
}

async function embedFiles(
  info: ModelInfo,
  run: TrainedModel['run'],
  paths: readonly string[],
  { batch = BATCH, onBad = 'fail', onProgress, signal }: EmbedOptions,
): Promise<Embedded> {
  const { embeddingSize } = info;
  const embeddings = new Float32Array(paths.length * embeddingSize);
  const loader = await openImages(paths, info.preprocessing, { onBad });
  try {
    let done = 0;
    for await (const images of testBatches(loader, [...paths.keys()], batch)) {
      embeddings.set(await run(images), done * embeddingSize);
      done = Math.min(paths.length, done + batch);
      onProgress?.(done, paths.length);
      signal?.throwIfAborted();
    }
    for (const { index } of loader.skipped)
      embeddings.fill(Number.NaN, index * embeddingSize, (index + 1) * embeddingSize);
    return { embeddings, skipped: loader.skipped };
  } finally {
    await loader.close();
  }
}

async function embedRows(
  info: ModelInfo,
  run: TrainedModel['run'],
  { values, dim }: Rows,
  { batch = 4096, onProgress, signal }: Omit<EmbedOptions, 'onBad'>,
): Promise<Float32Array> {
  if (info.vectors !== dim)
    throw new UsageError(
      info.vectors === undefined
        ? `The model "${info.name}" takes images, not feature vectors.`
        : `The model "${info.name}" takes feature vectors of ${info.vectors} numbers, not of ${dim}.`,
    );
  const count = values.length / dim;
  const embeddings = new Float32Array(count * info.embeddingSize);
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(count, start + batch);
    embeddings.set(await run(values.subarray(start * dim, end * dim)), start * info.embeddingSize);
    onProgress?.(end, count);
    signal?.throwIfAborted();
  }
  return embeddings;
}
