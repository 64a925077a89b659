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
import { recipeHash } from '../recipe/load.js';
import { keepMeasures, keptMeasures, keyOfMeasures } from '../runs/compared.js';
import { recipeCollection, splitsOf } from '../runs/data.js';
import { evaluateRun, type SharedBaselines } from '../runs/evaluation/evaluate.js';
import type { EvaluationRow } from '../runs/evaluation/measure.js';
import type { ProgressReporter } from '../runs/progress.js';
import { type Run, withRun } from '../runs/run.js';
import { fittedRecipe } from '../training/fitToData.js';
import { train } from '../training/train.js';
import { type Comparison, type Measured, measuresOf, rowsOf } from './comparison.js';
import { type RunPlan, whatIsLeft } from './left.js';
import { type PlannedRun, planComparison } from './methods.js';
import { pairedRows } from './paired.js';
import { treeJudge } from './trees.js';

/** Splits that runs embed by the way, since they are asked for here. */
const KEPT = ['test', 'train'] as const;

/** What every comparison can be told. */
export interface RunningOptions {
  /** Default test. */
  readonly split?: 'test' | 'validation' | 'train';
  /** Also judge retrieval and trees by the taxonomy of the data, beside what came in: `trees` of the {@link Comparison}. Default false. */
  readonly trees?: boolean;
  /** Told which run begins, and what is done with it. */
  readonly onRun?: (run: { at: number; of: number; name: string; folder: string; plan: RunPlan }) => void;
  readonly quiet?: boolean;
  /** Minutes after which a run is saved within an epoch, too. */
  readonly saveEvery?: number;
  readonly signal?: AbortSignal;
  readonly progress?: ProgressReporter;
}

/** Options of {@link compareLosses}. */
export interface CompareOptions extends RunningOptions {
  /** A shipped recipe or a .yaml file. */
  readonly recipe: string;
  /** `KEY=VALUE` for all methods. */
  readonly overrides?: readonly string[];
  /** Methods, such as `proxy-anchor+hier` or `soft-triple:centres=10`. */
  readonly losses: readonly string[];
  readonly seeds: readonly number[];
  /** Folder that holds the runs. */
  readonly folder: string;
}

/**
 * Trains and evaluates all methods with all seeds. A run whose gradient is not finite is noted and the others go
 * on.
 * @throws UsageError before anything is trained when a method cannot be; DataError for data that cannot be used
 */
export async function compareLosses(options: CompareOptions): Promise<Comparison> {
  const plan = await Promise.all(
    planComparison(options).map(async (run): Promise<ReadyRun> => {
      const fitted = { ...run, recipe: await fittedRecipe(run.recipe) };
      return { ...fitted, folder: join(options.folder, runName(fitted)) };
    }),
  );
  return compareRuns(options.recipe, plan, options);
}

/** A planned run with the folder that it is trained in. */
export interface ReadyRun extends PlannedRun {
  readonly folder: string;
}

/**
 * Trains and evaluates runs of one data set.
 * @param recipe what the comparison is named after
 * @throws as {@link compareLosses}
 */
export async function compareRuns(
  recipe: string,
  plan: readonly ReadyRun[],
  {
    split = 'test',
    trees = false,
    quiet = false,
    saveEvery,
    signal,
    onRun = () => undefined,
    progress,
  }: RunningOptions,
): Promise<Comparison> {
  // Refuses a split or a taxonomy that there is not, before hours of training.
  const collection = await recipeCollection(plan[0].recipe, split, progress);
  const judge = trees ? treeJudge(collection, progress) : undefined;
  const measured: Measured[] = [];
  const shared: SharedBaselines = {};
  const notes = new Set<string>();
  let data: Comparison['data'] = {
    ...{ source: plan[0].recipe.data.source, split, images: 0, classes: 0 },
    kind: takesVectors(plan[0].recipe) ? 'vector' : 'image',
  };
  let baselines: Comparison['baselines'] = [];
  const measures = measuresOf(plan.map((planned) => planned.recipe));
  for (const [at, planned] of plan.entries()) {
    if (signal?.aborted) break;
    const { folder: run, method, seed } = planned;
    const what = whatIsLeft(run, planned.recipe, '--runs');
    onRun({ at: at + 1, of: plan.length, name: `${method.name}, seed ${seed}`, folder: run, plan: what });
    try {
      if (what !== 'reuse') {
        const given = {
          ...(what === 'resume' ? { mode: 'resume' as const } : { recipe: planned.recipe }),
          ...{ folder: run, quiet, ...(trees ? { keep: KEPT } : {}) },
          ...(saveEvery === undefined ? {} : { saveEvery }),
          ...(signal ? { signal } : {}),
        };
        if (!(await train(given)).finished) break;
      }
    } catch (error) {
      if (!(error instanceof HierError) || error instanceof UsageError || error instanceof DataError)
        throw error;
      notes.add(`${method.name} with seed ${seed} failed and is left out: ${error.message}`);
      continue;
    }
    const isFirst = measured.length === 0;
    const one = await withRun(run, async (opened) => {
      const all = [...measures, ...(judge?.measures ?? [])];
      const given = await opened.collection({ split, progress });
      const key = keyOfMeasures(opened, given, all);
      const kept = keptMeasures(opened.paths.compared, key);
      // Of the first, what came in is measured with it.
      if (kept && !isFirst) return { ...kept, proxies: proxiesOf(opened) };
      const evaluated = await evaluateRun(opened, {
        ...{ split, shared, cosine: false, taxonomy: trees, progress },
        baselines: takesVectors(planned.recipe),
      });
      const ofRun = evaluated.rows.find(({ role, metric }) => role === 'run' && metric === opened.metric)!;
      const own = kept?.metrics ?? { ...ofRun.metrics, ...(await judge?.ofRun(opened, ofRun.taxonomy!)) };
      if (isFirst) {
        data = evaluated.data;
        baselines = judge
          ? await judge.ofBaselines(opened, evaluated.rows)
          : evaluated.rows.filter(isToBeat).map(({ name, metrics }) => ({ name, metrics }));
      }
      const gain = evaluated.gain?.overGiven ?? null;
      const found = { metrics: own, gain, notes: evaluated.notes };
      // Embeddings that were not kept before are kept now.
      if (!kept) keepMeasures(opened.paths.compared, key ?? keyOfMeasures(opened, given, all), found);
      return { ...found, proxies: proxiesOf(opened) };
    });
    for (const note of one.notes) notes.add(note);
    const { metrics, gain, proxies } = one;
    measured.push({ planned, folder: run, proxies, metrics, gain });
  }
  if (judge) for (const note of judge.notes) notes.add(note);
  const rows = rowsOf(plan, measured, [...measures, ...(judge?.measures ?? [])]);
  const failed = [...notes].filter((note) => note.includes(' failed and is left out')).length;
  return {
    recipe,
    data,
    measures,
    finished: measured.length + failed === plan.length,
    rows,
    paired: pairedRows(rows, [...measures, ...(judge?.measures ?? [])]),
    ...(judge ? { trees: { levels: judge.levels, ways: judge.ways, measures: judge.measures } } : {}),
    baselines,
    published: [],
    unlike: [],
    notes: [...notes],
  };
}

const isToBeat = ({ role }: EvaluationRow) => role === 'pixels' || role === 'closed-form';

/** Folder of a run: readable, and different for every recipe. */
export function runName({ method, seed, recipe }: PlannedRun): string {
  const readable = method.name.replace(/[^\w.+-]+/g, '-').slice(0, 60);
  return `${readable}-seed${seed}-${recipeHash(recipe).slice(0, 8)}`;
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
