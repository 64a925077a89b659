/**
 * The two files of a trained network: ONNX with its weights inside, and a JSON file beside it that says how images are
 * prepared for it and in which space its embeddings lie. They are written and read here; nothing is run.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { existsSync, readFileSync, statSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import type { TensorData } from '../graph/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import type { Metric } from '../retrieval/index.js';
import { networkInput } from './graph.js';
import { preprocessingOf } from './inputs.js';
import { evaluationModel } from './network.js';

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
  /** Set for a network that is used as somebody published it: its file, what of it the embedding is, and remarks. */
  imported: z
    .object({
      /** Name of the file, or on the hub. */
      file: z.string(),
      sha256: z.string(),
      /** `NAME:FORM`. */
      output: z.string(),
      outputs: z.array(z.string()),
      /** Name of the file that says how images are prepared; null when there was none. */
      preparation: z.string().nullable(),
      notes: z.array(z.string()),
    })
    .optional(),
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

/** What to do when the files of a run are damaged. */
export const exportAgain = (folder: string) => `Export it again with: npx hier train --resume ${folder}`;

/** Reads `model.json` of a run folder. */
export function readModelInfo(folder: string): ModelInfo {
  const paths = modelFiles(folder);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(
      `There is no run folder ${folder}. Train one first: npx hier train demo --out ${folder}`,
    );
  if (!existsSync(paths.modelInfo) || !existsSync(paths.model))
    throw new UsageError(
      `${folder} holds no trained model (model.onnx and model.json). If its training was interrupted, resume it with: npx hier train --resume ${folder}`,
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
