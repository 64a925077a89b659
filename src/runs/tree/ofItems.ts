/**
 * The tree over items of any origin, whose points are at hand: what stands at its leaves, which of the trees that can be
 * built is shown, how it is cut, and what its nodes are called. Where points come from is not known here.
 */
import { chooseTree } from '../../hierarchy/choice/choose.js';
import {
  type BuiltTree,
  type Construction,
  classLeaves,
  defaultLevels,
  describeTree,
  type Hierarchy,
  type ItemSpaces,
  itemLeaves,
  type LabelLevel,
  type Leaves,
  type Levels,
  type Points,
  type ShownTree,
  shownTree,
  type TreeChoice,
  type TreeSources,
  treeSources,
} from '../../hierarchy/index.js';
import { buildTreeOfMany, MOST_LEAVES } from '../../hierarchy/many.js';

/** What stands at the leaves: one point a class, or every image. */
export type LeafKind = 'classes' | 'images';

/** An item of a tree. */
export interface TreeItem {
  readonly id: string;
  /** Name of its class; null when it is not known. */
  readonly label: string | null;
}

/** How a tree is made. */
export interface TreeShape {
  /** Default classes where all items have one, else images. */
  readonly leaves?: LeafKind | undefined;
  /** Default: the best by what is held out. */
  readonly construction?: Construction | undefined;
  /** Levels between its root and its leaves. Default: about three children a node. */
  readonly levels?: Levels | undefined;
}

/** What is known of items for the names of nodes. */
export interface ItemWords {
  /** Terms of leaves on the levels of a taxonomy, by their classes. */
  readonly termsOf?: ((leaves: Leaves) => LabelLevel[]) | undefined;
  /** Titles and further columns of each item. */
  readonly texts?: readonly (readonly string[])[] | undefined;
  /** What each item is called for people; null for its id. */
  readonly titles?: readonly (string | null)[] | undefined;
}

/** Items to build a tree over. */
export interface ItemsOptions extends TreeShape, ItemWords {
  readonly spaces: ItemSpaces;
  readonly items: readonly TreeItem[];
  /** Whether points are plain vectors, and features the same from their mean. */
  readonly isPlain?: boolean | undefined;
  readonly onNote: (note: string) => void;
}

/** A tree with all that it was made from. */
export interface TreeOfItems {
  readonly kind: LeafKind;
  readonly leaves: Leaves;
  readonly sources: TreeSources;
  /** Which tree is shown, and why. */
  readonly choice: TreeChoice;
  /** The tree before it was brought to the form in which it is shown. */
  readonly built: BuiltTree;
  readonly shown: ShownTree;
  readonly hierarchy: Hierarchy;
}

/** Most items of a class whose texts its name is made of. */
const TEXTS_OF_CLASS = 20;

/** Builds the tree. Throws UsageError for a construction whose sources are missing, DataError for classes that are. */
export async function treeOfItems({
  spaces,
  items,
  leaves: wanted,
  construction: forced,
  levels,
  isPlain,
  termsOf,
  texts,
  titles,
  onNote,
}: ItemsOptions): Promise<TreeOfItems> {
  const kind = wanted ?? kindOf(items);
  const lacking = items.filter(({ label }) => label === null).length;
  if (wanted === undefined && lacking > 0 && lacking < items.length)
    onNote(
      `Not all items have a class (${lacking.toLocaleString('en')} of ${items.length.toLocaleString('en')} have none), so the tree is over items and not over classes.`,
    );
  const leaves = leavesOf(spaces.points, items, kind);
  const sources = treeSources(spaces, leaves.items);
  const choice = chooseTree({ ...spaces, items: leaves.items, construction: forced, isPlain });
  const { construction } = choice;
  if (leaves.names.length > MOST_LEAVES)
    onNote(
      `The tree is over centres of clusters, with ${leaves.names.length.toLocaleString('en')} leaves below them: all pairs of so many do not fit into memory.`,
    );
  const built = await buildTreeOfMany(sources, construction);
  const shown = shownTree(built, { levels: levels ?? defaultLevels(leaves.names.length) });
  const hierarchy = describeTree({
    built: shown,
    leaves,
    proxies: spaces.proxies,
    levels: termsOf?.(leaves) ?? [],
    texts: texts && leaves.items.map((rows) => rows.slice(0, TEXTS_OF_CLASS).map((row) => texts[row])),
    titles:
      kind === 'images' && titles?.some((title) => title !== null)
        ? leaves.names.map((name, leaf) => titles[leaf] ?? name)
        : undefined,
  });
  return { kind, leaves, sources, choice, built, shown, hierarchy };
}

/** Leaves that are classes where all items have one. */
export function kindOf(items: readonly TreeItem[]): LeafKind {
  return items.every(({ label }) => label !== null) ? 'classes' : 'images';
}

/** Leaves over items with points. */
export function leavesOf(points: Points, items: readonly TreeItem[], kind: LeafKind): Leaves {
  const labels = items.map(({ label }) => label);
  return kind === 'classes'
    ? classLeaves(points, labels)
    : itemLeaves(
        points,
        labels,
        items.map(({ id }) => id),
      );
}
