/**
 * A tree over items of any origin held against a taxonomy, and retrieval judged by the same: of runs beside their controls, of
 * plain vectors beside the other trees that can be built. Where points come from is not known here.
 */
import { DataError } from '../../errors.js';
import { chooseTree } from '../../hierarchy/choice/choose.js';
import {
  type Construction,
  defaultLevels,
  type ItemSpaces,
  type Levels,
  meanRelativeDelta,
  type Points,
  pairDistances,
  scoreTree,
  type TermTree,
  type TreeChoice,
  type TreeScores,
  treeSources,
} from '../../hierarchy/index.js';
import type { UnreadPicture } from '../../model/embedPictures.js';
import { evaluateRetrieval } from '../../retrieval/index.js';
import { takeRows } from '../../rows.js';
import type { Collection } from '../collection.js';
import { type TaxonomyMeasures, taxonomyJudge } from '../evaluation/byTaxonomy.js';
import { labelledSides } from '../sides.js';
import { type LeafKind, leavesOf } from './ofItems.js';

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
  /** Pictures that could not be read and were left out; only where there were other images than the run's own. */
  readonly skipped?: readonly UnreadPicture[];
}

/** What is scored. */
export interface ScoreSpacesOptions {
  /** What the run, the file or the table is called. */
  readonly name: string;
  /** The items; all of them have a class. */
  readonly collection: Collection;
  readonly spaces: ItemSpaces;
  readonly taxonomy: { readonly terms: TermTree; readonly name: string };
  readonly leaves: LeafKind;
  /** Default: the best by what is held out. */
  readonly construction?: Construction | undefined;
  readonly levels?: Levels | undefined;
  /** Whether the items are plain vectors, so that words speak of these. Default false. */
  readonly isPlain?: boolean;
  /** The items by the network before training, or as they came in. */
  readonly raw?: { readonly points: Points; readonly isPretrained: boolean } | undefined;
  /** Sets of centres of clusters that were not trained, `[P, d]`. */
  readonly centres?: readonly Float32Array[];
  /** The leaves by their signatures over the training classes. */
  readonly signatures?: Points | undefined;
  /** The same items by other runs. */
  readonly others?: readonly (ItemSpaces & { readonly name: string })[];
  readonly draws: number;
  readonly resamples: number;
  readonly seed: number;
  readonly notes: readonly string[];
}

/** Throws DataError where items have no class. */
export function requireClasses({ items, vectors, source }: Collection): void {
  if (items.some(({ label }) => label === null))
    throw new DataError(
      `Some ${vectors ? 'vectors' : 'images'} of ${source} have no class, so there is nothing to score by.`,
    );
}

/** Scores a tree. Throws DataError for classes that the taxonomy lacks. */
export async function scoreTreeOfSpaces(options: ScoreSpacesOptions): Promise<RunTreeScores> {
  const { name, collection, spaces, taxonomy, leaves: kind, construction: wanted, levels } = options;
  const {
    isPlain = false,
    raw,
    centres = [],
    signatures,
    others = [],
    draws,
    resamples,
    seed,
    notes,
  } = options;
  const { items, source, split, vectors } = collection;
  const leaves = leavesOf(spaces.points, items, kind);
  const choice = chooseTree({ ...spaces, items: leaves.items, construction: wanted, isPlain });
  const scores = scoreTree({
    ...treeSources(spaces, leaves.items),
    classes: leaves.classes,
    taxonomy: taxonomy.terms,
    source: taxonomy.name,
    construction: choice.construction,
    isPlain,
    beside: choice.candidates.map(({ construction }) => construction),
    levels: levels ?? defaultLevels(leaves.names.length),
    centres,
    signatures,
    untrained: raw && leavesOf(raw.points, items, kind).points,
    isPretrained: raw?.isPretrained,
    against: others.map(({ name: other, ...theirs }) => ({
      name: other,
      ...treeSources(theirs, leaves.items),
    })),
    draws,
    resamples,
    seed,
  });
  const judge = judgeOf(collection, taxonomy.terms, taxonomy.name, seed);
  const retrieval = [
    await judge(name, 'run', spaces.points),
    ...(raw
      ? [await judge(raw.isPretrained ? 'what came in' : 'untrained network', 'untrained', raw.points)]
      : []),
    ...(await Promise.all(others.map(({ name: other, points }) => judge(other, 'against', points)))),
  ];
  return {
    ...scores,
    run: name,
    taxonomy: taxonomy.name,
    data: {
      source,
      split,
      kind: vectors ? 'vector' : 'image',
      images: items.length,
      classes: new Set(items.map(({ label }) => label)).size,
      leaves: kind,
    },
    retrieval,
    resamples,
    choice,
    notes,
  };
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
