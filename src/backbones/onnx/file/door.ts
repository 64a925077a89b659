/**
 * Opens a file that is given as an ONNX model, and says what it is when it is something else.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from '../../../disk/index.js';
import { DataError } from '../../../errors.js';
import { readModel } from './messages.js';
import { whatItIs } from './otherFiles.js';
import type { StoredModel } from './types.js';

/** An ONNX file that was read. */
export interface OpenedModel extends StoredModel {
  /** The file. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Of the bytes, hexadecimal. */
  readonly sha256: string;
}

/** Largest file that one protobuf message may be, bytes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads an ONNX file.
 * @throws DataError that says what the file is, when it is not one
 */
export function openModel(file: string): OpenedModel {
  const bytes = bytesOf(file);
  const known = whatItIs(bytes, file);
  if (known) throw new DataError(`${file} ${known}`);
  try {
    const model = readModel(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { ...model, file, bytes, sha256 };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${file} is not a whole ONNX model: ${error.message}. Fetch or export it again.`, {
      cause: error,
    });
  }
}

/** A model that was opened, of its path or of itself: what is read once need not be read again. */
export const opened = (given: string | OpenedModel): OpenedModel =>
  typeof given === 'string' ? openModel(given) : given;

function bytesOf(file: string): Uint8Array {
  let size: number;
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw new DataError(`${file} is a folder; name the ONNX file in it.`);
    if (!stat.isFile()) throw new DataError(`${file} is a device or a named pipe, not a plain file.`);
    size = stat.size;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
  if (size === 0) throw new DataError(`${file} is empty. Fetch or export it again.`);
  if (size > LARGEST)
    throw new DataError(
      `${file} has ${(size / 1e9).toFixed(1)} GB. An ONNX file holds at most 2 GB; larger models keep their weights in a file beside it.`,
    );
  // Not a Buffer, whose parts are views where those of other arrays are copies.
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
