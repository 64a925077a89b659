/**
 * Retrieval with the network of a run, beside what it must beat: the same network before training, raw pixels,
 * and other runs. Exact metrics come from `retrieval/`; printing is the command line's business.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fingerprint } from '../datasets/fingerprint.js';
import { holdOutValidation } from '../datasets/validation.js';
import { DataError, UsageError } from '../errors.js';
import { evaluateRetrieval, type Metric, pixelFeatures } from '../retrieval/index.js';
import { type Collection, openCollection, type Split } from './collection.js';
import { embedCollection } from './embeddings.js';
import { openImages } from './imageLoader.js';
import { type ModelInfo, metricOf, openModel, readModelInfo } from './model.js';
import { loadRecipe, type Recipe } from './recipe.js';
import { runPaths } from './runPaths.js';
import { openUntrained } from './untrained.js';

/** Told how far a piece of work is. */
export type Reporter = (what: string) => (done: number, total: number) => void;

/** What {@link evaluateRun} needs to know. */
export interface EvaluateRunOptions {
  /** The run's folder. */
  readonly run: string;
  /** Other data than the run's own. */
  readonly source?: string;
  /** Default test: classes that training never saw. */
  readonly split?: Exclude<Split, 'all'>;
  /** Folders of runs to compare with. */
  readonly against?: readonly string[];
  readonly report?: Reporter;
}

/** One row of the comparison. */
export interface EvaluationRow {
  /** The run's folder, or what else was measured. */
  readonly name: string;
  readonly role: 'run' | 'against' | 'untrained' | 'pixels';
  /** How similarity was measured. */
  readonly metric: Metric;
  /** Fractions: recall@1, recall@2, recall@4, recall@8, map@r, r-precision; NaN where none is defined. */
  readonly metrics: Readonly<Record<(typeof MEASURES)[number], number>>;
  /** Images that took part as queries. */
  readonly queries: number;
  /** Images without another of their class; they take part in no metric. */
  readonly lone: number;
}

/** Outcome of {@link evaluateRun}. */
export interface RunEvaluation {
  readonly run: string;
  readonly data: {
    readonly source: string;
    readonly split: Split;
    readonly images: number;
    readonly classes: number;
  };
  readonly rows: readonly EvaluationRow[];
  /** What a reader of the numbers should know. */
  readonly notes: readonly string[];
}

/** The metrics of a row. */
export const MEASURES = ['recall@1', 'recall@2', 'recall@4', 'recall@8', 'map@r', 'r-precision'] as const;

/** Raw pixels as an embedding: side of the decoded square and of the averaged one. */
const PIXELS = { side: 32, to: 16 };

/**
 * Evaluates the network of a run, by hyperbolic distance and by cosine, beside its baselines.
 * @throws UsageError when there is no such run; DataError for data that cannot be used or embeddings that are
 * not finite
 */
export async function evaluateRun({
  run,
  source,
  split = 'test',
  against = [],
  report = () => () => undefined,
}: EvaluateRunOptions): Promise<RunEvaluation> {
  const info = readModelInfo(run);
  for (const other of against) readModelInfo(other);
  const recipe = recipeOf(run);
  const { validation } = recipe.data;
  const collection = await runCollection(recipe, { source, split, report });
  const labels = labelsOf(collection);
  const notes = new Set<string>(collection.dataset?.warnings ?? []);
  if (source === undefined && (await hasChanged(run, collection, validation)))
    notes.add('The images have changed since this run was trained: its classes and splits may differ.');

  const rows: EvaluationRow[] = [];
  const measure = async (row: Measured, metrics: readonly Metric[]) => {
    for (const metric of metrics) {
      const result = await evaluateRetrieval({ ...row, labels, metric });
      for (const note of result.notes) notes.add(note);
      const { name, role } = row;
      const values = MEASURES.map((measure) => [measure, result.metrics[measure as 'map@r'] ?? Number.NaN]);
      rows.push({
        name,
        role,
        metric,
        metrics: Object.fromEntries(values),
        queries: result.queries,
        lone: result.lone,
      });
    }
  };
  const measureRun = async (folder: string, role: 'run' | 'against') => {
    const model = await openModel(folder);
    try {
      const onProgress = report(`embedding with ${folder}`);
      const onNote = (note: string) => notes.add(note);
      const { embeddings } = await embedCollection({ run: folder, model, collection, onProgress, onNote });
      await measure(measured(folder, role, embeddings, model.info), [
        ...new Set([metricOf(model.info), 'cosine' as const]),
      ]);
    } finally {
      await model.close();
    }
  };

  await measureRun(run, 'run');
  const paths = collection.items.map((item) => item.path);
  const untrained = await openUntrained(recipe);
  try {
    const onProgress = report('embedding with the untrained network');
    const { embeddings } = await untrained.embed(paths, { onProgress });
    await measure(measured('untrained network', 'untrained', embeddings, untrained.info), [metricOf(info)]);
  } finally {
    await untrained.close();
  }
  const pixels = await pixelsOf(paths, recipe, report('comparing pixels'));
  const name = `raw pixels, ${PIXELS.to} × ${PIXELS.to}`;
  await measure({ name, role: 'pixels', embeddings: pixels, dim: 3 * PIXELS.to ** 2 }, ['cosine']);
  for (const other of against) await measureRun(other, 'against');
  return {
    run,
    data: {
      source: collection.source,
      split,
      images: labels.length,
      classes: new Set(labels).size,
    },
    rows,
    notes: [...notes],
  };
}

/** The recipe that a run folder holds. Throws UsageError when there is none. */
export function recipeOf(run: string): Recipe {
  const { recipe } = runPaths(run);
  if (!existsSync(recipe))
    throw new UsageError(`${run} holds no recipe.yaml, so its data and network are not known.`);
  return loadRecipe(recipe);
}

/** A split of a run's own data, or of other data. */
export async function runCollection(
  recipe: Recipe,
  {
    source,
    split,
    report = () => () => undefined,
  }: { source?: string | undefined; split: Split; report?: Reporter },
): Promise<Collection> {
  const { validation } = recipe.data;
  const onProgress = report('building the images');
  try {
    return await openCollection(source ?? recipe.data.source, { split, validation, onProgress });
  } catch (error) {
    if (source !== undefined || !(error instanceof DataError)) throw error;
    throw new DataError(
      `${error.message} (This is the data that the run "${recipe.name}" was trained on, relative to the current folder. Other data can be named.)`,
      { cause: error },
    );
  }
}

/** Embeddings with what is needed to measure them. */
interface Measured {
  readonly name: string;
  readonly role: EvaluationRow['role'];
  readonly embeddings: Float32Array;
  readonly dim: number;
  readonly curvature?: number;
}

function measured(
  name: string,
  role: EvaluationRow['role'],
  embeddings: Float32Array,
  { embeddingSize: dim, curvature }: ModelInfo,
): Measured {
  return { name, role, embeddings, dim, curvature };
}

/** Class numbers in order of first appearance. */
function labelsOf({ items }: Collection): number[] {
  const numbers = new Map<string | null, number>();
  return items.map(({ label }) => {
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label)!;
  });
}

async function pixelsOf(
  paths: readonly string[],
  recipe: Recipe,
  onProgress: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { side, to } = PIXELS;
  const { mean, std, fit } = recipe.images;
  const preprocessing = { size: side, resizeTo: null, fit, mean, std };
  const loader = await openImages(paths, preprocessing, { store: { side }, onProgress });
  try {
    const features = new Float32Array(paths.length * 3 * to * to);
    for (let i = 0; i < paths.length; i++)
      features.set(pixelFeatures(loader.raster(i).data as Uint8Array, side, to), i * 3 * to * to);
    return features;
  } finally {
    await loader.close();
  }
}

/** Whether the run's own data are other than they were in training. */
async function hasChanged(run: string, { dataset }: Collection, validation: number): Promise<boolean> {
  if (!dataset) return false;
  try {
    const then = JSON.parse(readFileSync(runPaths(run).data, 'utf8')) as { sha256?: string };
    const now = await fingerprint(dataset, holdOutValidation(dataset, validation));
    return then.sha256 !== now.sha256;
  } catch {
    return false; // without a record of the data there is nothing to compare with
  }
}
