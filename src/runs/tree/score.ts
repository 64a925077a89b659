/**
 * The hierarchy of a run held against a taxonomy, beside the controls that need files: the network before
 * training, and other runs. Retrieval is judged by the same taxonomy. What is computed is in `hierarchy/`.
 */

import { DataError, UsageError } from '../../errors.js';
import { chooseTree } from '../../hierarchy/choice/choose.js';
import {
  datasetTerms,
  defaultLevels,
  type ItemSpaces,
  meanRelativeDelta,
  needsProxies,
  type Points,
  pairDistances,
  scoreTree,
  type TermTree,
  type TreeChoice,
  type TreeScores,
  treeSources,
} from '../../hierarchy/index.js';
import { evaluateRetrieval } from '../../retrieval/index.js';
import { takeRows } from '../../rows.js';
import type { Collection } from '../collection.js';
import { type TaxonomyMeasures, taxonomyJudge } from '../evaluation/byTaxonomy.js';
import type { Run } from '../run.js';
import { labelledSides } from '../sides.js';
import { type LeafKind, leavesOf, pointsOfRun, type TreeRunOptions } from './build.js';
import { untrainedCentres } from './centres.js';
import { signaturesOf } from './signatures.js';
import { openTaxonomy } from './taxonomyFile.js';

/** Options of {@link scoreTreeOfRun}. */
export interface ScoreRunOptions extends TreeRunOptions {
  /** A file, or a taxonomy that comes with hier. Default: the levels of the data set. */
  readonly taxonomy?: string | undefined;
  /** Other runs. */
  readonly against?: readonly Run[] | undefined;
  /** Random draws of the controls. Default 20. */
  readonly draws?: number | undefined;
  /** Resamples of the intervals. Default 1,000. */
  readonly resamples?: number | undefined;
  readonly seed?: number | undefined;
}

/** Retrieval by one network, judged by a taxonomy; fractions. */
export interface RetrievalRow extends TaxonomyMeasures {
  readonly name: string;
  readonly role: 'run' | 'untrained' | 'against';
  readonly 'recall@1': number;
  /** Relative delta-hyperbolicity of the embeddings: 0 for a tree, at most 1. */
  readonly delta: number;
}

/** Outcome of {@link scoreTreeOfRun}. */
export interface RunTreeScores extends TreeScores {
  readonly run: string;
  readonly taxonomy: string;
  readonly data: {
    readonly source: string;
    readonly split: string;
    readonly kind: 'image' | 'vector';
    /** How many of them there are. */
    readonly images: number;
    readonly classes: number;
    readonly leaves: LeafKind;
  };
  readonly retrieval: readonly RetrievalRow[];
  readonly resamples: number;
  /** Which tree is shown and judged, and why. */
  readonly choice: TreeChoice;
  readonly notes: readonly string[];
}

/** Scores the hierarchy of a run. Throws as {@link treeOfRun}, DataError for classes that the taxonomy lacks. */
export async function scoreTreeOfRun(
  run: Run,
  {
    source,
    split,
    leaves: kind = 'classes',
    construction: wanted,
    levels,
    taxonomy,
    against = [],
    draws = 20,
    resamples = 1_000,
    seed = 0,
    progress = () => () => undefined,
  }: ScoreRunOptions = {},
): Promise<RunTreeScores> {
  const collection = await run.collection({ source, split, progress });
  const classes = [...new Set(collection.items.map(({ label }) => label))];
  if (classes.includes(null))
    throw new DataError(
      `Some ${collection.vectors ? 'vectors' : 'images'} of ${collection.source} have no class, so there is nothing to score by.`,
    );
  const { terms, name: called } = taxonomyOf(collection, taxonomy, kind);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const how = { progress, onNote, withProxies: wanted === undefined || needsProxies(wanted) };
  const spaces = await pointsOfRun(run, collection, how);
  const { points, proxies } = spaces;
  if (!proxies && how.withProxies && !run.isNetworkAlone)
    notes.push('This run has no hierarchical proxies: its tree is plain linkage.');
  const onProgress = progress('embedding with the untrained network');
  const raw = await run.untrained(collection, { onProgress, onNote });
  const isPretrained = !run.isNetworkAlone && run.recipe.head.initial === 'whitening';
  const centres =
    how.withProxies && !run.isNetworkAlone ? await untrainedCentres(run, { seed, progress, onNote }) : [];
  const others: (ItemSpaces & { readonly name: string })[] = [];
  for (const other of against)
    others.push({ name: other.folder, ...(await pointsOfRun(other, collection, how)) });

  const leaves = leavesOf(points, collection.items, kind);
  const choice = chooseTree({ ...spaces, items: leaves.items, construction: wanted });
  const signed = run.isNetworkAlone
    ? undefined
    : await signaturesOf(run, leaves.points, { progress, onNote });
  const scores = scoreTree({
    ...treeSources(spaces, leaves.items),
    classes: leaves.classes,
    taxonomy: terms,
    source: called,
    construction: choice.construction,
    beside: choice.candidates.map(({ construction }) => construction),
    levels: levels ?? defaultLevels(leaves.names.length),
    centres,
    signatures: signed,
    untrained: raw && leavesOf(raw, collection.items, kind).points,
    isPretrained,
    against: others.map(({ name, ...theirs }) => ({ name, ...treeSources(theirs, leaves.items) })),
    draws,
    resamples,
    seed,
  });
  const judge = judgeOf(collection, terms, called, seed);
  const retrieval = [
    await judge(run.folder, 'run', points),
    ...(raw ? [await judge(isPretrained ? 'what came in' : 'untrained network', 'untrained', raw)] : []),
    ...(await Promise.all(others.map(({ name, points: theirs }) => judge(name, 'against', theirs)))),
  ];
  return {
    ...scores,
    run: run.folder,
    taxonomy: called,
    data: {
      source: collection.source,
      split: collection.split,
      kind: collection.vectors ? 'vector' : 'image',
      images: collection.items.length,
      classes: classes.length,
      leaves: kind,
    },
    retrieval,
    resamples,
    choice,
    notes,
  };
}

/** The taxonomy that was asked for, or the data set's own. Throws UsageError where there is none. */
export function taxonomyOf(
  { dataset, source }: Collection,
  wanted: string | undefined,
  kind: LeafKind,
): { terms: TermTree; name: string } {
  if (wanted !== undefined) return { terms: openTaxonomy(wanted), name: wanted };
  const name = `the taxonomy of ${source}`;
  if (dataset?.taxonomy) return { terms: datasetTerms(dataset.taxonomy, dataset.classes, name), name };
  if (dataset && kind === 'images')
    return { terms: datasetTerms({ levels: [], terms: [] }, dataset.classes, name), name: 'the classes' };
  throw new UsageError(
    `${source} has no taxonomy to score against. Name one, such as --score kinship.csv with the columns parent and child, or score images by class with --leaves images.`,
  );
}

/** Judges retrieval by the taxonomy; queries and recall are those of `hier eval`. */
function judgeOf(collection: Collection, terms: TermTree, called: string, seed: number) {
  const judge = taxonomyJudge(collection, terms, called);
  return async (name: string, role: RetrievalRow['role'], points: Points): Promise<RetrievalRow> => {
    const { dim, metric, curvature } = points;
    const { metrics } = await evaluateRetrieval({
      ...labelledSides(points, collection),
      dim,
      metric,
      curvature,
      recallAt: [1],
    });
    return {
      name,
      role,
      'recall@1': metrics['recall@1'],
      ...(await judge(points)),
      delta: meanRelativeDelta(
        collection.items.length,
        (chosen) => pairDistances({ ...points, ...takeRows(points, chosen) }),
        { seed },
      ),
    };
  };
}
