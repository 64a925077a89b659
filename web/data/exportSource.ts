/**
 * A collection in the page's own folder, written by `hier explore --export`: a script that sets values, since a page
 * opened from a file may load scripts and pictures, but not fetch.
 */
import {
  EXPORT_PROPERTY,
  type ExportedCollection,
  NO_NEIGHBOUR,
  thumbnailPath,
} from '../../src/server/protocol/exported.js';
import type { Source } from './collection.js';
import { pointsFrom } from './points.js';
import { buildTree } from './tree.js';

/** What the script of an export has set; undefined on a page of a server. */
export function exportedCollection(): ExportedCollection | undefined {
  return (globalThis as { [EXPORT_PROPERTY]?: ExportedCollection })[EXPORT_PROPERTY];
}

/** The source of an export. */
export function exportSource(exported: ExportedCollection): Source {
  const neighbours = new Uint32Array(decode(exported.neighbours));
  const distances = new Float32Array(decode(exported.distances));
  return {
    async open() {
      const { name } = exported;
      const points = pointsFrom(decode(exported.points));
      const hasThumbnails = exported.thumbnails.includes('1');
      const about = { name, hasThumbnails, searchesImages: false, problems: [] };
      return { about, points, tree: buildTree(exported.tree, points) };
    },
    async neighbours(item, k) {
      const from = item * exported.k;
      return Array.from({ length: Math.min(k, exported.k) }, (_, j) => ({
        item: neighbours[from + j],
        distance: distances[from + j],
      })).filter((one) => one.item !== NO_NEIGHBOUR);
    },
    searchImage: null,
    thumbnail: (item) => (exported.thumbnails[item] === '1' ? thumbnailPath(item) : null),
  };
}

function decode(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}
