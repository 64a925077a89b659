/**
 * The two files of a trained network: ONNX with its weights inside, and a JSON file beside it that says how images are
 * prepared for it and in which space its embeddings lie. They are written and read here; nothing is run.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { existsSync, readdirSync, readFileSync, statSync } from '../disk/index.js';
import { DataError, jsonProblem, UsageError } from '../errors.js';
import type { TensorData } from '../graph/index.js';
import { FITS } from '../images/fit.js';
import { RESAMPLE_FILTERS } from '../images/resize.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import type { Metric } from '../retrieval/index.js';
import { networkInput } from './graph.js';
import { preprocessingOf } from './inputs.js';
import { evaluationModel } from './network.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
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
    fit: z.enum(FITS),
    /** Absent is bicubic. */
    filter: z.enum(RESAMPLE_FILTERS).optional(),
    mean: triple,
    std: triple,
  }),
  trained: z.object({ epoch: z.number(), seed: z.number(), data: z.string() }),
  /** SHA-256 of the network that it stands beside; older files have none. */
  sha256: hash.optional(),
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

/** A network with what stands beside it, read and held against its checksums. */
export interface ModelFiles {
  readonly info: ModelInfo;
  /** The ONNX file. */
  readonly network: Uint8Array;
  /** `model.json` as it stands in the file. */
  readonly text: string;
}

/** Where the two files of a model lie in its folder. */
export function modelFiles(folder: string): { readonly model: string; readonly modelInfo: string } {
  return { model: join(folder, 'model.onnx'), modelInfo: join(folder, 'model.json') };
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
  const { bytes } = evaluationModel(recipe, {
    bound: values,
    metadata: { hier: JSON.stringify(info) },
    registry,
  });
  const paths = modelFiles(folder);
  writeFileAtomic(paths.model, bytes);
  writeFileAtomic(paths.modelInfo, modelInfoText({ ...info, sha256: hashOfNetwork(bytes) }));
}

/** The text of `model.json`. Its last entry is a SHA-256 over the others. */
export function modelInfoText(info: ModelInfo): string {
  return `${JSON.stringify({ ...info, checksum: checksumOf(info) }, null, 2)}\n`;
}

/** SHA-256 over the entries of `model.json`, in their order. */
function checksumOf(entries: object): string {
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
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

/** What to do when the network of a run, or of an export, is damaged. */
export const exportAgain = (folder: string) =>
  existsSync(join(folder, 'recipe.yaml'))
    ? `Export it again with: npx hier train --resume ${folder}`
    : `Copy it again from where it came from, or export its run anew: npx hier export RUN --out ${folder}`;

/** Whether a folder holds something, and nothing of a run. */
const isOther = (folder: string) =>
  !existsSync(join(folder, 'recipe.yaml')) &&
  !existsSync(join(folder, 'checkpoints')) &&
  readdirSync(folder).length > 0;

/** What a table in a folder has, whichever engine keeps it. */
const OF_TABLES = ['table.json', 'items.lance'];

/** What to do about a folder without a trained model. */
function wayToModel(folder: string): string {
  if (OF_TABLES.some((name) => existsSync(join(folder, name))))
    return `It is a table: search it with npx hier search --table ${folder}, or look at it with npx hier explore ${folder}.`;
  if (isOther(folder))
    return 'It is not the folder of a run: give a run, or a network with --model, and then what it is to work on.';
  return `If its training was interrupted, resume it with: npx hier train --resume ${folder}`;
}

/** Reads `model.json` of a run folder. */
export function readModelInfo(folder: string): ModelInfo {
  const paths = modelFiles(folder);
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory())
    throw new UsageError(
      `There is no run folder ${folder}, but something else of that name. Give the folder of a run, an ONNX file (its name ends in .onnx) or hub:OWNER/NAME.`,
    );
  if (!stats)
    throw new UsageError(
      `There is no run folder ${folder}. Train one first: npx hier train demo --out ${folder}`,
    );
  if (!existsSync(paths.modelInfo) || !existsSync(paths.model))
    throw new UsageError(
      `${folder} holds no trained model (model.onnx and model.json). ${wayToModel(folder)}`,
    );
  return parseModelInfo(readFileSync(paths.modelInfo, 'utf8'), paths.modelInfo, exportAgain(folder));
}

/**
 * Reads both files of a run folder.
 * @throws UsageError when there is no trained model; DataError when a file is damaged
 */
export function readModel(folder: string): ModelFiles {
  const info = readModelInfo(folder);
  const { model, modelInfo } = modelFiles(folder);
  const network = readFileSync(model);
  requireNetwork(network, info, model, exportAgain(folder));
  return { info, network, text: readFileSync(modelInfo, 'utf8') };
}

/** Throws DataError that names `from` and ends with `advice` when a network is not the one that its info stands beside. */
export function requireNetwork(network: Uint8Array, info: ModelInfo, from: string, advice: string): void {
  if (info.sha256 === undefined || hashOfNetwork(network) === info.sha256) return;
  throw new DataError(
    `${from} is damaged, or not the network that its model.json was written for: its checksum is another one. ${advice}`,
  );
}

/** Reads `model.json`. Throws DataError that names `from` and ends with `advice` when it is damaged. */
export function parseModelInfo(text: string, from: string, advice: string): ModelInfo {
  const damaged = (reason: string, cause?: unknown) =>
    new DataError(`${from} is damaged or of another version of hier: ${reason}. ${advice}`, { cause });
  let json: unknown;
  let info: ModelInfo;
  try {
    json = JSON.parse(text);
    info = infoSchema.parse(json);
  } catch (cause) {
    throw damaged(reasonOf(text, cause), cause);
  }
  const { checksum, ...entries } = json as Record<string, unknown>;
  if ((checksum !== undefined || info.sha256 !== undefined) && checksum !== checksumOf(entries))
    throw damaged('its checksum does not match what it holds');
  return info;
}

/** Where the entries of `model.json` are wrong, or why it is not JSON. */
function reasonOf(text: string, cause: unknown): string {
  if (!(cause instanceof z.ZodError)) return `it is not JSON: ${jsonProblem(text, cause)}`;
  const [{ path }] = cause.issues;
  return path.length > 0
    ? `"${path.join('.')}" is missing, or not what it must be`
    : 'it is not a group of entries';
}
