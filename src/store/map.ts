/**
 * The map of a table: the place of every item in the unit disk, and where it stood at earlier epochs of training when
 * the run kept them. A map is made of all items together, hence a file of the table and no column: one item more moves
 * the others. How places are found is not decided here.
 */
import { z } from 'zod';
import { DataError } from '../errors.js';
import { DamagedFile } from './keptFiles.js';
import type { Store } from './store.js';
import { keepText, readText } from './textFiles.js';

/** A map. */
export interface TableMap {
  /** Stands for the items that it was made of. */
  readonly key: string;
  readonly ids: readonly string[];
  /** `[N, 2]`, in the unit disk. */
  readonly places: Float32Array;
  /** Earlier states, in ascending order of epochs. */
  readonly epochs: readonly MapEpoch[];
}

/** The places of some of the items after an epoch of training. */
export interface MapEpoch {
  /** Whole epochs done. */
  readonly epoch: number;
  /** `[N, 2]`, in the unit disk; NaN for items that are not known at this epoch. */
  readonly places: Float32Array;
}

const MAP_FILE = 'map';
/** Small file with the key of the map: what tells a new map from the one before without reading it. */
const KEY_FILE = 'map-key';
const MAGIC = 'HIERMAP1';

/** Keeps a map with a table, in place of an earlier one. */
export async function keepMap(store: Pick<Store, 'setFile'>, map: TableMap): Promise<void> {
  await store.setFile(MAP_FILE, mapBytes(map));
  await keepText(store, KEY_FILE, map.key); // last: with it there is a map
}

/** Key of the map of a table; null when it has none. */
export async function mapKey(store: Pick<Store, 'file'>): Promise<string | null> {
  try {
    return await readText(store, KEY_FILE);
  } catch (error) {
    if (error instanceof DamagedFile) return null; // reading the map says so
    throw error;
  }
}

/** The map of a table; null when it has none. Throws DataError when it is damaged. */
export async function mapOf(store: Pick<Store, 'file'>): Promise<TableMap | null> {
  const bytes = (await readText(store, KEY_FILE)) === null ? null : await store.file(MAP_FILE);
  return bytes && parseMap(bytes);
}

/**
 * A map as bytes: `HIERMAP1`, a uint32 (little-endian) with the length of the header, the header as JSON padded to a
 * multiple of 4 (`key`, `ids`, `epochs`), then the places of all states as float32, the final one first.
 */
export function mapBytes({ key, ids, places, epochs }: TableMap): Uint8Array {
  const header = Buffer.from(JSON.stringify({ key, ids, epochs: epochs.map(({ epoch }) => epoch) }));
  const start = Buffer.alloc(12 + 4 * Math.ceil(header.length / 4), ' ');
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(start.length - 12, 8);
  header.copy(start, 12);
  const states = [places, ...epochs.map((state) => state.places)];
  return Buffer.concat([
    start,
    ...states.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

/** A map from its bytes. Throws DataError when they are none, or cut short. */
export function parseMap(bytes: Uint8Array): TableMap {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isOurs = bytes.length >= 12 && Buffer.from(bytes.subarray(0, 8)).toString('latin1') === MAGIC;
  const start = isOurs ? 12 + view.getUint32(8, true) : 0;
  if (!isOurs || start > bytes.length) throw damaged();
  const { key, ids, epochs } = headerOf(bytes.subarray(12, start));
  const size = 8 * ids.length;
  if (bytes.length !== start + size * (1 + epochs.length)) throw damaged();
  const state = (i: number) =>
    new Float32Array(Uint8Array.from(bytes.subarray(start + i * size, start + (i + 1) * size)).buffer);
  return {
    key,
    ids,
    places: state(0),
    epochs: epochs.map((epoch, i) => ({ epoch, places: state(i + 1) })),
  };
}

const headerSchema = z.object({ key: z.string(), ids: z.array(z.string()), epochs: z.array(z.number()) });

function headerOf(bytes: Uint8Array): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw damaged(cause);
  }
}

/**
 * The map of a table, or why it cannot be used, for those who can do without one, such as a server. A map that is damaged
 * takes nothing else down.
 */
export async function mapIfSound(
  store: Pick<Store, 'file'>,
): Promise<{ readonly map: TableMap | null; readonly problem: string | null }> {
  try {
    return { map: await mapOf(store), problem: null };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { map: null, problem: error.message };
  }
}

const damaged = (cause?: unknown) =>
  new DataError(
    'The map of the table is damaged or of another version of hier. Make it again: npx hier index --map --out TABLE',
    { cause },
  );
