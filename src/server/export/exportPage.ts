/**
 * A table as a folder that shows it without any server: the explorer's page, the points, the tree, every item's
 * neighbours and the thumbnails. What the page reads is described by the format of an exported collection.
 */

import { dirname, join } from 'node:path';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from '../../disk/index.js';
import { openTable } from '../../engines/open.js';
import { HierError, UsageError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { nearestNeighbours } from '../../retrieval/index.js';
import { treeOf } from '../../store/query.js';
import type { Store } from '../../store/store.js';
import { exportedColumns } from '../items/columns.js';
import { tableItems } from '../items/points.js';
import {
  EXPORT_PROPERTY,
  type ExportedCollection,
  NO_NEIGHBOUR,
  thumbnailPath,
} from '../protocol/exported.js';
import { writePoints } from '../protocol/points.js';
import { tableTitle, treeChoiceOf } from '../titles.js';
import {
  checkSize,
  type LargePictures,
  removePictures,
  type WrittenPictures,
  writePictures,
} from './exportPictures.js';

/** Options of {@link exportPage}. */
export interface ExportPageOptions {
  readonly table: string;
  /** What to call it on the page. Default: by its name and its model. */
  readonly title?: string | undefined;
  /** Folder to write; new, empty, or an earlier export. */
  readonly out: string;
  /** Folder of the built page. */
  readonly page: string;
  /** Neighbours of each item. Default 12. */
  readonly k?: number;
  /** Large pictures beside the thumbnails. Default none. */
  readonly large?: LargePictures | undefined;
  /** Called with what is being done. */
  readonly onProgress?: (what: string) => void;
}

/** What {@link exportPage} wrote. */
export interface ExportedPage {
  readonly items: number;
  readonly thumbnails: number;
  /** Large pictures; absent where none were asked for. */
  readonly pictures?: Pick<WrittenPictures, 'count' | 'bytes' | 'isFull'>;
}

/** Thumbnails read at a time. */
const BATCH = 500;
/** What makes a folder an export of ours. */
const DATA = 'collection.js';

/**
 * Writes the export of a table. Neighbours are exact, and found for all items at once.
 * @throws UsageError for a folder with other files; HierError where an index.html is not as expected; as `openTable`
 */
export async function exportPage({
  table,
  title,
  out,
  page,
  k = 12,
  large,
  onProgress = () => undefined,
}: ExportPageOptions): Promise<ExportedPage> {
  if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, DATA)))
    throw new UsageError(`${out} is not empty and is not an earlier export. Choose a new folder.`);
  if (large) checkSize(large); // before anything is written
  const store = await openTable(table);
  try {
    const { points, columns } = await tableItems(store);
    const { ids } = points;
    onProgress(`${ids.length} items: finding neighbours`);
    const near = await neighboursOf(store, ids, k);
    writeFileAtomic(join(out, DATA), ''); // so that an export that is killed can be made again in its folder
    onProgress('writing thumbnails');
    const thumbnails = await writeThumbnails(store, ids, out);
    removePictures(out);
    if (large) onProgress('writing large pictures');
    const written = large && (await writePictures(store, table, ids, out, large));
    const tree = await treeOf(store);
    const exported: ExportedCollection = {
      name: title ?? tableTitle(table, store.manifest),
      metric: store.manifest.space.metric,
      points: base64(writePoints(points)),
      tree: tree && [...tree.values()],
      treeChoice: tree && (await treeChoiceOf(store)),
      columns: exportedColumns(columns, points),
      ...near,
      thumbnails,
      ...(written ? { pictures: written.has } : {}),
    };
    cpSync(page, out, { recursive: true });
    writeFileAtomic(join(out, DATA), `globalThis.${EXPORT_PROPERTY} = ${JSON.stringify(exported)};\n`);
    const html = readFileSync(join(page, 'index.html'), 'utf8');
    const script = '<script defer src="main.js"></script>';
    if (!html.includes(script))
      throw new HierError(`${page} is not the page of the explorer. Build it again.`);
    writeFileAtomic(
      join(out, 'index.html'),
      html.replace(script, `<script defer src="${DATA}"></script>${script}`),
    );
    const counts = { items: ids.length, thumbnails: thumbnails.replaceAll('0', '').length };
    if (!written) return counts;
    const { count, bytes, isFull } = written;
    return { ...counts, pictures: { count, bytes, isFull } };
  } finally {
    await store.close();
  }
}

async function neighboursOf(store: Store, ids: readonly string[], most: number) {
  const { dim, metric, curvature } = store.manifest.space;
  const rows = new Map(ids.map((id, i) => [id, i]));
  const vectors = new Float32Array(ids.length * dim);
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, vector } of batch) {
      const row = rows.get(id);
      if (row !== undefined) vectors.set(vector, row * dim);
    }
  const k = Math.min(most, ids.length - 1);
  const neighbours = new Uint32Array(ids.length * Math.max(k, 1)).fill(NO_NEIGHBOUR);
  const distances = new Float32Array(neighbours.length);
  if (k > 0) {
    const found = await nearestNeighbours({ queries: vectors, dim, metric, curvature, k });
    neighbours.set(found.indices);
    distances.set(found.distances);
  }
  return { k: Math.max(k, 1), neighbours: base64(neighbours), distances: base64(distances) };
}

/** Writes thumbnails by number, a thousand a folder, in place of those of an earlier export. Returns `1` or `0` for each item: whether it has one. */
async function writeThumbnails(store: Store, ids: readonly string[], out: string): Promise<string> {
  rmSync(join(out, 'thumbnails'), { recursive: true, force: true });
  const has: string[] = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    const part = ids.slice(start, start + BATCH);
    const items = new Map((await store.get(part)).map(({ id, thumbnail }) => [id, thumbnail]));
    for (const [i, id] of part.entries()) {
      const picture = items.get(id);
      has.push(picture ? '1' : '0');
      if (!picture) continue;
      const path = join(out, thumbnailPath(start + i));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, picture);
    }
  }
  return has.join('');
}

const base64 = ({ buffer }: Uint8Array | Uint32Array | Float32Array) =>
  Buffer.from(buffer).toString('base64');
