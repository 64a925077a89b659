/**
 * NumPy's .npy files, for matrices of float32 or float64 in row-major order: the usual way to hand feature
 * vectors over. Other types, other ranks and column-major order are refused with what to do.
 */
import { closeSync, openSync } from 'node:fs';
import { DataError } from '../errors.js';
import { writeFileAtomic } from './atomic.js';
import { fileSize, readBytes } from './bytes.js';

/** A matrix in row-major order, [rows, columns]. */
export interface Matrix<A extends Float32Array | Float64Array = Float32Array | Float64Array> {
  /** Rows and columns. */
  shape: readonly [number, number];
  /** rows · columns numbers. */
  data: A;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

/** Reads a matrix. Throws DataError that names the file when it is not a sound one. */
export function readNpy(path: string): Matrix {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new DataError(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    const size = fileSize(file);
    const start = Buffer.from(readBytes(path, file, 0, Math.min(12, size)).buffer);
    if (size < 12 || !start.subarray(0, 6).equals(magic)) throw new DataError(`${path} is not a .npy file.`);
    const wide = start[6] >= 2;
    if (start[6] < 1 || start[6] > 3)
      throw new DataError(`${path} is of the unknown .npy version ${start[6]}.`);
    const textStart = wide ? 12 : 10;
    const textLength = wide ? start.readUInt32LE(8) : start.readUInt16LE(8);
    if (textStart + textLength > size) throw new DataError(`${path} is cut short within its header.`);
    const text = Buffer.from(readBytes(path, file, textStart, textLength).buffer).toString('latin1');
    const { wordSize, shape } = parseDescription(path, text);
    const bytes = shape[0] * shape[1] * wordSize;
    const rest = size - textStart - textLength;
    if (bytes !== rest)
      throw new DataError(
        `${path} is ${bytes > rest ? 'cut short' : 'too long'}: a matrix of shape (${shape.join(', ')}) needs ${bytes} bytes but it has ${rest}.`,
      );
    const { buffer } = readBytes(path, file, textStart + textLength, bytes);
    return { shape, data: wordSize === 4 ? new Float32Array(buffer) : new Float64Array(buffer) };
  } finally {
    closeSync(file);
  }
}

/** Writes a matrix atomically (format version 1.0). */
export function writeNpy(path: string, { shape, data }: Matrix): void {
  if (shape[0] * shape[1] !== data.length)
    throw new Error(`a matrix of shape (${shape.join(', ')}) cannot have ${data.length} elements`);
  const type = data instanceof Float32Array ? '<f4' : '<f8';
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.set(magic);
  header.set([1, 0, length & 255, length >> 8], 6);
  header.write(text, 10, 'latin1');
  header.write('\n', 9 + length, 'latin1');
  writeFileAtomic(path, [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/** The Python dictionary in the header. */
function parseDescription(path: string, text: string): { wordSize: 4 | 8; shape: [number, number] } {
  const type = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /['"]shape['"]\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (!order || sizes === undefined) throw new DataError(`${path} has a .npy header that cannot be read.`);
  if (type !== '<f4' && type !== '<f8')
    throw new DataError(
      `${path} holds numbers of type ${type ?? 'record'}; float32 or float64 is needed: save x.astype("float32").`,
    );
  if (order === 'True')
    throw new DataError(`${path} is in column-major order; save numpy.ascontiguousarray(x).`);
  const shape = sizes.split(',').flatMap((part) => (part.trim() ? [Number(part)] : []));
  if (shape.length !== 2 || !shape.every(Number.isSafeInteger))
    throw new DataError(`${path} has the shape (${sizes}); a matrix (rows, columns) is needed.`);
  return { wordSize: type === '<f4' ? 4 : 8, shape: [shape[0], shape[1]] };
}
