/**
 * MATLAB's .mat files of version 5 to 7 (MAT-file format, level 5): numbers, text, cells and structs, plain or
 * compressed, of either byte order. Everything is bounded and checked before it is allocated. Not read:
 * complex and sparse arrays, objects, functions, and the HDF5 files of version 7.3.
 */
import { closeSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { DataError } from '../errors.js';
import { fileSize, openForReading, readBytes } from './bytes.js';

/** Numbers of any numeric or logical class, in column-major order as MATLAB keeps them. */
export interface MatNumbers {
  readonly kind: 'numbers';
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Text: one string a row of the character matrix. */
export interface MatText {
  readonly kind: 'text';
  readonly shape: readonly number[];
  readonly rows: readonly string[];
}

/** A cell array, in column-major order. */
export interface MatCells {
  readonly kind: 'cells';
  readonly shape: readonly number[];
  readonly cells: readonly MatValue[];
}

/** A struct array: for each field its values, in column-major order. */
export interface MatStructs {
  readonly kind: 'structs';
  readonly shape: readonly number[];
  readonly fields: ReadonlyMap<string, readonly MatValue[]>;
}

/** A value of a .mat file. */
export type MatValue = MatNumbers | MatText | MatCells | MatStructs;

/** Bounds of {@link readMat}. */
export interface MatOptions {
  /** Only these variables; others are not looked into. Default: all. */
  readonly names?: readonly string[];
  /** Most bytes of the file, and of what it holds when it is unpacked. Default 256 MiB. */
  readonly mostBytes?: number;
}

/** Element types of the format, by number. */
const INT8 = 1;
const UINT8 = 2;
const UINT16 = 4;
const INT32 = 5;
const UINT32 = 6;
const MATRIX = 14;
const COMPRESSED = 15;

/** How a stored number is read: bytes, and the method of DataView. */
const NUMBERS: Readonly<Record<number, readonly [bytes: number, read: NumberReader]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};
type NumberReader = (view: DataView, at: number, little: boolean) => number;

/** Array classes that are read, and the names of those that are not. */
const CELL = 1;
const STRUCT = 2;
const CHAR = 4;
const NOT_READ: Readonly<Record<number, string>> = {
  3: 'an object',
  5: 'a sparse array',
  16: 'a function',
  17: 'an object',
};

const DEEPEST = 32;
/** Numbers are widened to 8 bytes: this many take 512 MiB. */
const MOST_NUMBERS = 2 ** 26;
const EMPTY: MatNumbers = { kind: 'numbers', shape: [0, 0], data: new Float64Array(0) };

/** A part of the file that is being read. */
interface Cursor {
  readonly view: DataView;
  readonly little: boolean;
  at: number;
  readonly end: number;
}

/** A data element: its type and where its bytes lie. */
interface Element {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** What is left of the bounds, shared by all variables of a file. */
interface Budget {
  bytes: number;
  numbers: number;
}

/** A fault of the file; `readMat` adds its name. */
class MatFault extends Error {}

/**
 * The variables of a .mat file by name. Throws DataError that names the file when it is not one, is cut short,
 * damaged or too large, lacks a wanted variable, or holds what is not read.
 */
export function readMat(path: string, options: MatOptions = {}): Map<string, MatValue> {
  const { names, mostBytes = 256 * 2 ** 20 } = options;
  try {
    const variables = parseFile(readWhole(path, mostBytes), new Set(names), {
      bytes: mostBytes,
      numbers: MOST_NUMBERS,
    });
    for (const name of names ?? [])
      if (!variables.has(name))
        throw new MatFault(
          `it holds no variable "${name}", only: ${[...variables.keys()].join(', ') || '-'}`,
        );
    if (names) for (const name of variables.keys()) if (!names.includes(name)) variables.delete(name);
    return variables as Map<string, MatValue>;
  } catch (cause) {
    if (!(cause instanceof MatFault)) throw cause;
    throw new DataError(`${path} cannot be read as a .mat file: ${cause.message}.`, { cause });
  }
}

function readWhole(path: string, mostBytes: number): DataView {
  const file = openForReading(path);
  try {
    const size = fileSize(file);
    if (size > mostBytes) throw new MatFault(`it has ${size} bytes, more than the limit of ${mostBytes}`);
    return new DataView(readBytes(path, file, 0, size).buffer);
  } finally {
    closeSync(file);
  }
}

/** All variables; those that are not wanted are undefined. */
function parseFile(
  view: DataView,
  wanted: ReadonlySet<string>,
  budget: Budget,
): Map<string, MatValue | undefined> {
  if (view.byteLength < 128) throw new MatFault(`it has ${view.byteLength} bytes, fewer than its header`);
  const text = textOf(view, 0, 116);
  if (text.startsWith('MATLAB 7.3') || textOf(view, 0, 4) === '\x89HDF')
    throw new MatFault("it is of version 7.3 (HDF5); save it with save(…, '-v7')");
  const order = textOf(view, 126, 128);
  if (order !== 'IM' && order !== 'MI')
    throw new MatFault(
      /^\s*(<!doctype|<html)/i.test(text)
        ? 'it is a web page'
        : 'it does not start like one of version 5 to 7',
    );
  const cursor: Cursor = { view, little: order === 'IM', at: 128, end: view.byteLength };
  const variables = new Map<string, MatValue | undefined>();
  while (cursor.at < cursor.end) {
    const element = nextElement(cursor, true);
    const matrix = element.type === COMPRESSED ? inflate(cursor, element, budget) : { cursor, element };
    if (matrix.element.type !== MATRIX)
      throw new MatFault(`an element of the unknown type ${matrix.element.type}`);
    readVariable(within(matrix.cursor, matrix.element), wanted, budget, variables);
  }
  return variables;
}

function readVariable(
  cursor: Cursor,
  wanted: ReadonlySet<string>,
  budget: Budget,
  variables: Map<string, MatValue | undefined>,
): void {
  if (cursor.at === cursor.end) return; // an empty element has no name
  const head = readHead(cursor);
  if (head.name === '') return; // MATLAB's own data about objects
  if (variables.has(head.name)) throw new MatFault(`it holds "${head.name}" twice`);
  const isWanted = wanted.size === 0 || wanted.has(head.name);
  try {
    variables.set(head.name, isWanted ? readContent(cursor, head, budget, 0) : undefined);
  } catch (cause) {
    if (cause instanceof MatFault) throw new MatFault(`in "${head.name}", ${cause.message}`);
    throw cause;
  }
}

function inflate(
  cursor: Cursor,
  { start, end }: Element,
  budget: Budget,
): { cursor: Cursor; element: Element } {
  let bytes: Buffer;
  try {
    bytes = inflateSync(new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + start, end - start), {
      maxOutputLength: Math.max(1, budget.bytes),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new MatFault('unpacked, it would be larger than the limit');
    throw new MatFault(`a compressed variable is damaged or cut short (${message})`);
  }
  budget.bytes -= bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const inner: Cursor = { view, little: cursor.little, at: 0, end: bytes.length };
  return { cursor: inner, element: nextElement(inner, false) };
}

/** Reads a tag and steps over its element; compressed elements are not padded to 8 bytes. */
function nextElement(cursor: Cursor, isTop: boolean): Element {
  const { view, little, at, end } = cursor;
  if (end - at < 8) throw new MatFault('it is cut short');
  const word = view.getUint32(at, little);
  const isSmall = word >>> 16 !== 0;
  const length = isSmall ? word >>> 16 : view.getUint32(at + 4, little);
  const type = isSmall ? word & 0xffff : word;
  const start = isSmall ? at + 4 : at + 8;
  if (isSmall && length > 4) throw new MatFault(`a small element of ${length} bytes, more than 4`);
  if (length > end - start)
    throw new MatFault(`it is cut short: ${length} bytes are announced, ${end - start} are there`);
  const isPadded = !(isTop && type === COMPRESSED);
  const next = isSmall ? at + 8 : start + (isPadded ? Math.ceil(length / 8) * 8 : length);
  cursor.at = Math.min(next, end);
  return { type, start, end: start + length };
}

function within(cursor: Cursor, { start, end }: Element): Cursor {
  return { view: cursor.view, little: cursor.little, at: start, end };
}

/** What precedes the content of an array. */
interface Head {
  readonly arrayClass: number;
  readonly isComplex: boolean;
  readonly shape: readonly number[];
  readonly count: number;
  readonly name: string;
}

function readHead(cursor: Cursor): Head {
  const flags = nextElement(cursor, false);
  if (flags.type !== UINT32 || flags.end - flags.start !== 8)
    throw new MatFault('an array without its flags');
  const word = cursor.view.getUint32(flags.start, cursor.little);
  const shape = integers(cursor, 'the shape of an array');
  if (shape.length < 2 || shape.some((size) => size < 0))
    throw new MatFault(`the impossible shape [${shape}]`);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) throw new MatFault(`the impossible shape [${shape}]`);
  const name = nextElement(cursor, false);
  if (name.type !== INT8) throw new MatFault('an array without a name');
  return {
    arrayClass: word & 0xff,
    isComplex: (word & 0x0800) !== 0,
    shape,
    count,
    name: textOf(cursor.view, name.start, name.end),
  };
}

function readMatrix(cursor: Cursor, budget: Budget, depth: number): MatValue {
  const element = nextElement(cursor, false);
  if (element.type !== MATRIX)
    throw new MatFault(`an element of type ${element.type} where an array belongs`);
  if (element.start === element.end) return EMPTY;
  if (depth > DEEPEST) throw new MatFault(`arrays inside each other more than ${DEEPEST} deep`);
  const inner = within(cursor, element);
  return readContent(inner, readHead(inner), budget, depth);
}

function readContent(cursor: Cursor, head: Head, budget: Budget, depth: number): MatValue {
  const { arrayClass, shape, count } = head;
  if (head.isComplex) throw new MatFault('complex numbers, which are not read');
  if (arrayClass === CELL) {
    requireRoom(cursor, count, 8);
    const cells = Array.from({ length: count }, () => readMatrix(cursor, budget, depth + 1));
    return { kind: 'cells', shape, cells };
  }
  if (arrayClass === STRUCT) return readStructs(cursor, head, budget, depth);
  if (arrayClass === CHAR) return readText(cursor, head, budget);
  if (arrayClass < 6 || arrayClass > 15)
    throw new MatFault(
      `${NOT_READ[arrayClass] ?? `an array of the unknown class ${arrayClass}`}, which is not read`,
    );
  return { kind: 'numbers', shape, data: readNumbers(cursor, count, budget) };
}

function readStructs(cursor: Cursor, { shape, count }: Head, budget: Budget, depth: number): MatStructs {
  const [length] = integers(cursor, 'the length of field names');
  const names = nextElement(cursor, false);
  const bytes = names.end - names.start;
  if (!(length >= 1 && bytes % length === 0)) throw new MatFault('field names of impossible lengths');
  const fields = Array.from(
    { length: bytes / length },
    (_, i) => textOf(cursor.view, names.start + i * length, names.start + (i + 1) * length).split('\0')[0],
  );
  if (new Set(fields).size !== fields.length) throw new MatFault('two fields of one name');
  requireRoom(cursor, count * fields.length, 8);
  const columns = fields.map((): MatValue[] => []);
  if (fields.length > 0)
    for (let i = 0; i < count; i++)
      for (const column of columns) column.push(readMatrix(cursor, budget, depth + 1));
  return { kind: 'structs', shape, fields: new Map(fields.map((field, i) => [field, columns[i]])) };
}

function readNumbers(cursor: Cursor, count: number, budget: Budget): Float64Array {
  const { type, start, end } = nextElement(cursor, false);
  if (!Object.hasOwn(NUMBERS, type)) throw new MatFault(`numbers of the unknown type ${type}`);
  const [bytes, read] = NUMBERS[type];
  if (end - start !== count * bytes)
    throw new MatFault(`${end - start} bytes for ${count} numbers of ${bytes}`);
  if (count > budget.numbers) throw new MatFault('more numbers than the limit');
  budget.numbers -= count;
  const { view, little } = cursor;
  return Float64Array.from({ length: count }, (_, i) => read(view, start + i * bytes, little));
}

function readText(cursor: Cursor, { shape, count }: Head, budget: Budget): MatText {
  const { type, start, end } = nextElement(cursor, false);
  if (end - start > budget.numbers) throw new MatFault('more text than the limit');
  budget.numbers -= end - start;
  const bytes = Buffer.from(cursor.view.buffer, cursor.view.byteOffset + start, end - start);
  const characters = charactersOf(bytes, type, cursor.little);
  const isOneRow = shape.length === 2 && shape[0] === 1;
  if (!isOneRow && characters.length !== count)
    throw new MatFault(`${characters.length} characters for a text of shape [${shape}]`);
  if (isOneRow) return { kind: 'text', shape, rows: [characters] };
  const rows = Array.from({ length: count === 0 ? 0 : shape[0] }, (_, row) => {
    let text = '';
    for (let i = row; i < count; i += shape[0]) text += characters[i];
    return text;
  });
  return { kind: 'text', shape, rows };
}

/** Text of any of the types that MATLAB and others store it as. */
function charactersOf(bytes: Buffer, type: number, little: boolean): string {
  const UTF8 = 16;
  const UTF16 = 17;
  const UTF32 = 18;
  if (type === INT8 || type === UINT8) return bytes.toString('latin1');
  if (type === UTF8) return bytes.toString('utf8');
  if (type === UINT16 || type === UTF16) {
    if (bytes.length % 2 !== 0) throw new MatFault('text that ends within a character');
    return (little ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  }
  if (type !== UTF32 || bytes.length % 4 !== 0) throw new MatFault(`text of the unknown type ${type}`);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    text += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

/** The int32 numbers of the next element. */
function integers(cursor: Cursor, what: string): number[] {
  const { type, start, end } = nextElement(cursor, false);
  if (type !== INT32 || (end - start) % 4 !== 0 || end - start > 256)
    throw new MatFault(`${what} is damaged`);
  return Array.from({ length: (end - start) / 4 }, (_, i) =>
    cursor.view.getInt32(start + 4 * i, cursor.little),
  );
}

/** Before anything is allocated for `count` elements: they take so many bytes at least. */
function requireRoom(cursor: Cursor, count: number, bytes: number): void {
  if (count * bytes > cursor.end - cursor.at)
    throw new MatFault(`it is cut short: ${count} elements do not fit into ${cursor.end - cursor.at} bytes`);
}

function textOf(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1');
}
