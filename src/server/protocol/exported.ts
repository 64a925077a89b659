/**
 * The format of an exported collection: what the script beside an exported page sets, and where the page finds
 * thumbnails. The only description of it, for the writer and for the page; it runs in Node and in a browser.
 */
import type { ColumnAnswer, TreeAnswer } from './schemas.js';

/** What the script sets; binary parts in base64. */
export interface ExportedCollection {
  readonly name: string;
  readonly metric: string;
  /** The points, in their format. */
  readonly points: string;
  /** The nodes of the tree; null where the table has none. */
  readonly tree: TreeAnswer['nodes'] | null;
  /** Why it is this tree, in a sentence; null where that is not known, absent in exports of earlier versions. */
  readonly treeChoice?: string | null;
  /** The user's columns; absent in exports of earlier versions, and in large ones. */
  readonly columns?: readonly ColumnAnswer[];
  /** Neighbours of each item. */
  readonly k: number;
  /** Indices of the neighbours, nearest first, uint32 `[N, k]`; {@link NO_NEIGHBOUR} where there are fewer. */
  readonly neighbours: string;
  /** Their distances, float32 `[N, k]`. */
  readonly distances: string;
  /** Whether each item has a thumbnail: `1` or `0` for each. */
  readonly thumbnails: string;
  /** Whether each item has a large picture: `1` or `0` for each; absent in exports without, and of earlier versions. */
  readonly pictures?: string;
}

/** The property of `globalThis` that the script sets. */
export const EXPORT_PROPERTY = 'hierExport';

/** Stands for no neighbour. */
export const NO_NEIGHBOUR = 0xffffffff;

/** Where the large picture of an item lies, by its index: a thousand to a folder. */
export const largePicturePath = (item: number) => `pictures/${Math.floor(item / 1000)}/${item}.webp`;

/** Where the thumbnail of an item lies, by its index: a thousand to a folder. */
export const thumbnailPath = (item: number) => `thumbnails/${Math.floor(item / 1000)}/${item}.webp`;
