/**
 * Arrays of .mat files as values: numbers, text, cells and structs, each inside the others. Everything is bounded and
 * checked before it is allocated. The layout of bytes, and the file as a whole, are others' business.
 */
import { isUtf8 } from 'node:buffer';
import {
  type Budget,
  type Cursor,
  INT8,
  integers,
  MATRIX,
  MatFault,
  nameElement,
  nameText,
  nextElement,
  requireRoom,
  UINT8,
  UINT16,
  UINT32,
  UTF8,
  within,
} from './mat5Elements.js';

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
  12: [8, (view, at, little) => exact(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => exact(view.getBigUint64(at, little))],
};

/** A whole number of 8 bytes; one whose digits a double cannot hold is a fault. */
function exact(value: bigint): number {
  if (BigInt.asIntN(54, value) !== value)
    throw new MatFault(`the number ${value}, which has more digits than can be kept; save it as text`);
  return Number(value);
}
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
const EMPTY: MatNumbers = { kind: 'numbers', shape: [0, 0], data: new Float64Array(0) };

/** What precedes the content of an array. */
export interface Head {
  readonly arrayClass: number;
  readonly isComplex: boolean;
  readonly shape: readonly number[];
  readonly count: number;
  readonly name: string;
}

/** Reads what precedes the content; the cursor is then at the content. */
export function readHead(cursor: Cursor): Head {
  const flags = nextElement(cursor, false);
  if (flags.type !== UINT32 || flags.end - flags.start !== 8)
    throw new MatFault('an array without its flags');
  const word = cursor.view.getUint32(flags.start, cursor.little);
  const shape = integers(cursor, 'the shape of an array');
  if (shape.length < 2 || shape.some((size) => size < 0))
    throw new MatFault(`the impossible shape [${shape}]`);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) throw new MatFault(`the impossible shape [${shape}]`);
  const name = nameElement(cursor);
  return {
    arrayClass: word & 0xff,
    isComplex: (word & 0x0800) !== 0,
    shape,
    count,
    name,
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

/** Reads the content of an array, `depth` arrays inside others. */
export function readContent(cursor: Cursor, head: Head, budget: Budget, depth: number): MatValue {
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
    (_, i) => nameText(cursor.view, names.start + i * length, names.start + (i + 1) * length).split('\0')[0],
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
  const UTF16 = 17;
  const UTF32 = 18;
  if (type === INT8 || type === UINT8) return bytes.toString('latin1');
  if (type === UTF8) {
    if (!isUtf8(bytes)) throw new MatFault('text that says it is UTF-8, but is not');
    return bytes.toString('utf8');
  }
  if (type === UINT16 || type === UTF16) {
    if (bytes.length % 2 !== 0) throw new MatFault('text that ends within a character');
    return (little ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  }
  if (type !== UTF32 || bytes.length % 4 !== 0) throw new MatFault(`text of the unknown type ${type}`);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    if (point > 0x10ffff) throw new MatFault(`the character ${point}, which does not exist`);
    text += String.fromCodePoint(point);
  }
  return text;
}
