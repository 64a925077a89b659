/**
 * A comparison of losses under one recipe and several seeds, as in HIER's supplement, table 2: trains what is
 * missing, evaluates everything on classes never seen, and averages over the seeds. A finished run is known by
 * the hash of its recipe and used again, an unfinished one is resumed, so a comparison that was stopped goes
 * on where it was. Printing is the command line's business.
 */

import { join } from 'node:path';
import { DataError, HierError, UsageError } from '../errors.js';
import { chosenLoss } from '../losses/registry.js';
import { takesVectors } from '../recipe/checks.js';
import { type Recipe, recipeHash } from '../recipe/load.js';
import { recipeCollection, recipeOf, splitsOf } from '../runs/data.js';
import { evaluateRun } from '../runs/evaluation/evaluate.js';
import { readRunStatus } from '../runs/folder.js';
import type { Gain, Interval } from '../runs/gain.js';
import type { ProgressReporter } from '../runs/progress.js';
import { type Run, withRun } from '../runs/run.js';
import { fittedRecipe } from '../training/fitToData.js';
import { train } from '../training/train.js';
import { type PlannedRun, planComparison } from './methods.js';

/** Options of {@link compareLosses}. */
export interface CompareOptions {
  /** A shipped recipe or a .yaml file. */
  readonly recipe: string;
  /** `KEY=VALUE` for all methods. */
  readonly overrides?: readonly string[];
  /** Methods, such as `proxy-anchor+hier` or `soft-triple:centres=10`. */
  readonly losses: readonly string[];
  readonly seeds: readonly number[];
  /** Folder that holds the runs. */
  readonly folder: string;
  /** Default test. */
  readonly split?: 'test' | 'validation' | 'train';
  /** Told which run begins, and what is done with it. */
  readonly onRun?: (run: { at: number; of: number; name: string; folder: string; plan: RunPlan }) => void;
  readonly quiet?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: ProgressReporter;
}

/** Whether a run is trained from the start, resumed, or used as it is. */
export type RunPlan = 'train' | 'resume' | 'reuse';

/** A measure over the seeds. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over the seeds; NaN for one seed. */
  readonly deviation: number;
  /** One value a seed, in order of the seeds. */
  readonly values: readonly number[];
}

/** One method of the table. */
export interface ComparisonRow {
  readonly method: string;
  /** Proxies and centres that are trained: those of the classes and the hierarchical ones. */
  readonly proxies: number;
  readonly seeds: readonly number[];
  /** By measure, those of {@link Comparison.measures}; fractions. */
  readonly metrics: Readonly<Record<string, Spread>>;
  /** The runs, in order of the seeds. */
  readonly runs: readonly string[];
  /**
   * What it gains over the feature vectors as they came: means over the seeds of the gain and of the ends of its interval
   * over classes; null for images.
   */
  readonly gain: Gain | null;
}

/** Outcome of {@link compareLosses}. */
export interface Comparison {
  readonly recipe: string;
  readonly data: {
    readonly source: string;
    readonly split: string;
    readonly kind: 'image' | 'vector';
    readonly images: number;
    readonly classes: number;
  };
  /** What the recipe asks for: recall@K for its `evaluation.recallAt`, map@r, r-precision. */
  readonly measures: readonly string[];
  /** False when the signal ended it early; then only finished runs are counted. */
  readonly finished: boolean;
  readonly rows: readonly ComparisonRow[];
  /** What every method must beat, by measure: the vectors as they came and their closed forms; empty for images. */
  readonly baselines: readonly {
    readonly name: string;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
  /** What a reader of the table should know: failed runs, data that changed. */
  readonly notes: readonly string[];
}

/** What is measured of one run. */
interface Measured {
  readonly planned: PlannedRun;
  readonly folder: string;
  readonly proxies: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gain: Gain | null;
}

/**
 * Trains and evaluates all methods with all seeds. A run whose gradient is not finite is noted and the others go
 * on.
 * @throws UsageError before anything is trained when a method cannot be; DataError for data that cannot be used
 */
export async function compareLosses(options: CompareOptions): Promise<Comparison> {
  const { folder, split = 'test', quiet = false, signal, onRun = () => undefined, progress } = options;
  const plan = await Promise.all(
    planComparison(options).map(async (run) => ({ ...run, recipe: await fittedRecipe(run.recipe) })),
  );
  await recipeCollection(plan[0].recipe, split, progress); // refuses a split that there is not, before hours of training
  const measured: Measured[] = [];
  const notes = new Set<string>();
  let data: Comparison['data'] = {
    ...{ source: plan[0].recipe.data.source, split, images: 0, classes: 0 },
    kind: takesVectors(plan[0].recipe) ? 'vector' : 'image',
  };
  let baselines: Comparison['baselines'] = [];
  const measures = measuresOf(plan.map(({ recipe }) => recipe));
  for (const [at, planned] of plan.entries()) {
    if (signal?.aborted) break;
    const run = join(folder, runName(planned));
    const { name } = planned.method;
    const what = planOf(run, planned.recipe);
    onRun({ at: at + 1, of: plan.length, name: `${name}, seed ${planned.seed}`, folder: run, plan: what });
    try {
      if (what !== 'reuse') {
        const mode = what === 'resume' ? 'resume' : 'new';
        const given = {
          recipe: planned.recipe,
          folder: run,
          mode,
          quiet,
          ...(signal ? { signal } : {}),
        } as const;
        if (!(await train(given)).finished) break;
      }
    } catch (error) {
      if (!(error instanceof HierError) || error instanceof UsageError || error instanceof DataError)
        throw error;
      notes.add(`${name} with seed ${planned.seed} failed and is left out: ${error.message}`);
      continue;
    }
    const [result, metric, proxies] = await withRun(run, async (opened) => [
      await evaluateRun(opened, { split, baselines: takesVectors(planned.recipe), progress }),
      opened.metric,
      proxiesOf(opened),
    ]);
    for (const note of result.notes) notes.add(note);
    data = result.data;
    const row = result.rows.find((one) => one.role === 'run' && one.metric === metric)!;
    const toBeat = result.rows.filter(({ role }) => role === 'pixels' || role === 'closed-form');
    if (baselines.length === 0) baselines = toBeat.map(({ name: of, metrics }) => ({ name: of, metrics }));
    const gain = result.gain?.overGiven ?? null;
    measured.push({ planned, folder: run, proxies, metrics: row.metrics, gain });
  }
  const failed = [...notes].filter((note) => note.includes(' failed and is left out')).length;
  return {
    recipe: options.recipe,
    data,
    measures,
    finished: measured.length + failed === plan.length,
    rows: rowsOf(plan, measured, measures),
    baselines,
    notes: [...notes],
  };
}

/** Folder of a run: readable, and different for every recipe. */
function runName({ method, seed, recipe }: PlannedRun): string {
  const readable = method.name.replace(/[^\w.+-]+/g, '-').slice(0, 60);
  return `${readable}-seed${seed}-${recipeHash(recipe).slice(0, 8)}`;
}

/** What there is to do for a run. */
function planOf(folder: string, recipe: Recipe): RunPlan {
  const status = readRunStatus(folder);
  if (!status) return 'train';
  let stored: Recipe;
  try {
    stored = recipeOf(folder);
  } catch {
    return 'train'; // stopped before its recipe was written: openRunFolder says what is there
  }
  if (recipeHash(stored) !== recipeHash(recipe))
    throw new UsageError(
      `${folder} holds a run of another recipe. Move it away, or choose another folder with --runs.`,
    );
  return status.state === 'finished' ? 'reuse' : 'resume';
}

/** Proxies and centres that a run has trained. */
function proxiesOf(run: Run): number {
  const { losses } = run.recipe;
  const train = splitsOf(run.record('data')).get('train');
  if (!train)
    throw new DataError(
      `${run.paths.data} is damaged or not there, so the classes that ${run.folder} was trained on are not known. Write it again with: npx hier train --resume ${run.folder}`,
    );
  const { loss, settings } = chosenLoss(losses.metric);
  const own = losses.metric.weight > 0 ? (loss.proxies?.(train.classes, settings).count ?? 0) : 0;
  return own + (losses.hier.weight > 0 ? losses.hier.proxies : 0);
}

/** What all runs measure: recall@K for the K that every recipe asks for, and what does not depend on a K. */
function measuresOf(recipes: readonly Recipe[]): string[] {
  const [first, ...others] = recipes.map(({ evaluation }) => evaluation.recallAt);
  const common = first.filter((k) => others.every((ks) => ks.includes(k)));
  return [...common.map((k) => `recall@${k}`), 'map@r', 'r-precision'];
}

function rowsOf(
  plan: readonly PlannedRun[],
  measured: readonly Measured[],
  measures: readonly string[],
): ComparisonRow[] {
  return [...new Set(plan.map(({ method }) => method))].flatMap((method) => {
    const own = measured.filter(({ planned }) => planned.method === method);
    if (own.length === 0) return [];
    const metrics = measures.map((measure) => [measure, spreadOf(own.map((one) => one.metrics[measure]))]);
    return [
      {
        method: method.name,
        proxies: own[0].proxies,
        seeds: own.map(({ planned }) => planned.seed),
        metrics: Object.fromEntries(metrics) as Record<string, Spread>,
        runs: own.map((one) => one.folder),
        gain: meanGain(own.flatMap((one) => one.gain ?? [])),
      },
    ];
  });
}

/** The mean of gains, and of the ends of their intervals; null of none. */
function meanGain(gains: readonly Gain[]): Gain | null {
  if (gains.length === 0) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const interval = (measure: keyof Gain): Interval => ({
    value: mean(gains.map((gain) => gain[measure].value)),
    low: mean(gains.map((gain) => gain[measure].low)),
    high: mean(gains.map((gain) => gain[measure].high)),
  });
  return { 'recall@1': interval('recall@1'), 'map@r': interval('map@r') };
}

/** Mean and sample standard deviation. */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN, values };
}
