/** A collection as the page holds it: what it is called and can do, its items and its tree. */
import type { Points } from './points.js';
import type { Tree } from './tree.js';

/** What the page says about a collection. */
export interface About {
  readonly name: string;
  /** Whether there are thumbnails. */
  readonly hasThumbnails: boolean;
  /** Whether it can be searched by image. */
  readonly searchesImages: boolean;
}

/** A collection. */
export interface Collection {
  readonly about: About;
  readonly points: Points;
  readonly tree: Tree;
}
