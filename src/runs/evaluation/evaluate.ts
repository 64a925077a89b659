/**
 * Retrieval with the network of a run, beside what it must beat: the same network before training, raw pixels,
 * and other runs. Exact metrics come from `retrieval/`; printing is the command line's business.
 */
import { UsageError } from '../../errors.js';
import { datasetTerms } from '../../hierarchy/index.js';
import type { UnreadPicture } from '../../model/embedPictures.js';
import { type Gain, gainOf, type PairedScores } from '../../retrieval/index.js';
import type { Collection, Split } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { embedReadable, leftOutNote } from '../tree/readable.js';
import { AS_GIVEN, type BaselineOptions, baselinesOf } from './baselines.js';
import { type TaxonomyJudge, taxonomyJudge } from './byTaxonomy.js';
import { type Candidate, type EvaluationRow, measure } from './measure.js';

/** Options of {@link evaluateRun}. */
export interface EvaluateRunOptions {
  /** Other data than the run's own. */
  readonly source?: string | undefined;
  /** Default test: classes that training never saw. */
  readonly split?: Split | undefined;
  /** Runs to compare with. */
  readonly against?: readonly Run[] | undefined;
  /** Also measure the untrained network, and raw pixels or the feature vectors as given. Default true. */
  readonly baselines?: boolean | undefined;
  /** What was measured of the baselines of another run of the same data and the same start, and is to be measured once. */
  readonly shared?: SharedBaselines | undefined;
  /** Also measure by cosine where the run's own distance is another. Default true. */
  readonly cosine?: boolean | undefined;
  /** Also judge by the taxonomy of the data, where they have one; it takes longer than all the rest. Default false. */
  readonly taxonomy?: boolean | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** Baselines that several evaluations share: begin with an empty object. */
export interface SharedBaselines {
  measured?: readonly { readonly row: EvaluationRow; readonly scores: PairedScores }[];
}

/** K of Recall@K where no recipe says them. */
const RECALL_AT = [1, 2, 4, 8];

/** Outcome of {@link evaluateRun}. */
export interface RunEvaluation {
  readonly run: string;
  readonly data: {
    readonly source: string;
    readonly split: Split;
    readonly kind: 'image' | 'vector';
    /** How many of them there are. */
    readonly images: number;
    readonly classes: number;
  };
  /** What the run's recipe asks for: recall@K for its `evaluation.recallAt`, map@r, r-precision. */
  readonly measures: readonly string[];
  readonly rows: readonly EvaluationRow[];
  /**
   * What the run gains over what came in, and over the best closed form of it, on these data; null where it was trained from
   * pixels, or measured without baselines.
   */
  readonly gain: { readonly overGiven: Gain; readonly overClosedForm: Gain | null } | null;
  /** What a reader of the numbers should know. */
  readonly notes: readonly string[];
  /** Pictures that could not be read and were left out; only where there were other images than the run's own. */
  readonly skipped?: readonly UnreadPicture[];
}

/**
 * Evaluates the network of a run, by hyperbolic distance and by cosine, beside its baselines. Of images that are not the run's own,
 * those that cannot be read are left out, which is told.
 * @throws DataError for data that cannot be used or embeddings that are not finite; UsageError without labels
 */
export async function evaluateRun(
  run: Run,
  {
    source,
    split = 'test',
    against = [],
    baselines = true,
    shared,
    cosine = true,
    taxonomy = false,
    progress = () => () => undefined,
  }: EvaluateRunOptions = {},
): Promise<RunEvaluation> {
  const whole = await run.collection({ source, split, progress });
  requireLabels(whole);
  const notes = new Set<string>(whole.dataset?.warnings ?? []);
  const onNote = (note: string) => notes.add(note);
  const isOwn = source === undefined || whole.vectors !== undefined;
  const readable = isOwn ? undefined : await embedReadable(run, whole, { progress, onNote });
  const collection = readable?.collection ?? whole;
  const left = leftOutNote(readable?.skipped ?? [], whole.source);
  if (left !== undefined) onNote(left);
  if (source === undefined && (await run.hasChanged(collection)))
    onNote(
      `The ${collection.vectors ? 'vectors' : 'images'} have changed since this run was trained: its classes and splits may differ.`,
    );

  const recallAt = run.isNetworkAlone ? RECALL_AT : run.recipe.evaluation.recallAt;
  const rows: EvaluationRow[] = [];
  const scores = new Map<EvaluationRow, PairedScores>();
  const onScores = (row: EvaluationRow, of: PairedScores) => scores.set(row, of);
  const judge = taxonomy ? ownJudge(collection) : undefined;
  const known = baselines ? shared?.measured : undefined;
  const task = { against, baselines: baselines && !known, cosine, collection, progress, onNote };
  for await (const candidate of candidates(readable?.run ?? run, task))
    rows.push(...(await measure(candidate, { collection, recallAt, judge, onNote, onScores })));
  for (const { row, scores: its } of known ?? []) {
    rows.push(row);
    scores.set(row, its);
  }
  if (shared && baselines)
    shared.measured ??= rows
      .filter(({ role }) => role !== 'run' && role !== 'against')
      .map((row) => ({ row, scores: scores.get(row)! }));
  const { items } = collection;
  const classes = new Set(items.map(({ label }) => label)).size;
  return {
    run: run.folder,
    data: {
      source: collection.source,
      split,
      kind: collection.vectors ? 'vector' : 'image',
      images: items.length,
      classes,
    },
    measures: [...recallAt.map((k) => `recall@${k}`), 'map@r', 'r-precision'],
    rows,
    gain: gainOfRun(rows, scores),
    notes: [...notes],
    ...(readable ? { skipped: readable.skipped.map(({ path, reason }) => ({ path, reason })) } : {}),
  };
}

/** What the run's own row gains over the features as they came, and over the closed form of the highest MAP@R. */
function gainOfRun(
  rows: readonly EvaluationRow[],
  scores: ReadonlyMap<EvaluationRow, PairedScores>,
): RunEvaluation['gain'] {
  const own = rows.find(({ role }) => role === 'run');
  const given = rows.find(
    ({ role, name }) => (role === 'pixels' || role === 'untrained') && AS_GIVEN.has(name),
  );
  if (!own || !given) return null;
  const best = rows
    .filter(({ role }) => role === 'closed-form')
    .sort((a, b) => b.metrics['map@r'] - a.metrics['map@r'])[0];
  const over = (row: EvaluationRow) => gainOf(scores.get(own)!, scores.get(row)!);
  return { overGiven: over(given), overClosedForm: best ? over(best) : null };
}

/** A judge by the data set's own taxonomy; undefined where it has none, or none that groups any of these classes. */
function ownJudge(collection: Collection): TaxonomyJudge | undefined {
  const { dataset, items, source } = collection;
  if (!dataset?.taxonomy || new Set(items.map(({ label }) => label)).size < 2) return undefined;
  const name = `the taxonomy of ${source}`;
  return taxonomyJudge(collection, datasetTerms(dataset.taxonomy, dataset.classes, name), name);
}

function requireLabels({ items, source }: Collection): void {
  if (items.some(({ label }) => label === null))
    throw new UsageError(
      `${source} has no labels, so there is nothing to measure. Name them with data.labels, or measure with --data FILE that has some.`,
    );
}

/** What else is measured, and on what. */
interface Task extends BaselineOptions {
  readonly against: readonly Run[];
  readonly baselines: boolean;
  readonly cosine: boolean;
}

/** The run, its baselines and the runs that it is compared with, one after the other. */
async function* candidates(run: Run, task: Task): AsyncGenerator<Candidate, void> {
  yield await embeddedBy(run, 'run', task);
  if (task.baselines) yield* baselinesOf(run, task);
  for (const other of task.against) yield await embeddedBy(other, 'against', task);
}

/** The collection as the network of a run embeds it, by the distance of its space and by cosine. */
async function embeddedBy(
  run: Run,
  role: 'run' | 'against',
  { collection, cosine, progress, onNote }: Task,
): Promise<Candidate> {
  const onProgress = progress(`embedding with ${run.folder}`);
  const { values: embeddings, dim, curvature } = await run.embeddings(collection, { onProgress, onNote });
  const metrics = cosine ? [...new Set([run.metric, 'cosine' as const])] : [run.metric];
  return { name: run.folder, role, embeddings, dim, curvature, metrics };
}
