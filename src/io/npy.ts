/**
 * NumPy's .npy files: matrices of floating-point numbers in row-major order, the usual way to hand feature
 * vectors over, and columns of numbers or text, for their labels, in either order of bytes. Other types, other ranks
 * and column-major order are refused with what to do.
 */
import { closeSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { writeFileAtomic } from './atomic.js';
import { fileSize, openForReading, readBytes } from './bytes.js';
import { float16ToFloat32 } from './float16.js';
import { foreignFile } from './foreign.js';
import { isMissing, missingLabel, numberLabel } from './missing.js';
import { utf8Piece } from './text.js';

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
    const [, order, size] = /^([<>])f([248])$/.exec(type ?? '') ?? [];
    if (size === undefined)
      throw new DataError(
        `${path} holds numbers of type ${type ?? 'record'}; float32 or float64 is needed: save x.astype("float32").`,
      );
    if (isColumnMajor)
      throw new DataError(`${path} is in column-major order; save numpy.ascontiguousarray(x).`);
    if (shape.length !== 2)
      throw new DataError(`${path} has the shape (${sizes}); a matrix (rows, columns) is needed.`);
    const bytes = Buffer.from(read(Number(size)).buffer);
    if (order === '>') SWAPS[size](bytes);
    return { shape: [shape[0], shape[1]], data: FLOATS[size](bytes.buffer as ArrayBuffer) };
  });
}

/** Numbers of little-endian bytes, by bytes a number. */
const FLOATS: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array | Float64Array>> = {
  2: (bytes) => float16ToFloat32(new Uint16Array(bytes)),
  4: (bytes) => new Float32Array(bytes),
  8: (bytes) => new Float64Array(bytes),
};

/** Turns big-endian numbers round, in place. */
const SWAPS: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  2: (bytes) => bytes.swap16(),
  4: (bytes) => bytes.swap32(),
  8: (bytes) => bytes.swap64(),
};

/** How one value of a column is read, by NumPy's name of the type without its size. */
const COLUMN_TYPES: Readonly<
  Record<string, (view: DataView, at: number, isLittle: boolean) => number | bigint>
> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i8: (view, at, isLittle) => view.getBigInt64(at, isLittle),
  u8: (view, at, isLittle) => view.getBigUint64(at, isLittle),
  f4: (view, at, isLittle) => view.getFloat32(at, isLittle),
  f8: (view, at, isLittle) => view.getFloat64(at, isLittle),
};

/**
 * Reads a column of labels, of shape (rows,) or (rows, 1), as texts: whole numbers, other numbers as they are printed,
 * or strings (`<U`, `|S` in UTF-8). Throws DataError as {@link readNpy}, and by row for a label that is missing.
 */
export function readNpyColumn(path: string): string[] {
  const column = readTexts(path);
  column.forEach((text, row) => {
    if (isMissing(text)) throw new DataError(missingLabel(`${path}: row ${row} (from 0)`, text));
  });
  return column;
}

function readTexts(path: string): string[] {
  return withNpy(path, ({ type = 'record', sizes, shape, read }) => {
    if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
      throw new DataError(`${path} has the shape (${sizes}); a column (rows,) is needed.`);
    const kind = type.slice(1);
    const text = /^([<>]U|\|S)([1-9]\d*)$/.exec(type);
    if (text) {
      const width = Number(text[2]) * (text[1] === '|S' ? 1 : 4);
      const bytes = Buffer.from(read(width).buffer);
      if (text[1] === '>U') bytes.swap32();
      return Array.from({ length: shape[0] }, (_, row) =>
        textCell(
          `${path}: row ${row} (from 0)`,
          bytes.subarray(row * width, (row + 1) * width),
          text[1] !== '|S',
        ),
      );
    }
    if (!/^[<>|]/.test(type) || !Object.hasOwn(COLUMN_TYPES, kind))
      throw new DataError(
        `${path} holds values of type ${type}; save labels as whole numbers or as strings.`,
      );
    const view = new DataView(read(Number(kind[1])).buffer);
    return Array.from({ length: shape[0] }, (_, row) =>
      numberLabel(
        COLUMN_TYPES[kind](view, row * Number(kind[1]), type[0] !== '>'),
        () => `${path}: row ${row} (from 0)`,
      ),
    );
  });
}

/** A string of fixed width, padded with zeros. Throws DataError, which begins with `where`, when it is not text. */
function textCell(where: string, bytes: Buffer, isUtf32: boolean): string {
  if (!isUtf32) {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return utf8Piece(where, bytes.subarray(0, end));
  }
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = bytes.readUInt32LE(at);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      throw new DataError(`${where} holds the character ${point}, which does not exist.`);
    text += String.fromCodePoint(point);
  }
  return text.replace(/\0+$/, '');
}

/** Opens a file, reads its header, and lets `use` read the rest. */
function withNpy<T>(path: string, use: (npy: NpyFile) => T): T {
  const file = openForReading(path);
  try {
    const size = fileSize(file);
    const start = Buffer.from(readBytes(path, file, 0, Math.min(12, size)).buffer);
    if (size < 12 || !start.subarray(0, 6).equals(magic))
      throw new DataError(`${path} is not a .npy file.${foreignFile(path, 'vectors')}`);
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
  // Python 2 wrote whole numbers as 120L.
  const sizes = /['"]shape['"]\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1].replace(/(?<=\d)L/g, '');
  if (!order || sizes === undefined) throw new DataError(`${path} has a .npy header that cannot be read.`);
  const shape = sizes.split(',').flatMap((part) => (part.trim() ? [Number(part)] : []));
  if (!shape.every(Number.isSafeInteger)) throw new DataError(`${path} has the impossible shape (${sizes}).`);
  return { type, isColumnMajor: order === 'True', sizes, shape };
}
