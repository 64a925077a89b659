/**
 * A matrix of float32 rows in one sealed safetensors file, written row by row and read as a whole or some rows at a time:
 * for what is larger than memory. What the rows mean is not its business.
 */
import { createHash } from 'node:crypto';
import { closeSync, readSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { startFile } from './atomic.js';
import { fileSize, openForReading, readBytes } from './bytes.js';
import { headerOfRows, readSafetensors, sealFits, writeSeal } from './safetensors/safetensors.js';
import { parseHeader } from './safetensors/safetensorsHeader.js';

/** What a file of rows holds. */
export interface RowsShape {
  /** Name of the tensor. */
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  /** Free texts by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Rows that can be read. May own an open file: call `close()`. */
export interface Rows {
  readonly width: number;
  /** The rows of these places in this order, one after the other. */
  read(places: ArrayLike<number>): Float32Array;
  close(): void;
}

/** Rows in memory. */
export function rowsInMemory(values: Float32Array, width: number): Rows {
  return {
    width,
    read: (places) => {
      const rows = new Float32Array(places.length * width);
      for (let i = 0; i < places.length; i++)
        rows.set(values.subarray(places[i] * width, (places[i] + 1) * width), i * width);
      return rows;
    },
    close: () => undefined,
  };
}

/**
 * Writes a file of rows from pieces of whole rows, atomically.
 * @throws HierError on a full disk
 */
export async function writeRowsFile(
  path: string,
  { name, rows, width, metadata }: RowsShape,
  pieces: AsyncIterable<Float32Array>,
): Promise<void> {
  const file = startFile(path);
  try {
    const header = headerOfRows(name, [rows, width], metadata);
    const hash = createHash('sha256').update(header);
    file.append(header);
    let written = 0;
    for await (const piece of pieces) {
      const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
      hash.update(bytes);
      file.append(bytes);
      written += piece.length;
    }
    if (written !== rows * width) throw new Error(`${path}: ${written} numbers for ${rows} rows of ${width}`);
    writeSeal(header, hash.digest('hex'));
    file.overwrite(header, 0);
    file.finish();
  } finally {
    file.discard();
  }
}

/** Bytes read at once while a seal is checked. */
const PIECE = 1 << 24;

/**
 * Opens a file of rows: in memory when it has at most `memory` bytes, else to be read from the disk.
 * @throws DataError when it is damaged, or holds something else than `shape` says
 */
export function openRowsFile(path: string, { name, rows, width, metadata }: RowsShape, memory: number): Rows {
  const other = () => new DataError(`${path} is not a file of these rows.`);
  if (4 * rows * width <= memory) {
    const found = readSafetensors(path);
    const data = found.tensors.get(name)?.data;
    const fits = data instanceof Float32Array && data.length === rows * width && found.sealed;
    if (!fits || !isSaid(found.metadata, metadata)) throw other();
    return rowsInMemory(data, width);
  }
  const file = openForReading(path);
  try {
    const header = parseHeader(path, file, fileSize(file));
    const [place] = header.tensors;
    const fits = place?.name === name && place.type === 'F32' && place.end - place.begin === 4 * rows * width;
    if (!fits || !isSaid(header.metadata, metadata)) throw other();
    const start = header.bytes.length;
    const pieces = function* () {
      for (let at = 0; at < place.end; at += PIECE)
        yield readBytes(path, file, start + at, Math.min(PIECE, place.end - at));
    };
    if (!sealFits(header, pieces()))
      throw new DataError(`${path} is damaged: its checksum does not match what it holds.`);
    return rowsOnDisk(file, start, width);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Whether all texts that are wanted stand in the file. */
function isSaid(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, text]) => found[key] === text);
}

function rowsOnDisk(file: number, start: number, width: number): Rows {
  let open = true;
  return {
    width,
    read: (places) => {
      const rows = new Float32Array(places.length * width);
      for (let i = 0; i < places.length; i++) {
        const bytes = new Uint8Array(rows.buffer, i * width * 4, width * 4);
        const read = readSync(file, bytes, 0, bytes.length, start + places[i] * width * 4);
        if (read !== bytes.length) throw new DataError('A file of rows was cut short while it was read.');
      }
      return rows;
    },
    close: () => {
      if (open) closeSync(file);
      open = false;
    },
  };
}
