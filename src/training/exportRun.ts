/**
 * A trained run as a folder to give away: the network as one ONNX file, how images are prepared for it, a proof that
 * the file computes what training computed, and a model card (modelCard.ts). It trains nothing and changes no run.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, UsageError } from '../errors.js';
import { openSession, type Session, type TensorData } from '../graph/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { readCheckpoint } from './checkpoint.js';
import { embedderModels, entranceOf } from './embedder.js';
import { evaluateRun, type Reporter, recipeOf, runCollection } from './evaluateRun.js';
import { firstValues } from './firstValues.js';
import { openImages } from './imageLoader.js';
import { type ModelInfo, openModel, readModelInfo } from './model.js';
import { modelCard } from './modelCard.js';
import { preprocessingDocument } from './preprocessingDocument.js';
import type { Recipe } from './recipe.js';
import { isFrozen } from './recipes/checks.js';
import { runPaths } from './runPaths.js';

/** What {@link exportRun} needs to know. */
export interface ExportOptions {
  /** The run's folder. */
  readonly run: string;
  /** The folder to make; it must be new or empty, or an earlier export. */
  readonly out: string;
  /** Other data than the run's own for the comparison and the metrics. */
  readonly source?: string;
  /** Images that the file and the training graph are compared on. Default 8. */
  readonly images?: number;
  /** Largest absolute difference of an embedding's coordinate that is accepted. Default 1e-4. */
  readonly tolerance?: number;
  /** Measure the run on its test classes for the card. Default true. */
  readonly metrics?: boolean;
  /** Terms of the model, for the card. */
  readonly licence?: string;
  readonly report?: Reporter;
}

/** How far an exported file is from the training graph. */
export interface Parity {
  readonly format: 'hier-parity';
  readonly version: 1;
  /** Inputs compared, and where they come from. */
  readonly inputs: { readonly count: number; readonly from: string };
  readonly tolerance: number;
  /** Whether every row is within the tolerance. */
  readonly passed: boolean;
  readonly rows: readonly ParityRow[];
}

/** One comparison with the exported file, run natively. */
export interface ParityRow {
  /** What it was compared with. */
  readonly with: string;
  /** Largest absolute difference of a coordinate. */
  readonly largest: number;
  /** Mean absolute difference. */
  readonly mean: number;
}

/** Outcome of {@link exportRun}. */
export interface ExportResult {
  readonly folder: string;
  readonly files: readonly string[];
  readonly parity: Parity;
}

/** Names of the files of an export. */
export const EXPORT_FILES = {
  model: 'model.onnx',
  info: 'model.json',
  preprocessing: 'preprocessing.json',
  parity: 'parity.json',
  card: 'README.md',
} as const;

/**
 * Writes an export. All files are written whatever the parity is: `parity.passed` says whether to trust them. The
 * folder is also one that the commands which use a trained network take, such as `hier embed`.
 *
 * @throws UsageError when there is no trained model in `run` or `out` holds other files; DataError when the data or
 *   the checkpoint cannot be read
 */
export async function exportRun(options: ExportOptions): Promise<ExportResult> {
  const { run, out, images = 8, tolerance = 1e-4, metrics = true, licence, source, report } = options;
  const info = readModelInfo(run);
  const recipe = recipeOf(run);
  requireFree(out);
  if (!(Number.isInteger(images) && images >= 1))
    throw new UsageError(`Parity needs one image or more, not ${images}.`);
  if (!(tolerance > 0 && Number.isFinite(tolerance)))
    throw new UsageError(`The tolerance of the parity must be above 0, not ${tolerance}.`);
  const collection = await runCollection(recipe, { source, split: 'test', ...(report ? { report } : {}) });
  const inputs = await parityInputs(info, collection, images);
  const parity = await parityOf(run, recipe, inputs, tolerance);
  const { dataset, items } = collection;
  const isLabelled = items.some(({ label }) => label !== null);
  const evaluation =
    metrics && isLabelled
      ? await evaluateRun({
          run,
          baselines: false,
          ...(source === undefined ? {} : { source }),
          ...(report ? { report } : {}),
        })
      : null;
  const card = modelCard({
    ...{ info, recipe, parity, evaluation },
    data: readRecord(runPaths(run).data),
    environment: readRecord(runPaths(run).environment),
    attribution: dataset?.attribution ?? [],
    ...(licence === undefined ? {} : { licence }),
  });
  const paths = runPaths(run);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const contents: Record<keyof typeof EXPORT_FILES, string | Uint8Array> = {
    model: readFileSync(paths.model),
    info: readFileSync(paths.modelInfo),
    preprocessing: json(preprocessingDocument(info)),
    parity: json(parity),
    card,
  };
  mkdirSync(out, { recursive: true });
  const files = Object.entries(contents).map(([key, content]) => {
    const file = join(out, EXPORT_FILES[key as keyof typeof EXPORT_FILES]);
    writeFileAtomic(file, content);
    return file;
  });
  return { folder: out, files, parity };
}

/** Refuses a folder in which anything but an earlier export lies. */
function requireFree(out: string): void {
  if (!existsSync(out)) return;
  const own = new Set<string>(Object.values(EXPORT_FILES));
  const names = readdirSync(out);
  const others = names.filter((name) => !own.has(name));
  if (others.length > 0 || (names.length > 0 && !names.includes(EXPORT_FILES.parity)))
    throw new UsageError(
      `${out} is not empty and no earlier export (${(others.length > 0 ? others : names).slice(0, 3).join(', ')}). Name a new folder with --out.`,
    );
}

/** Prepared inputs, one after the other. */
interface ParityInputs {
  readonly values: Float32Array;
  readonly count: number;
  readonly from: string;
}

type Collection = Awaited<ReturnType<typeof runCollection>>;

/** Inputs spread over the test split. */
async function parityInputs(
  info: ModelInfo,
  { items, vectors, source }: Collection,
  wanted: number,
): Promise<ParityInputs> {
  const count = Math.min(wanted, items.length);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * items.length) / count));
  const from = `${source}, test split`;
  if (vectors) {
    const { values, dim } = vectors;
    const chosen = rows.flatMap((row) => [...values.subarray(row * dim, (row + 1) * dim)]);
    return { values: Float32Array.from(chosen), count, from };
  }
  const loader = await openImages(
    rows.map((row) => items[row].path),
    info.preprocessing,
  );
  try {
    return { values: await loader.batch([...rows.keys()]), count, from };
  } finally {
    await loader.close();
  }
}

/** The exported file beside the training side's graphs, fed with the parameters of the checkpoint. */
async function parityOf(
  run: string,
  recipe: Recipe,
  inputs: ParityInputs,
  tolerance: number,
): Promise<Parity> {
  const { values, count, from } = inputs;
  const model = await openModel(run);
  let exported: Float32Array;
  try {
    exported = Float32Array.from(await model.run(values));
  } finally {
    await model.close();
  }
  const { forward, evaluate, arrays } = embedderModels(recipe, 1);
  const parameters = parametersOf(run, recipe, arrays);
  const entrance = entranceOf(recipe) === 'images' ? 'images' : 'features';
  const rows: ParityRow[] = [];
  const compare = async (name: string, session: Session, feeds: Readonly<Record<string, TensorData>>) => {
    try {
      rows.push({ with: name, ...differences(exported, await oneByOne(session, feeds, entrance, inputs)) });
    } finally {
      await session.close();
    }
  };
  await compare('the evaluation graph of training', await openSession(evaluate), parameters);
  if (isSameInTraining(recipe, forward.outputs))
    await compare('the forward graph of a training step', await openSession(forward), parameters);
  const bytes = readFileSync(runPaths(run).model);
  const wasm = await openSession(
    {
      bytes,
      inputs: { [entrance]: { shape: [-1, ...evaluate.inputs[entrance].shape.slice(1)], dtype: 'float32' } },
      outputs: { embeddings: { shape: [-1, recipe.head.embeddingSize], dtype: 'float32' } },
      addsInPlace: false,
    },
    { engine: 'wasm' },
  );
  await compare('the exported file in onnxruntime-web (WebAssembly)', wasm, {});
  return {
    format: 'hier-parity',
    version: 1,
    inputs: { count, from },
    tolerance,
    passed: rows.every(({ largest }) => largest <= tolerance),
    rows,
  };
}

/** Batch norm over a batch, and a feature that evaluation takes otherwise, differ in training by design. */
function isSameInTraining({ backbone }: Recipe, outputs: Readonly<Record<string, unknown>>): boolean {
  const observes = Object.keys(outputs).some((name) => name.startsWith('observed/'));
  return !observes && !('feature' in backbone && backbone.feature === 'class-then-mean');
}

/** Values of all arrays of the network, from the checkpoint that the model was written from. */
function parametersOf(
  run: string,
  recipe: Recipe,
  arrays: ReturnType<typeof embedderModels>['arrays'],
): Record<string, Float32Array> {
  const { best, last } = runPaths(run);
  const file = [best, last].find((path) => existsSync(path));
  if (!file)
    throw new DataError(
      `${run} holds no checkpoint, so the model cannot be held against what was trained. Export from the folder in which it was trained.`,
    );
  const { parameters, statistics } = readCheckpoint(file);
  const stored = { ...parameters, ...statistics };
  const first = isFrozen(recipe) ? firstValues(recipe, arrays) : {}; // a frozen backbone is in no checkpoint
  return Object.fromEntries(
    arrays.map(({ name }) => {
      const values = stored[name]?.data ?? first[name];
      if (!values) throw new DataError(`${file} does not hold the array "${name}" of the network.`);
      return [name, values];
    }),
  );
}

/** Embeddings of the inputs, each run alone. */
async function oneByOne(
  session: Session,
  feeds: Readonly<Record<string, TensorData>>,
  entrance: string,
  { values, count }: ParityInputs,
): Promise<Float32Array> {
  const width = values.length / count;
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    const input = values.slice(i * width, (i + 1) * width);
    const { embeddings } = await session.run({ ...feeds, [entrance]: input });
    rows.push(...(embeddings as Float32Array));
  }
  return Float32Array.from(rows);
}

/** Largest and mean absolute difference; infinite when a number is not finite. */
function differences(a: Float32Array, b: Float32Array): { largest: number; mean: number } {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    const known = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
    largest = Math.max(largest, known);
    sum += known;
  }
  return { largest, mean: sum / a.length };
}

/** A JSON file of a run; null when it is not there or not readable. */
function readRecord(path: string): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
