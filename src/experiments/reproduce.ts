/**
 * One cell of the paper's table on the user's data: trained as planned, and measured beside what was published. The
 * plan and the presets come in; printing is the command line's business.
 */
import { HierError, UsageError } from '../errors.js';
import { type Recipe, recipeDifferences } from '../recipe/load.js';
import { recipeOf } from '../runs/data.js';
import { evaluateRun } from '../runs/evaluation/evaluate.js';
import type { EvaluationRow } from '../runs/evaluation/measure.js';
import { hasBegun, readRunStatus } from '../runs/folder.js';
import type { ProgressReporter } from '../runs/progress.js';
import { type Run, withRun } from '../runs/run.js';
import { train } from '../training/train.js';
import type { ReproductionPlan } from './plan.js';
import type { Preset } from './presets.js';

/** Options of {@link reproduce}. */
export interface ReproduceOptions {
  /** The run's folder. A run of the same recipe in it is resumed, or evaluated when it is finished. */
  readonly folder: string;
  readonly quiet?: boolean;
  /** Minutes after which the run is saved within an epoch, too. */
  readonly saveEvery?: number;
  /** Ends the training after the current step, with a checkpoint to resume from. */
  readonly signal?: AbortSignal;
  readonly progress?: ProgressReporter;
}

/** One number of the paper beside ours. */
export interface ReproducedFigure {
  readonly k: number;
  /** Fractions; NaN where none is defined. */
  readonly measured: number;
  /** Null for a K that the paper does not print, and for a run that cannot be held against it. */
  readonly published: number | null;
  /** measured − published; null without the latter. */
  readonly difference: number | null;
}

/** Outcome of {@link reproduce}. */
export interface Reproduction {
  readonly preset: Preset;
  readonly run: string;
  /** False when the signal ended it early; `figures` is empty then. */
  readonly finished: boolean;
  readonly figures: readonly ReproducedFigure[];
  readonly test: { readonly images: number; readonly classes: number; readonly queries: number };
  /** In what the recipe was not the paper's. */
  readonly changes: readonly string[];
  /** Why there is nothing of the paper to compare with; empty where there is. */
  readonly unlike: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Trains a plan, resumes it, or takes it as finished, whatever its folder calls for; then measures Recall@K on
 * the test classes, In-Shop's queries against its gallery, by the distance of the embeddings' space.
 * @throws UsageError when pretrained weights are missing or the folder holds another run
 */
export async function reproduce(
  { preset, recipe, missingWeights, changes, unlike }: ReproductionPlan,
  { folder, quiet = false, saveEvery, signal, progress }: ReproduceOptions,
): Promise<Reproduction> {
  const todo = whatIsLeft(folder, recipe);
  if (todo === 'new' && missingWeights) throw new UsageError(missingWeights);
  const outcome = { preset, run: folder, changes, unlike };
  if (todo !== 'nothing') {
    const own = todo === 'new' ? { recipe } : {};
    const { finished } = await train({
      ...{ folder, mode: todo, quiet, ...own },
      ...(saveEvery === undefined ? {} : { saveEvery }),
      ...(signal ? { signal } : {}),
    });
    const nothing = { images: 0, classes: 0, queries: 0 };
    if (!finished) return { ...outcome, finished, figures: [], test: nothing, notes: [] };
  }
  const { row, data, notes } = await withRun(folder, async (run) => {
    const { rows, ...measured } = await evaluateRun(run, { baselines: false, progress });
    return { ...measured, row: ownRow(run, rows) };
  });
  const { images, classes } = data;
  const figures = figuresOf(row, recipe.evaluation.recallAt, unlike.length > 0 ? [] : preset.published);
  return { ...outcome, finished: true, figures, test: { images, classes, queries: row.queries }, notes };
}

/** The row of a run's own network by the distance of its space. */
function ownRow({ folder, metric }: Run, rows: readonly EvaluationRow[]): EvaluationRow {
  const row = rows.find((one) => one.role === 'run' && one.metric === metric);
  if (!row) throw new HierError(`The evaluation of ${folder} has no row of the metric ${metric}.`);
  return row;
}

/** Recall@K of a row beside published figures. */
function figuresOf(
  row: EvaluationRow,
  ks: readonly number[],
  paper: Preset['published'],
): ReproducedFigure[] {
  return ks.map((k) => {
    const measured = row.metrics[`recall@${k}`] ?? Number.NaN;
    const published = paper.find((one) => one.k === k)?.recall ?? null;
    return { k, measured, published, difference: published === null ? null : measured - published };
  });
}

/** What a run folder still needs. Throws UsageError when it holds a run of another recipe. */
function whatIsLeft(folder: string, recipe: Recipe): 'new' | 'resume' | 'nothing' {
  const status = readRunStatus(folder);
  if (!status || !hasBegun(folder)) return 'new';
  const differences = recipeDifferences(recipeOf(folder), recipe).filter(
    (text) => !text.startsWith('engine.'),
  );
  if (differences.length > 0)
    throw new UsageError(
      `The run in ${folder} has another recipe:\n  ${differences.join('\n  ')}\nName another folder with --out.`,
    );
  return status.state === 'finished' ? 'nothing' : 'resume';
}
