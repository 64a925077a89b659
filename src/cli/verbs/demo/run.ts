/**
 * The main job from end to end: data, training, evaluation on unseen classes, search. It only puts other commands' work
 * together; which data and which network are for the verb to say.
 */

import { join } from 'node:path';
import type { Dataset } from '../../../datasets/dataset.js';
import { existsSync, reasonOf } from '../../../disk/index.js';
import { UsageError } from '../../../errors.js';
import { writeContactSheet } from '../../../images/contactSheet.js';
import { writeFileAtomic } from '../../../io/atomic.js';
import { type Recipe, recipeDifferences } from '../../../recipe/load.js';
import { recipeOf } from '../../../runs/data.js';
import { evaluateRun, type RunEvaluation } from '../../../runs/evaluation/evaluate.js';
import type { EvaluationRow } from '../../../runs/evaluation/measure.js';
import { searchRun, sheetRows } from '../../../runs/evaluation/search.js';
import { readRunStatus, runPaths } from '../../../runs/folder.js';
import { formatDuration } from '../../../runs/progress.js';
import { type Run, withRun } from '../../../runs/run.js';
import { counted } from '../../../shown.js';
import { train } from '../../../training/train.js';
import { onInterrupt } from '../../interrupt.js';
import { progress, say } from '../../output.js';
import { percent } from '../../text/columns.js';
import { requireEssentials } from '../doctor/doctor.js';

/** Recall@K and MAP@R, fractions. */
export type Measures = Readonly<Record<(typeof KEYS)[number], number>>;

/** What `summary.json` holds. */
export interface DemoSummary {
  /** From start to end, building of the images included. */
  readonly seconds: number;
  /** Images and classes of the whole data set. */
  readonly images: number;
  readonly classes: number;
  /** The trained network on the unseen test classes, by hyperbolic distance. */
  readonly test: Measures;
  readonly baselines: { readonly pixels: Measures; readonly untrained: Measures };
  /** What a pretrained network gained over how it came; absent where there was none. */
  readonly gain?: NonNullable<RunEvaluation['gain']>;
  readonly seed: number;
  /** In training alone, validation included. */
  readonly trainingSeconds: number;
}

const KEYS = ['recall@1', 'recall@2', 'recall@4', 'recall@8', 'map@r'] as const;
const QUERIES = 8;
const RESULTS = 8;

/** Runs the demo with a recipe; null when it was stopped in training. */
export async function demo(
  recipe: Recipe,
  folder: string,
): Promise<{ summary: DemoSummary; evaluation: RunEvaluation } | null> {
  const started = performance.now();
  await requireEssentials();
  requireDemoFolder(recipe, folder);

  const interrupt = onInterrupt('stopping after this step; again to end at once');
  const trained = await train({ recipe, folder, mode: 'overwrite', signal: interrupt.signal }).finally(
    interrupt.release,
  );
  if (!trained.finished) return null;
  say(`trained in ${formatDuration(trained.seconds)}; now the test classes, which it has never seen`);
  const evaluation = await withRun(folder, async (run) => {
    const measured = await evaluateRun(run, { progress });
    await drawNeighbours(run, measured);
    return measured;
  });

  const summary: DemoSummary = {
    seconds: rounded((performance.now() - started) / 1000),
    images: trained.data.images,
    classes: trained.data.classes,
    test: measuresOf(evaluation.rows, 'run'),
    baselines: {
      pixels: measuresOf(evaluation.rows, 'pixels'),
      untrained: measuresOf(evaluation.rows, 'untrained'),
    },
    ...(evaluation.gain ? { gain: evaluation.gain } : {}),
    seed: recipe.seed,
    trainingSeconds: rounded(trained.seconds),
  };
  writeFileAtomic(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return { summary, evaluation };
}

/** Refuses to replace a run that is not a demo. */
function requireDemoFolder(recipe: Recipe, folder: string): void {
  if (!readRunStatus(folder)) return;
  // A run that was cut off before its recipe was written has nothing to lose. One whose recipe cannot be read has.
  const earlier = existsSync(runPaths(folder).recipe) ? storedRecipe(folder) : undefined;
  const others = earlier ? recipeDifferences(earlier, { ...recipe, seed: earlier.seed }) : [];
  if (others.length > 0)
    throw new UsageError(
      `${folder} holds a run of another recipe, which the demo would replace (${others.slice(0, 3).join('; ')}${others.length > 3 ? '; …' : ''}). Choose another folder with --out, or delete that one.`,
    );
  say(`replacing the earlier demo in ${folder}`);
}

function storedRecipe(folder: string): Recipe {
  try {
    return recipeOf(folder);
  } catch (cause) {
    throw new UsageError(
      `${folder} holds a run that the demo would replace, and what it is cannot be read: ${reasonOf(cause).replace(/\.$/, '')}. Choose another folder with --out, or delete that one.`,
      { cause },
    );
  }
}

/** Searches with images of a few groups and draws what was found. */
async function drawNeighbours(run: Run, { data, rows }: RunEvaluation): Promise<void> {
  const { folder } = run;
  const { dataset } = await run.collection({ split: 'test' });
  const queries = demoQueries(dataset!);
  const { answers, attribution } = await searchRun(run, { queries, top: RESULTS, progress });
  if (attribution.length > 0) writeFileAtomic(join(folder, 'attribution.txt'), `${attribution.join('\n')}\n`);
  await writeContactSheet(join(folder, 'neighbours.png'), sheetRows(answers), {
    title: 'Nearest images among classes never seen in training',
    subtitle:
      `${counted(data.images, 'image')} of ${counted(data.classes, 'class')}; ` +
      `the first result is right for ${percent(rows[0].metrics['recall@1'])} % of all queries`,
  });
}

/**
 * Ids of the queries: the first query of the middle test class of each group (of equal parts of the classes,
 * where there are no groups), with groups of the coarsest level that has enough of them. A rule, so that nobody can have
 * picked the good ones.
 */
export function demoQueries({ items, test, queries = test, classes, taxonomy }: Dataset): string[] {
  const firstOf = new Map<number, string>();
  for (const index of queries) {
    const { label, id } = items[index];
    if (!firstOf.has(label)) firstOf.set(label, id);
  }
  const labels = [...classes.keys()].filter((label) => firstOf.has(label));
  const groups = taxonomy?.terms.find(
    (terms) => new Set(labels.map((label) => terms[label])).size >= QUERIES,
  );
  const parts = new Map<string, number[]>();
  labels.forEach((label, i) => {
    const part =
      (groups ?? taxonomy?.terms.at(-1))?.[label] ?? String(Math.floor((i * QUERIES) / labels.length));
    parts.set(part, [...(parts.get(part) ?? []), label]);
  });
  const all = [...parts.values()];
  const count = Math.min(QUERIES, all.length);
  return Array.from({ length: count }, (_, i) => {
    const members = all[Math.floor((i * all.length) / count)];
    return firstOf.get(members[Math.floor(members.length / 2)])!;
  });
}

function measuresOf(rows: readonly EvaluationRow[], role: EvaluationRow['role']): Measures {
  const { metrics } = rows.find((row) => row.role === role)!;
  return Object.fromEntries(KEYS.map((key) => [key, metrics[key]])) as Measures;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
