/**
 * A trained model on disk: the network as ONNX with its weights inside, and a JSON file beside it that says how
 * images are prepared for it and in which space its embeddings live. Everything that uses a trained network
 * reads these two files and nothing else of a run.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError, HierError, UsageError } from '../errors.js';
import { openSession, type Session, type TensorData } from '../graph/index.js';
import type { SkippedImage } from '../images/loader.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import type { Metric } from '../retrieval/index.js';
import type { Rows } from '../rows.js';
import { openImages, preprocessingOf, testBatches } from './inputs.js';
import { evaluationModel, networkInput } from './network.js';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const infoSchema = z.object({
  format: z.literal('hier-model'),
  version: z.literal(1),
  name: z.string(),
  embeddingSize: z.int().min(1),
  curvature: z.number().min(0),
  /** Set for a model that takes feature vectors of this length in place of images. */
  vectors: z.int().min(1).optional(),
  clipRadius: z.number(),
  preprocessing: z.object({
    size: z.int().min(1),
    resizeTo: z.int().nullable(),
    fit: z.enum(['cover', 'contain']),
    mean: triple,
    std: triple,
  }),
  trained: z.object({ epoch: z.number(), seed: z.number(), data: z.string() }),
});

/** What stands beside a model: its space, its preprocessing, where it comes from. */
export type ModelInfo = z.infer<typeof infoSchema>;

/** Where the two files of a model lie in its folder. */
export function modelFiles(folder: string): { readonly model: string; readonly modelInfo: string } {
  return { model: join(folder, 'model.onnx'), modelInfo: join(folder, 'model.json') };
}

/** SHA-256 of the network in a folder. */
export function modelHash(folder: string): string {
  return hashOfNetwork(readFileSync(modelFiles(folder).model));
}

/** SHA-256 of a network's bytes. */
export function hashOfNetwork(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes `model.onnx` and `model.json` into a run's folder. `values` are all arrays of the network by name. */
export function exportModel(
  folder: string,
  recipe: Recipe,
  values: Readonly<Record<string, TensorData>>,
  trained: ModelInfo['trained'],
  registry?: Registry,
): void {
  const info = modelInfo(recipe, trained);
  const text = JSON.stringify(info, null, 2);
  const { bytes } = evaluationModel(recipe, {
    bound: values,
    metadata: { hier: JSON.stringify(info) },
    registry,
  });
  const paths = modelFiles(folder);
  writeFileAtomic(paths.model, bytes);
  writeFileAtomic(paths.modelInfo, `${text}\n`);
}

/** What stands beside the model of a recipe. */
export function modelInfo(recipe: Recipe, trained: ModelInfo['trained']): ModelInfo {
  const input = networkInput(recipe);
  return {
    format: 'hier-model',
    version: 1,
    name: recipe.name,
    embeddingSize: recipe.head.embeddingSize,
    curvature: recipe.head.curvature,
    ...(input === 'images' ? {} : { vectors: input.features }),
    clipRadius: recipe.head.clipRadius,
    preprocessing: preprocessingOf(recipe),
    trained,
  };
}

/** The distance in whose space a model's embeddings live. */
export function metricOf({ curvature }: Pick<ModelInfo, 'curvature'>): Metric {
  return curvature > 0 ? 'hyperbolic' : 'cosine';
}

/** A trained network ready to embed images. Owns native memory: call `close()`. */
export interface TrainedModel {
  readonly info: ModelInfo;
  /**
   * Embeddings `[N, d]` of image files, in order.
   * @throws DataError naming the first image that cannot be read, unless `onBad` is 'skip': then its row is NaN
   * and it is listed in `skipped`
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
  const info = readModelInfo(folder);
  const { model } = modelFiles(folder);
  return openNetwork(readFileSync(model), info, model, exportAgain(folder));
}

/**
 * Opens a model from the two files of a run, wherever they are kept.
 * @throws DataError that names `from` and ends with `advice` when they are damaged
 */
export async function openModelFiles(
  files: { readonly network: Uint8Array; readonly info: string },
  from: string,
  advice: string,
): Promise<TrainedModel> {
  return openNetwork(files.network, parseModelInfo(files.info, from, advice), from, advice);
}

const exportAgain = (folder: string) => `Export it again with: npx hier train --resume ${folder}`;

/** A model over a session that maps `images` or `features` to `embeddings`; closing it closes the session. */
export function trainedModel(info: ModelInfo, session: Session): TrainedModel {
  const name = inputName(info);
  const run = async (values: Float32Array) =>
    (await session.run({ [name]: values })).embeddings as Float32Array;
  return {
    info,
    run,
    embed: (paths, options = {}) => embedFiles(info, run, paths, options),
    embedVectors: (vectors, options = {}) => embedRows(info, run, vectors, options),
    close: () => session.close(),
  };
}

const inputName = ({ vectors }: ModelInfo) => (vectors === undefined ? 'images' : 'features');

/** Reads `model.json` of a run folder. */
export function readModelInfo(folder: string): ModelInfo {
  const paths = modelFiles(folder);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(
      `There is no run folder ${folder}. Train one first: npx hier train demo --out ${folder}`,
    );
  if (!existsSync(paths.modelInfo) || !existsSync(paths.model))
    throw new UsageError(
      `${folder} holds no trained model (model.onnx and model.json). If its training was interrupted, go on with: npx hier train --resume ${folder}`,
    );
  return parseModelInfo(readFileSync(paths.modelInfo, 'utf8'), paths.modelInfo, exportAgain(folder));
}

/** Reads `model.json`. Throws DataError that names `from` and ends with `advice` when it is damaged. */
export function parseModelInfo(text: string, from: string, advice: string): ModelInfo {
  try {
    return infoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DataError(
      `${from} is damaged or of another version of hier: ${(cause as Error).message.split('\n')[0]}. ${advice}`,
      { cause },
    );
  }
}

async function openNetwork(
  bytes: Uint8Array,
  info: ModelInfo,
  from: string,
  advice: string,
): Promise<TrainedModel> {
  const { size } = info.preprocessing;
  const shape = info.vectors === undefined ? [-1, 3, size, size] : [-1, info.vectors];
  try {
    const session = await openSession({
      bytes,
      inputs: { [inputName(info)]: { shape, dtype: 'float32' } },
      outputs: { embeddings: { shape: [-1, info.embeddingSize], dtype: 'float32' } },
      addsInPlace: false,
    });
    return trainedModel(info, session);
  } catch (cause) {
    if (cause instanceof HierError) throw cause; // no engine
    throw new DataError(`${from} cannot be loaded: ${(cause as Error).message}. ${advice}`, { cause });
  }
}

async function embedFiles(
  info: ModelInfo,
  run: TrainedModel['run'],
  paths: readonly string[],
  { batch = 64, onBad = 'fail', onProgress }: EmbedOptions,
): Promise<Embedded> {
  const { embeddingSize, vectors } = info;
  if (vectors !== undefined)
    throw new UsageError(`The model "${info.name}" takes feature vectors of ${vectors} numbers, not images.`);
  const embeddings = new Float32Array(paths.length * embeddingSize);
  const loader = await openImages(paths, info.preprocessing, { onBad });
  try {
    let done = 0;
    for await (const images of testBatches(loader, [...paths.keys()], batch)) {
      embeddings.set(await run(images), done * embeddingSize);
      done = Math.min(paths.length, done + batch);
      onProgress?.(done, paths.length);
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
  { batch = 4096, onProgress }: Omit<EmbedOptions, 'onBad'>,
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
  }
  return embeddings;
}
