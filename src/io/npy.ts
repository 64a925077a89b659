/**
 * NumPy's .npy files: matrices of floating-point numbers in row-major order, the usual way to hand feature
 * vectors over, and columns of numbers or text, for their labels. Other types, other ranks and column-major
 * order are refused with what to do.
 */
import { closeSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { writeFileAtomic } from './atomic.js';
import { fileSize, openForReading, readBytes } from './bytes.js';
import { float16ToFloat32 } from './float16.js';

/** A matrix in row-major order, [rows, columns]. */
export interface Matrix<A extends Float32Array | Float64Array = Float32Array | Float64Array> {
  /** Rows and columns. */
  shape: readonly [number, number];
  /** rows · columns numbers. */
  data: A;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

/** A .npy file of any type and shape. */
interface NpyFile {
  /** NumPy's name of the type, such as `<f4`; undefined for a record. */
  readonly type: string | undefined;
  readonly isColumnMajor: boolean;
  /** The sizes as they are written. */
  readonly sizes: string;
  readonly shape: readonly number[];
  /** Reads all numbers, of `wordSize` bytes each. */
  read(wordSize: number): Uint8Array<ArrayBuffer>;
}

/**
 * Reads a matrix of float32, float64, or float16, which comes as float32. Throws DataError that names the file
 * when it is not a sound one.
 */
export function readNpy(path: string): Matrix {
  return withNpy(path, ({ type, isColumnMajor, sizes, shape, read }) => {
    if (type !== '<f2' && type !== '<f4' && type !== '<f8')
      throw new DataError(
        `${path} holds numbers of type ${type ?? 'record'}; float32 or float64 is needed: save x.astype("float32").`,
      );
    if (isColumnMajor)
      throw new DataError(`${path} is in column-major order; save numpy.ascontiguousarray(x).`);
    if (shape.length !== 2)
      throw new DataError(`${path} has the shape (${sizes}); a matrix (rows, columns) is needed.`);
    const { buffer } = read(Number(type[2]));
    const data =
      type === '<f2'
        ? float16ToFloat32(new Uint16Array(buffer))
        : type === '<f4'
          ? new Float32Array(buffer)
          : new Float64Array(buffer);
    return { shape: [shape[0], shape[1]], data };
  });
}

/** How one value of a column is read, by NumPy's name of the type without its size. */
const COLUMN_TYPES: Readonly<Record<string, (view: DataView, at: number) => number | bigint>> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at) => view.getInt16(at, true),
  u2: (view, at) => view.getUint16(at, true),
  i4: (view, at) => view.getInt32(at, true),
  u4: (view, at) => view.getUint32(at, true),
  i8: (view, at) => view.getBigInt64(at, true),
  u8: (view, at) => view.getBigUint64(at, true),
  f4: (view, at) => view.getFloat32(at, true),
  f8: (view, at) => view.getFloat64(at, true),
};

/**
 * Reads a column, of shape (rows,) or (rows, 1), as texts: whole numbers, other numbers as they are printed, or
 * strings (`<U`, `|S`). Throws DataError as {@link readNpy}.
 */
export function readNpyColumn(path: string): string[] {
  return withNpy(path, ({ type = 'record', sizes, shape, read }) => {
    if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
      throw new DataError(`${path} has the shape (${sizes}); a column (rows,) is needed.`);
    const kind = type.slice(1);
    const text = /^(<U|\|S)([1-9]\d*)$/.exec(type);
    if (text) {
      const width = Number(text[2]) * (text[1] === '<U' ? 4 : 1);
      const bytes = Buffer.from(read(width).buffer);
      return Array.from({ length: shape[0] }, (_, row) =>
        textCell(bytes.subarray(row * width, (row + 1) * width), text[1] === '<U'),
      );
    }
    if (!/^[<|]/.test(type) || !Object.hasOwn(COLUMN_TYPES, kind))
      throw new DataError(
        `${path} holds values of type ${type}; save labels as whole numbers or as strings.`,
      );
    const view = new DataView(read(Number(kind[1])).buffer);
    return Array.from({ length: shape[0] }, (_, row) =>
      String(COLUMN_TYPES[kind](view, row * Number(kind[1]))),
    );
  });
}

/** A string of fixed width, padded with zeros. */
function textCell(bytes: Buffer, isUtf32: boolean): string {
  if (!isUtf32) return bytes.toString('latin1').replace(/\0+$/, '');
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at);
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text.replace(/\0+$/, '');
}

/** Opens a file, reads its header, and lets `use` read the rest. */
function withNpy<T>(path: string, use: (npy: NpyFile) => T): T {
  const file = openForReading(path);
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
    const description = parseDescription(path, text);
    const read = (wordSize: number) => {
      const bytes = description.shape.reduce((product, n) => product * n, wordSize);
      const rest = size - textStart - textLength;
      if (bytes !== rest)
        throw new DataError(
          `${path} is ${bytes > rest ? 'cut short' : 'too long'}: an array of shape (${description.sizes}) needs ${bytes} bytes but it has ${rest}.`,
        );
      return readBytes(path, file, textStart + textLength, bytes);
    };
    return use({ ...description, read });
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
function parseDescription(path: string, text: string): Omit<NpyFile, 'read'> {
  const type = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /['"]shape['"]\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (!order || sizes === undefined) throw new DataError(`${path} has a .npy header that cannot be read.`);
  const shape = sizes.split(',').flatMap((part) => (part.trim() ? [Number(part)] : []));
  if (!shape.every(Number.isSafeInteger)) throw new DataError(`${path} has the impossible shape (${sizes}).`);
  return { type, isColumnMajor: order === 'True', sizes, shape };
}
