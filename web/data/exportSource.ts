/**
 * A collection in the page's own folder, written by `hier explore --export`: a script that sets values, since a page
 * opened from a file may load scripts and pictures, but not fetch.
 */
import {
  EXPORT_PROPERTY,
  type ExportedCollection,
  largePicturePath,
  NO_NEIGHBOUR,
  thumbnailPath,
} from '../../src/server/protocol/exported.js';
import type { Source } from './collection.js';
import { columnFrom, textOf } from './columns.js';
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
  const columns = (exported.columns ?? []).map(columnFrom);
  return {
    async open() {
      const { name, treeChoice = null } = exported;
      const points = pointsFrom(decode(exported.points));
      const hasThumbnails = exported.thumbnails.includes('1');
      const about = {
        name,
        hasThumbnails,
        hasPictures: exported.pictures?.includes('1') ?? false,
        columns: columns.map((column) => column.name),
        treeChoice,
        searchesImages: false,
        problems: [],
      };
      return { about, points, tree: buildTree(exported.tree, points) };
    },
    async neighbours(item, k, among) {
      const from = item * exported.k;
      return Array.from({ length: exported.k }, (_, j) => ({
        item: neighbours[from + j],
        distance: distances[from + j],
      }))
        .filter((one) => one.item !== NO_NEIGHBOUR && (among === null || among[one.item] === 1))
        .slice(0, k);
    },
    searchImage: null,
    searchText: null,
    thumbnail: (item) => (exported.thumbnails[item] === '1' ? thumbnailPath(item) : null),
    picture: (item) => (exported.pictures?.[item] === '1' ? largePicturePath(item) : null),
    facts: async (item) => Object.fromEntries(columns.map((column) => [column.name, textOf(column, item)])),
    async column(name) {
      const found = columns.find((column) => column.name === name);
      if (!found) throw new Error(`This export does not hold the column ${name}.`);
      return found;
    },
  };
}

function decode(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}
