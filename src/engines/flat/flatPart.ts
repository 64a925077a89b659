/**
 * The files of a flat table's rows. A part is what one write has added and one removal has taken away; it is never
 * changed. Which parts count, and which of their rows later parts have replaced, is for others. Little-endian:
 *   bytes 0 to 15   `HIERPART`, the format (uint32), the length of the header (uint32)
 *   header          JSON, padded by spaces to a multiple of 8: rows, ids that are removed, columns of facts (null where
 *                   all values are), bytes of the thumbnails (-1 for none)
 *   vectors         float32 `[rows, dim]`
 *   thumbnails      one after another
 */
import { closeSync, fstatSync, openSync, readSync } from '../../disk/index.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { columnText, columnValues } from '../../store/columns.js';
import { metadataColumn } from '../../store/filter/filter.js';
import type { Manifest } from '../../store/manifest.js';
import type { RowConstants } from '../../store/rowKeys.js';
import { checkRow, checkRowVector, hashIn, hashWithSums } from '../../store/rowSums.js';
import type { Item, ItemFacts } from '../../store/store.js';
import { damagedPart, type FlatHeader, headerSum, parseHeader, type Texts } from './flatHeader.js';

const MAGIC = 'HIERPART';
const VERSION = 1;
const START = 16;

/** Columns of text, beside those of the user. */
const TEXTS = ['id', 'path', 'label', 'node', 'hash'] as const;

/** A part whose facts are in memory. */
export interface FlatPart extends Omit<FlatHeader, 'thumbnails'> {
  readonly path: string;
  /** Size of its file. */
  readonly bytes: number;
  /** `[rows, dim]`, once {@link loadVectors} has read them. */
  vectors: Float32Array | null;
  /** Made with the first search. */
  constants: RowConstants | null;
  /** Where the vectors begin, bytes. */
  readonly vectorsAt: number;
  /** Where each thumbnail begins, and the last ends; null where there are none. */
  readonly thumbnailsAt: Float64Array | null;
  /** Whether a row has a thumbnail, for one may be empty; null where there are none. */
  readonly hasThumbnail: Uint8Array | null;
}

/** Writes a part: items that are added, and ids that are removed before. Returns the checksum of its header. */
export function writeFlatPart(
  path: string,
  { items = [], removed = [] }: { readonly items?: readonly Item[]; readonly removed?: readonly string[] },
  manifest: Manifest,
): string {
  const { metadata, space } = manifest;
  const column = (value: (item: Item) => string | null | undefined): Texts | null => {
    const values = items.map((item) => value(item) ?? null);
    return values.some((one) => one !== null) ? values : null;
  };
  const columns: Record<string, Texts | null> = {};
  for (const name of TEXTS) columns[name] = column((item) => item[name]);
  columns.hash = column((item) => hashWithSums(item, manifest));
  for (const name of metadata)
    columns[metadataColumn(name)] = column((item) => columnText(item.metadata, name));
  const header: FlatHeader = {
    rows: items.length,
    removed,
    columns,
    places: items.some(({ place }) => place) ? items.map(({ place }) => place && rounded(place)) : null,
    thumbnails: items.some(({ thumbnail }) => thumbnail)
      ? items.map(({ thumbnail }) => thumbnail?.length ?? -1)
      : null,
  };
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(START + 8 * Math.ceil(text.length / 8), ' ');
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(VERSION, 8);
  start.writeUInt32LE(start.length - START, 12);
  text.copy(start, START);
  const vectors = new Float32Array(items.length * space.dim);
  items.forEach(({ vector }, i) => {
    vectors.set(vector, i * space.dim);
  });
  const thumbnails = items.flatMap(({ thumbnail }) => (thumbnail?.length ? [thumbnail] : []));
  writeFileAtomic(path, [start, new Uint8Array(vectors.buffer), Buffer.concat(thumbnails)]);
  return headerSum(start.subarray(START));
}

/** Single precision, as every engine keeps places. */
const rounded = ([x, y]: readonly [number, number]) => [Math.fround(x), Math.fround(y)] as const;

/**
 * Reads a part without its vectors and thumbnails; texts that come again and again are kept once, in `known`.
 * @throws DataError when it is damaged; the system's own error with the code ENOENT when it is gone
 */
export function readPart(
  path: string,
  { space }: Manifest,
  { known, sum }: { readonly known: Map<string, string>; readonly sum?: string | undefined },
): FlatPart {
  return reading(path, (file) => {
    const start = readAt(file, 0, START, path);
    if (start.toString('latin1', 0, 8) !== MAGIC || start.readUInt32LE(8) !== VERSION)
      throw damagedPart(path);
    const length = start.readUInt32LE(12);
    if (length > fstatSync(file).size) throw damagedPart(path);
    const text = readAt(file, START, length, path);
    if (sum !== undefined && sum !== headerSum(text)) throw damagedPart(path);
    const header = parseHeader(text, path, space.dim);
    const vectorsAt = START + length;
    const end = vectorsAt + 4 * header.rows * space.dim;
    const { thumbnails, ...facts } = header;
    const thumbnailsAt = thumbnails && startsOf(thumbnails, end);
    const bytes = thumbnailsAt?.at(-1) ?? end;
    if (fstatSync(file).size !== bytes) throw damagedPart(path);
    const once = (text: string | null) => {
      if (text === null) return null;
      const kept = known.get(text);
      if (kept === undefined) known.set(text, text);
      return kept ?? text;
    };
    const columns = Object.fromEntries(
      Object.entries(facts.columns).map(([name, values]) => [
        name,
        values && name !== 'id' && name !== 'path' && name !== 'hash' ? values.map(once) : values,
      ]),
    );
    const hasThumbnail = thumbnails && Uint8Array.from(thumbnails, (bytes) => Number(bytes >= 0));
    const places = { path, bytes, vectorsAt, thumbnailsAt, hasThumbnail };
    return { ...facts, ...places, columns, vectors: null, constants: null };
  });
}

function startsOf(thumbnails: readonly number[], first: number): Float64Array {
  const starts = new Float64Array(thumbnails.length + 1);
  starts[0] = first;
  thumbnails.forEach((bytes, i) => {
    starts[i + 1] = starts[i] + Math.max(0, bytes);
  });
  return starts;
}

/** The vectors of a part, `[rows, dim]`, read from the disk when first asked for. Throws as {@link readPart}. */
export function loadVectors(part: FlatPart, manifest: Manifest): Float32Array {
  const { dim } = manifest.space;
  if (part.vectors) return part.vectors;
  const vectors = new Float32Array(part.rows * dim);
  const bytes = new Uint8Array(vectors.buffer);
  reading(part.path, (file) => fill(file, part.vectorsAt, bytes, part.path));
  const { id, hash } = part.columns;
  for (let at = 0; at < part.rows; at++)
    checkRowVector(id![at]!, vectors.subarray(at * dim, (at + 1) * dim), hash![at]!, manifest);
  part.vectors = vectors;
  return vectors;
}

/** Reads vectors and thumbnails of rows of a part, as many as are asked for. Throws as {@link readPart}. */
export function readItems(part: FlatPart, rows: readonly number[], manifest: Manifest): Item[] {
  const { dim } = manifest.space;
  return reading(part.path, (file) =>
    rows.map((at): Item => {
      const vector = part.vectors
        ? part.vectors.slice(at * dim, (at + 1) * dim)
        : new Float32Array(bytesAt(file, part.vectorsAt + 4 * dim * at, 4 * dim, part.path).buffer);
      const { thumbnailsAt: starts } = part;
      const thumbnail =
        starts && part.hasThumbnail![at] !== 0
          ? bytesAt(file, starts[at], starts[at + 1] - starts[at], part.path)
          : null;
      const item = { ...factsAt(part, at, manifest), vector, thumbnail };
      checkRow(item, part.columns.hash![at]!, manifest);
      return item;
    }),
  );
}

/** The facts of a row. */
export function factsAt({ columns, places }: FlatPart, at: number, manifest: Manifest): ItemFacts {
  const text = (name: string) => columns[name]?.[at] ?? null;
  return {
    id: columns.id![at]!,
    path: text('path'),
    label: text('label'),
    node: text('node'),
    place: places?.[at] ?? null,
    metadata: columnValues(manifest, (name) => text(metadataColumn(name))),
    hash: hashIn(columns.hash![at]!, manifest),
  };
}

function reading<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, 'r');
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

const readAt = (file: number, at: number, length: number, path: string) =>
  Buffer.from(bytesAt(file, at, length, path).buffer);

function bytesAt(file: number, at: number, length: number, path: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  fill(file, at, bytes, path);
  return bytes;
}

function fill(file: number, at: number, bytes: Uint8Array, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30), at + done);
    if (read === 0) throw damagedPart(path);
    done += read;
  }
}
