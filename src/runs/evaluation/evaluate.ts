/**
 * Retrieval with the network of a run, beside what it must beat: the same network before training, raw pixels,
 * and other runs. Exact metrics come from `retrieval/`; printing is the command line's business.
 */
import { UsageError } from '../../errors.js';
import { metricOf, openModel, readModelInfo } from '../../model/trained.js';
import type { Recipe } from '../../recipe/load.js';
import type { Collection, Split } from '../collection.js';
import { hasChanged, recipeOf, runCollection } from '../data.js';
import { embedCollection } from '../embeddings.js';
import type { Reporter } from '../progress.js';
import { baselinesOf } from './baselines.js';
import { type Candidate, type EvaluationRow, measure } from './measure.js';

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
  for (const folder of [run, ...against]) readModelInfo(folder);
  const recipe = recipeOf(run);
  const collection = await runCollection(recipe, { source, split, report });
  requireLabels(collection);
  const notes = new Set<string>(collection.dataset?.warnings ?? []);
  const onNote = (note: string) => notes.add(note);
  if (source === undefined && (await hasChanged(run, collection, recipe.data.validation)))
    onNote('The images have changed since this run was trained: its classes and splits may differ.');

  const { recallAt } = recipe.evaluation;
  const rows: EvaluationRow[] = [];
  for await (const candidate of candidates({ run, against, baselines, recipe, collection, report, onNote }))
    rows.push(...(await measure(candidate, { collection, recallAt, onNote })));
  const { items } = collection;
  const classes = new Set(items.map(({ label }) => label)).size;
  return {
    run,
    data: { source: collection.source, split, images: items.length, classes },
    measures: [...recallAt.map((k) => `recall@${k}`), 'map@r', 'r-precision'],
    rows,
    notes: [...notes],
  };
}

function requireLabels({ items, source }: Collection): void {
  if (items.some(({ label }) => label === null))
    throw new UsageError(
      `${source} has no labels, so there is nothing to measure. Name them with data.labels, or measure with --data FILE that has some.`,
    );
}

/** What is measured, and on what. */
interface Task {
  readonly run: string;
  readonly against: readonly string[];
  readonly baselines: boolean;
  readonly recipe: Recipe;
  readonly collection: Collection;
  readonly report: Reporter;
  readonly onNote: (note: string) => void;
}

/** The run, its baselines and the runs that it is compared with, one after the other. */
async function* candidates(task: Task): AsyncGenerator<Candidate, void> {
  yield await embeddedBy(task.run, 'run', task);
  if (task.baselines) yield* baselinesOf(task);
  for (const other of task.against) yield await embeddedBy(other, 'against', task);
}

/** The collection as the network of a run embeds it, by the distance of its space and by cosine. */
async function embeddedBy(
  run: string,
  role: 'run' | 'against',
  { collection, report, onNote }: Task,
): Promise<Candidate> {
  const model = await openModel(run);
  try {
    const onProgress = report(`embedding with ${run}`);
    const { embeddings } = await embedCollection({ run, model, collection, onProgress, onNote });
    const { embeddingSize: dim, curvature } = model.info;
    const metrics = [...new Set([metricOf(model.info), 'cosine' as const])];
    return { name: run, role, embeddings, dim, curvature, metrics };
  } finally {
    await model.close();
  }
}
