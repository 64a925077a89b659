/**
 * Reads MATLAB's .mat files of version 5 to 7 (MAT-file format, level 5), plain or compressed, of either byte order,
 * variable by variable. Not read: complex and sparse arrays, objects, functions, and the HDF5 files of version 7.3.
 */
import { closeSync } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { fileSize, openForReading, readBytes } from '../bytes.js';
import { type MatValue, readContent, readHead } from './mat5Arrays.js';
import {
  type Budget,
  COMPRESSED,
  type Cursor,
  inflate,
  MATRIX,
  MatFault,
  nextElement,
  textOf,
  within,
} from './mat5Elements.js';

/** Bounds of {@link readMat}. */
export interface MatOptions {
  /** Only these variables; others are not looked into. Default: all. */
  readonly names?: readonly string[];
  /** Most bytes of the file, and of what it holds when it is unpacked. Default 256 MiB. */
  readonly mostBytes?: number;
}

/** Numbers are widened to 8 bytes: this many take 512 MiB. */
const MOST_NUMBERS = 2 ** 26;

/**
 * The variables of a .mat file by name. Throws DataError that names the file when it is not one, is cut short,
 * damaged or too large, lacks a wanted variable, or holds what is not read.
 */
export function readMat(path: string, options: MatOptions = {}): Map<string, MatValue> {
  const { names, mostBytes = 256 * 2 ** 20 } = options;
  try {
    const budget = { bytes: mostBytes, numbers: MOST_NUMBERS };
    const variables = parseFile(readWhole(path, mostBytes), new Set(names), budget);
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
