/**
 * A collection in the page's own folder, written by `hier explore --export`: scripts that set values, since a page
 * opened from a file may load scripts and pictures, but not fetch.
 */
import { readPoints } from './collection.js';
import type { Source } from './source.js';
import { buildTree, type GivenNode } from './tree.js';

/** What the exported script sets; binary parts in base64. */
export interface Exported {
  readonly name: string;
  readonly metric: string;
  /** As the service gives them. */
  readonly points: string;
  readonly tree: readonly GivenNode[] | null;
  /** Neighbours of each item. */
  readonly k: number;
  /** Numbers of the neighbours, uint32 `[N, k]`, {@link MISSING} where there are fewer. */
  readonly neighbours: string;
  /** Their distances, float32 `[N, k]`. */
  readonly distances: string;
  /** Whether each item has a thumbnail: `0` or `1` for each. */
  readonly thumbnails: string;
}

/** Stands for no neighbour. */
export const MISSING = 0xffffffff;

/** Where the thumbnail of an item lies in an export. */
export const thumbnailPath = (item: number) => `thumbnails/${Math.floor(item / 1000)}/${item}.webp`;

/** The source of an export. */
export function exportSource(given: Exported): Source {
  const neighbours = new Uint32Array(decode(given.neighbours));
  const distances = new Float32Array(decode(given.distances));
  return {
    async open() {
      const { name, metric } = given;
      const points = readPoints(decode(given.points));
      const hasThumbnails = given.thumbnails.includes('1');
      const about = { name, metric, hasThumbnails, searchesImages: false };
      return { about, points, tree: buildTree(given.tree, points) };
    },
    async neighbours(item, k) {
      const from = item * given.k;
      return Array.from({ length: Math.min(k, given.k) }, (_, j) => ({
        item: neighbours[from + j],
        distance: distances[from + j],
      })).filter((one) => one.item !== MISSING);
    },
    searchImage: null,
    thumbnail: (item) => (given.thumbnails[item] === '1' ? thumbnailPath(item) : null),
  };
}

function decode(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}
