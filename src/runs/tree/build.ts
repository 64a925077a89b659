/**
 * The hierarchy of a run: embeddings of a collection and the run's hierarchical proxies, built into a tree. Placing new
 * images in it and holding it against a taxonomy are not done here.
 */
import {
  type BuiltTree,
  type Hierarchy,
  type HierarchyDocument,
  type ItemSpaces,
  type LabelLevel,
  type Leaves,
  needsProxies,
  type ShownTree,
  type TreeChoice,
} from '../../hierarchy/index.js';
import { hierStart } from '../../recipe/arrays.js';
import type { Collection, CollectionItem, Split } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { featuresOfTree, fromTheMean } from './features.js';
import { type ItemWords, type LeafKind, type TreeShape, treeOfItems } from './ofItems.js';
import { embedReadable, leftOutNote } from './readable.js';

export { type LeafKind, leavesOf } from './ofItems.js';

/** Options of {@link treeOfRun}. */
export interface TreeRunOptions extends TreeShape {
  /** Other data than the run's own. */
  readonly source?: string | undefined;
  /** Default as for the run's collection. */
  readonly split?: Split | undefined;
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
  /** Which tree is shown of those that could be, and why. */
  readonly choice: TreeChoice;
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

/**
 * Builds the hierarchy of a run. Of images that are not its own, those that cannot be read are left out, which is told. Throws as
 * embedding and `buildTree` do.
 */
export async function treeOfRun(run: Run, { source, split, ...how }: TreeRunOptions = {}): Promise<RunTree> {
  const collection = await run.collection({ source, split, progress: how.progress });
  if (source === undefined || collection.vectors) return treeOfCollection(run, collection, how);
  const notes: string[] = [];
  const readable = await embedReadable(run, collection, {
    progress: how.progress,
    onNote: (note) => notes.push(note),
  });
  const note = leftOutNote(readable.skipped, source);
  if (note !== undefined) notes.push(note);
  const tree = await treeOfCollection(readable.run, readable.collection, how);
  return { ...tree, notes: [...notes, ...tree.notes] };
}

/** Builds the hierarchy of a run over a collection, with names of what is known of its items. Throws as embedding and `buildTree` do. */
export async function treeOfCollection(
  run: Run,
  collection: Collection,
  {
    progress = () => () => undefined,
    ...shape
  }: TreeShape & { readonly progress?: ProgressReporter | undefined },
  words: ItemWords = {},
): Promise<RunTree> {
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const { construction } = shape;
  const spaces = await pointsOfRun(run, collection, {
    progress,
    onNote,
    withProxies: construction === undefined || needsProxies(construction),
  });
  const { kind, leaves, choice, built, shown, hierarchy } = await treeOfItems({
    ...shape,
    spaces,
    items: collection.items,
    ...words,
    termsOf: (made) => {
      const given = words.termsOf?.(made) ?? [];
      return given.length > 0 ? given : labelLevels(made, collection);
    },
    isPlain: areAsTheyCame(run, collection),
    onNote,
  });
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
    choice,
    built,
    shown,
    proxies: spaces.proxies,
    notes,
    attribution: collection.dataset?.attribution ?? [],
  };
}

/** The tree with the ids of its items and how it was chosen: what `hier tree --export json` writes and a table takes. */
export function treeDocument({
  hierarchy,
  items,
  choice,
}: Pick<RunTree, 'hierarchy' | 'choice'> & {
  readonly items: readonly { readonly id: string }[];
}): HierarchyDocument {
  return { ...hierarchy, items: items.map(({ id }) => id), choice };
}

/** Options of {@link pointsOfRun}. */
export interface PointsOptions {
  readonly progress: ProgressReporter;
  readonly onNote: (note: string) => void;
  /** Default true; without, a run's checkpoint is not needed. */
  readonly withProxies?: boolean;
  /** Default true; without, what came in is not embedded. */
  readonly withFeatures?: boolean;
}

/**
 * What a run knows of a collection: its embeddings, the run's proxies in the same space, and the features as they came, where
 * the data are vectors or its head started from those of a pretrained network, in the space in which trees of them are built.
 * A note where proxies never learned.
 */
export async function pointsOfRun(
  run: Run,
  collection: Collection,
  { progress, onNote, withProxies = true, withFeatures = true }: PointsOptions,
): Promise<ItemSpaces> {
  const onProgress = progress(`embedding with ${run.folder}`);
  const { skipped: _, ...points } = await run.embeddings(collection, { onProgress, onNote });
  const proxies = withProxies ? run.proxies() : undefined;
  if (proxies && !haveLearned(run)) onNote(tooEarly(run));
  if (!withFeatures) return { points, proxies, features: undefined };
  if (areAsTheyCame(run, collection))
    return { points, proxies, features: fromTheMean(points, collection.items) };
  return { points, proxies, features: await featuresOfTree(run, collection, { progress, onNote }) };
}

/** Whether the embeddings are the features as they came: those of a network that was not trained here. */
export const areAsTheyCame = (run: Run, { vectors }: Collection): boolean =>
  run.isNetworkAlone && vectors === undefined;

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

/** Whether a run's proxies have learned with its network, or after it for the one that was kept. */
function haveLearned(run: Run): boolean {
  if (run.info.trained.epoch > hierStart(run.recipe)) return true;
  const { step, optimizer } = run.checkpoint();
  return optimizer.step > step;
}

/** In runs of earlier versions the best network on validation classes may be one from before HIER began. */
function tooEarly({ folder, info, recipe }: Run): string {
  return (
    `The network of ${folder} is that of epoch ${info.trained.epoch}, the best on the validation classes, and HIER begins after ` +
    `epoch ${hierStart(recipe)}: its proxies have learned nothing. Train without validation (data.validation=0), which keeps the ` +
    'last epoch, or let HIER begin earlier (losses.hier.start).'
  );
}
