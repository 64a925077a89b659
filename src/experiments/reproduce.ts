/**
 * One cell of the paper's table on the user's data: trained as planned, and measured beside what was published. The
 * plan and the presets come in; printing is the command line's business.
 */
import { HierError, UsageError } from '../errors.js';
import { evaluateRun } from '../runs/evaluation/evaluate.js';
import type { EvaluationRow } from '../runs/evaluation/measure.js';
import type { ProgressReporter } from '../runs/progress.js';
import { type Run, withRun } from '../runs/run.js';
import { train } from '../training/train.js';
import { whatIsLeft } from './left.js';
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

/** What the test curve of a run shows: looks at the test classes while it was trained. */
export interface TestCurveSummary {
  readonly looks: number;
  readonly k: number;
  /** Highest Recall@K of all looks, a fraction, and whole epochs done then. Too good: it was chosen on the test classes. */
  readonly best: number;
  readonly epoch: number;
}

/** Outcome of {@link reproduce}. */
export interface Reproduction {
  readonly preset: Preset;
  readonly run: string;
  /** False when the signal ended it early; `figures` is empty then. */
  readonly finished: boolean;
  readonly figures: readonly ReproducedFigure[];
  /** Null unless the recipe asks for `evaluation.testCurve`. */
  readonly testCurve: TestCurveSummary | null;
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
  const todo = whatIsLeft(folder, recipe, '--out');
  if (todo === 'train' && missingWeights) throw new UsageError(missingWeights);
  const outcome = { preset, run: folder, changes, unlike };
  if (todo !== 'reuse') {
    const own = todo === 'train' ? { recipe } : { mode: 'resume' as const };
    const { finished } = await train({
      ...{ folder, quiet, ...own },
      ...(saveEvery === undefined ? {} : { saveEvery }),
      ...(signal ? { signal } : {}),
    });
    const nothing = { images: 0, classes: 0, queries: 0 };
    if (!finished) return { ...outcome, finished, figures: [], testCurve: null, test: nothing, notes: [] };
  }
  const { row, data, notes, testCurve } = await withRun(folder, async (run) => {
    const { rows, ...measured } = await evaluateRun(run, { baselines: false, progress });
    return { ...measured, row: ownRow(run, rows), testCurve: testCurveSummary(run) };
  });
  const { images, classes } = data;
  const figures = figuresOf(row, recipe.evaluation.recallAt, unlike.length > 0 ? [] : preset.published);
  const test = { images, classes, queries: row.queries };
  return { ...outcome, finished: true, figures, testCurve, test, notes };
}

/** The highest point of a run's test curve. */
function testCurveSummary(run: Run): TestCurveSummary | null {
  const [k] = run.recipe.evaluation.recallAt;
  const looks = run.metrics().filter((row) => Number.isFinite(row[`test.recall@${k}`]));
  if (looks.length === 0) return null;
  const highest = looks.reduce((a, b) => (b[`test.recall@${k}`] > a[`test.recall@${k}`] ? b : a));
  return { looks: looks.length, k, best: highest[`test.recall@${k}`], epoch: highest.epoch + 1 };
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
