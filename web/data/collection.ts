/**
 * A collection as the page holds it, and the source that it comes from: a service, files, or a test. The page never
 * asks anything else for data.
 */
import type { Column, Facts } from './columns.js';
import type { Points } from './points.js';
import type { Tree } from './tree.js';

/** What the page says about a collection. */
export interface About {
  readonly name: string;
  /** Whether there are thumbnails. */
  readonly hasThumbnails: boolean;
  /** Whether there are large pictures. */
  readonly hasPictures: boolean;
  /** Names of the columns that items have. */
  readonly columns: readonly string[];
  /** Why the collection has its tree, in a sentence; null where that is not known. */
  readonly treeChoice: string | null;
  /** Whether it can be searched by image. */
  readonly searchesImages: boolean;
  /** What of it is damaged and left out, in sentences. */
  readonly problems: readonly string[];
  /** Whether its server has another table beside it; default not. */
  readonly hasBeside?: boolean;
}

/** A collection: what it is called and can do, its items and its tree. */
export interface Collection {
  readonly about: About;
  readonly points: Points;
  readonly tree: Tree;
}

/** An item that is near, by its index in the collection. */
export interface Neighbour {
  readonly item: number;
  readonly distance: number;
  /** From 0 to 1, where the service says it. */
  readonly similarity?: number | undefined;
}

/** What is known of why an item was found by words. */
export interface TextMatch {
  /** By column, and by `id` and `label`, which of the words looked for it has. */
  readonly matched: Readonly<Record<string, readonly string[]>>;
  readonly facts: Facts;
}

/** Items that were found by words. */
export interface FoundByText {
  /** By index, the best first. */
  readonly items: readonly number[];
  /** Whether there are more than these. */
  readonly isMore: boolean;
  /** Why the best of them were found, by index. */
  readonly matches: ReadonlyMap<number, TextMatch>;
  /** Why there are none, as a sentence; null where there are some, or it is not known. */
  readonly nothing: string | null;
}

/** A source of a collection. `open()` comes first. */
export interface Source {
  /** Loads the collection. Rejects with an Error whose message can be shown. */
  open(): Promise<Collection>;
  /** The items nearest to one, nearest first; where `among` is given, of the items for which it is 1. */
  neighbours(item: number, k: number, among: Uint8Array | null): Promise<readonly Neighbour[]>;
  /** The items nearest to an image; null where this source cannot search by image. */
  readonly searchImage:
    | ((image: Blob, k: number, among: Uint8Array | null) => Promise<readonly Neighbour[]>)
    | null;
  /**
   * The items that have all words of a text in any column; null where this source cannot look into all columns. Rejects where a
   * text has no words, and when the signal says that nobody waits any longer.
   */
  readonly searchText: ((text: string, signal: AbortSignal) => Promise<FoundByText>) | null;
  /** Address of an item's thumbnail; null when it has none. */
  thumbnail(item: number): string | null;
  /** Address of an item's large picture with a longer side of about `size` px; null when there is none. */
  picture(item: number, size: number): string | null;
  /** What is known of an item, by column. */
  facts(item: number): Promise<Facts>;
  /** A column of all items. Rejects where it cannot be had whole. */
  column(name: string): Promise<Column>;
}
