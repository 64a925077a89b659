/**
 * A collection as the page holds it, and the source that it comes from: a service, files, or a test. The page never
 * asks anything else for data.
 */
import type { Points } from './points.js';
import type { Tree } from './tree.js';

/** What the page says about a collection. */
export interface About {
  readonly name: string;
  /** Whether there are thumbnails. */
  readonly hasThumbnails: boolean;
  /** Whether it can be searched by image. */
  readonly searchesImages: boolean;
  /** What of it is damaged and left out, in sentences. */
  readonly problems: readonly string[];
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
}

/** A source of a collection. `open()` comes first. */
export interface Source {
  /** Loads the collection. Rejects with an Error whose message can be shown. */
  open(): Promise<Collection>;
  /** The items nearest to one, nearest first. */
  neighbours(item: number, k: number): Promise<readonly Neighbour[]>;
  /** The items nearest to an image; null where this source cannot search by image. */
  readonly searchImage: ((image: Blob, k: number) => Promise<readonly Neighbour[]>) | null;
  /** Address of an item's thumbnail; null when it has none. */
  thumbnail(item: number): string | null;
}
