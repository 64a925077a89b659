/**
 * Where a collection comes from, as the page sees it: a service, files, or a test. The page never asks anything
 * else for data.
 */
import type { Collection } from './collection.js';

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
