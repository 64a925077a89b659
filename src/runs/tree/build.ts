/**
 * The hierarchy of a run: embeddings of a collection and the run's hierarchical proxies, built into a tree. Placing new
 * images in it and holding it against a taxonomy are not done here.
 */
import {
  type BuiltTree,
  buildTree,
  type Construction,
  classLeaves,
  describeTree,
  type Hierarchy,
  itemLeaves,
  type LabelLevel,
  type Leaves,
  type Points,
  type ShownTree,
  shownTree,
} from '../../hierarchy/index.js';
import { hierStart } from '../../recipe/arrays.js';
import type { Collection, CollectionItem, Split } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';

/** What stands at the leaves: one point a class, or every image. */
export type LeafKind = 'classes' | 'images';

/** Options of {@link treeOfRun}. */
export interface TreeRunOptions {
  /** Other data than the run's own. */
  readonly source?: string | undefined;
  /** Default as for the run's collection. */
  readonly split?: Split | undefined;
  /** Default classes where all images have one, else images. */
  readonly leaves?: LeafKind | undefined;
  /** Default `lca` where the run has hierarchical proxies, else `linkage`. */
  readonly construction?: Construction | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** The hierarchy of a run with all it was made from. */
export interface RunTree {
  readonly run: string;
  readonly data: {
    readonly source: string;
    readonly split: Split;
    readonly images: number;
    readonly leaves: LeafKind;
  };
  readonly hierarchy: Hierarchy;
  readonly items: readonly CollectionItem[];
  /** What the items are, where they are no images. */
  readonly vectors: Collection['vectors'];
  readonly leaves: Leaves;
  /** The tree before it was brought to the form in which it is shown. */
  readonly built: BuiltTree;
  readonly shown: ShownTree;
  /** Proxies of the run as points, `[P, d]`. */
  readonly proxies: Float32Array | undefined;
  /** What a reader should know. */
  readonly notes: readonly string[];
  /** Names and licences of the authors of the images. */
  readonly attribution: readonly string[];
}

/** Builds the hierarchy of a run. Throws as embedding and `buildTree` do. */
export async function treeOfRun(run: Run, { source, split, ...how }: TreeRunOptions = {}): Promise<RunTree> {
  return treeOfCollection(run, await run.collection({ source, split, progress: how.progress }), how);
}

/** Builds the hierarchy of a run over a collection. Throws as embedding and `buildTree` do. */
export async function treeOfCollection(
  run: Run,
  collection: Collection,
  {
    leaves: wanted,
    construction,
    progress = () => () => undefined,
  }: Pick<TreeRunOptions, 'leaves' | 'construction' | 'progress'>,
): Promise<RunTree> {
  const notes: string[] = [];
  const { points, proxies } = await pointsOfRun(run, collection, {
    progress,
    onNote: (note) => notes.push(note),
    withProxies: construction !== 'linkage',
  });
  if (!proxies && construction !== 'linkage' && !run.isNetworkAlone)
    notes.push('This run has no hierarchical proxies: its tree is plain linkage of the embeddings.');
  const kind = wanted ?? (collection.items.every(({ label }) => label !== null) ? 'classes' : 'images');
  const leaves = leavesOf(points, collection, kind);
  const built = buildTree({
    points: leaves.points,
    proxies,
    construction: construction ?? (proxies ? 'lca' : 'linkage'),
  });
  const shown = shownTree(built);
  const hierarchy = describeTree({ built: shown, leaves, proxies, levels: labelLevels(leaves, collection) });
  return {
    run: run.folder,
    data: {
      source: collection.source,
      split: collection.split,
      images: collection.items.length,
      leaves: kind,
    },
    hierarchy,
    items: collection.items,
    vectors: collection.vectors,
    leaves,
    built,
    shown,
    proxies,
    notes,
    attribution: collection.dataset?.attribution ?? [],
  };
}

/** The tree with the ids of its items: what `hier tree --export json` writes and a table takes. */
export function treeDocument({ hierarchy, items }: RunTree): Hierarchy & { readonly items: string[] } {
  return { ...hierarchy, items: items.map(({ id }) => id) };
}

/** Leaves over embedded items. */
export function leavesOf(points: Points, { items }: Collection, kind: LeafKind): Leaves {
  const labels = items.map(({ label }) => label);
  return kind === 'classes'
    ? classLeaves(points, labels)
    : itemLeaves(
        points,
        labels,
        items.map(({ id }) => id),
      );
}

/** Options of {@link pointsOfRun}. */
export interface PointsOptions {
  readonly progress: ProgressReporter;
  readonly onNote: (note: string) => void;
  /** Default true; without, a run's checkpoint is not needed. */
  readonly withProxies?: boolean;
}

/** Embeddings of a collection by a run, and the run's proxies in the same space; a note where those never learned. */
export async function pointsOfRun(
  run: Run,
  collection: Collection,
  { progress, onNote, withProxies = true }: PointsOptions,
): Promise<{ points: Points; proxies: Float32Array | undefined }> {
  const onProgress = progress(`embedding with ${run.folder}`);
  const { skipped: _, ...points } = await run.embeddings(collection, { onProgress, onNote });
  const proxies = withProxies ? run.proxies() : undefined;
  if (proxies && run.info.trained.epoch <= hierStart(run.recipe)) onNote(tooEarly(run));
  return { points, proxies };
}

/** Terms of the leaves on the levels of the data set's taxonomy. */
function labelLevels({ classes }: Leaves, { dataset }: Collection): LabelLevel[] {
  const taxonomy = dataset?.taxonomy;
  if (!taxonomy) return [];
  const number = new Map(dataset.classes.map((name, label) => [name, label]));
  return taxonomy.levels.map((name, level) => ({
    name,
    terms: classes.map((label) => (label === null ? '?' : taxonomy.terms[level][number.get(label)!])),
  }));
}

/** The best network on validation classes may be one from before HIER began. */
function tooEarly({ folder, info, recipe }: Run): string {
  return (
    `The network of ${folder} is that of epoch ${info.trained.epoch}, the best on the validation classes, and HIER begins after ` +
    `epoch ${hierStart(recipe)}: its proxies have learned nothing. Train without validation (data.validation=0), which keeps the ` +
    'last epoch, or let HIER begin earlier (losses.hier.start).'
  );
}
