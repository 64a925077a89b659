/**
 * Retrieval with the network of a run, beside what it must beat: the same network before training, raw pixels,
 * and other runs. Exact metrics come from `retrieval/`; printing is the command line's business.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fingerprint } from '../datasets/fingerprint.js';
import { holdOutValidation } from '../datasets/validation.js';
import { DataError, UsageError } from '../errors.js';
import {
  evaluateRetrieval,
  type LabelledEmbeddings,
  type Metric,
  pixelFeatures,
} from '../retrieval/index.js';
import { type Collection, openCollection, rowsOf, type Split } from './collection.js';
import { embedCollection } from './embeddings.js';
import { openImages } from './imageLoader.js';
import { type ModelInfo, metricOf, openModel, readModelInfo } from './model.js';
import { loadRecipe, type Recipe } from './recipe.js';
import { runPaths } from './runPaths.js';
import { untrainedPoints } from './untrained.js';

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
  /** Also measure the untrained network, and raw pixels or the feature vectors as given. Default true. */
  readonly baselines?: boolean;
  readonly report?: Reporter;
}

/** One row of the comparison. */
export interface EvaluationRow {
  /** The run's folder, or what else was measured. */
  readonly name: string;
  readonly role: 'run' | 'against' | 'untrained' | 'pixels';
  /** How similarity was measured. */
  readonly metric: Metric;
  /**
   * Fractions: recall@1, recall@2, recall@4, recall@8, map@r, r-precision, and recall@K for the K of the run's
   * `evaluation.recallAt`; NaN where none is defined.
   */
  readonly metrics: Readonly<Record<(typeof MEASURES)[number], number> & Record<string, number>>;
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
  /** What the run's recipe asks for: recall@K for its `evaluation.recallAt`, map@r, r-precision. */
  readonly measures: readonly string[];
  readonly rows: readonly EvaluationRow[];
  /** What a reader of the numbers should know. */
  readonly notes: readonly string[];
}

/** The metrics that every row has. */
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
  baselines = true,
  report = () => () => undefined,
}: EvaluateRunOptions): Promise<RunEvaluation> {
  const info = readModelInfo(run);
  for (const other of against) readModelInfo(other);
  const recipe = recipeOf(run);
  const { validation } = recipe.data;
  const collection = await runCollection(recipe, { source, split, report });
  if (collection.items.some(({ label }) => label === null))
    throw new UsageError(
      `${collection.source} has no labels, so there is nothing to measure. Name them with data.labels, or measure with --data FILE that has some.`,
    );
  const labels = labelsOf(collection);
  const notes = new Set<string>(collection.dataset?.warnings ?? []);
  if (source === undefined && (await hasChanged(run, collection, validation)))
    notes.add('The images have changed since this run was trained: its classes and splits may differ.');

  const { recallAt: asked } = recipe.evaluation;
  const recallAt = [...new Set([...asked, 1, 2, 4, 8])].sort((a, b) => a - b);
  const keys = [...recallAt.map((k) => `recall@${k}`), 'map@r', 'r-precision'];
  const rows: EvaluationRow[] = [];
  const measure = async (row: Measured, metrics: readonly Metric[]) => {
    for (const metric of metrics) {
      const result = await evaluateRetrieval({
        ...row,
        ...queriesAndGallery(row, labels, collection),
        metric,
        recallAt,
      });
      for (const note of result.notes) notes.add(note);
      const { name, role } = row;
      const values = keys.map((key) => [key, result.metrics[key as 'map@r'] ?? Number.NaN]);
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

  const measureBaselines = async () => {
    const onProgress = report('embedding with the untrained network');
    const onNote = (note: string) => notes.add(note);
    const untrained = await untrainedPoints(recipe, { run, collection, onProgress, onNote });
    const { values: embeddings, ...space } = untrained;
    await measure({ name: 'untrained network', role: 'untrained', embeddings, ...space }, [metricOf(info)]);
    if (collection.vectors) {
      const { values, dim } = collection.vectors;
      await measure({ name: 'the vectors as given', role: 'pixels', embeddings: values, dim }, ['cosine']);
      return;
    }
    const paths = collection.items.map((item) => item.path);
    const pixels = await pixelsOf(paths, recipe, report('comparing pixels'));
    const name = `raw pixels, ${PIXELS.to} × ${PIXELS.to}`;
    await measure({ name, role: 'pixels', embeddings: pixels, dim: 3 * PIXELS.to ** 2 }, ['cosine']);
  };

  await measureRun(run, 'run');
  if (baselines) await measureBaselines();
  for (const other of against) await measureRun(other, 'against');
  return {
    run,
    data: {
      source: collection.source,
      split,
      images: labels.length,
      classes: new Set(labels).size,
    },
    measures: [...asked.map((k) => `recall@${k}`), 'map@r', 'r-precision'],
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
    const own = source === undefined ? recipe.data : { partial: recipe.data.partial };
    return await openCollection(source ?? recipe.data.source, { ...own, split, validation, onProgress });
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

/** The rows as queries and gallery, where the collection keeps these apart; else all as both. */
function queriesAndGallery(
  { embeddings, dim }: Measured,
  labels: readonly number[],
  { items, queries }: Collection,
): LabelledEmbeddings & { readonly gallery?: LabelledEmbeddings } {
  if (!queries) return { embeddings, labels };
  const asked = new Set(queries);
  const pick = (rows: readonly number[]): LabelledEmbeddings => ({
    embeddings: rowsOf(embeddings, rows, dim),
    labels: rows.map((row) => labels[row]),
  });
  return { ...pick(queries), gallery: pick([...items.keys()].filter((row) => !asked.has(row))) };
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
