/** Writes .mat files of version 5, for stand-ins of data sets and for tests. */
import { deflateSync } from 'node:zlib';
import { writeFileAtomic } from '../atomic.js';
import type { MatValue } from './mat5Arrays.js';

const [INT8, UINT16, INT32, UINT32, DOUBLE, MATRIX, COMPRESSED] = [1, 4, 5, 6, 9, 14, 15];
const CLASSES = { cells: 1, structs: 2, text: 4, numbers: 6 } as const;

/** How {@link writeMat} writes. */
export interface MatWriteOptions {
  /** Compress each variable, as MATLAB does by default. Default true. */
  readonly compress?: boolean;
}

/** Writes variables by name, atomically. Numbers are stored as doubles, text as UTF-16. */
export function writeMat(
  path: string,
  variables: Readonly<Record<string, MatValue>>,
  { compress = true }: MatWriteOptions = {},
): void {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file', 0, 'latin1');
  header.fill(0, 116, 124);
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126, 'latin1');
  const elements = Object.entries(variables).map(([name, value]) => {
    const matrix = encode(value, name);
    if (!compress) return matrix;
    const packed = deflateSync(matrix);
    return Buffer.concat([tag(COMPRESSED, packed.length), packed]);
  });
  writeFileAtomic(path, [header, ...elements]);
}

/** Text of one row. */
export function matText(text: string): MatValue {
  return { kind: 'text', shape: [1, text.length], rows: [text] };
}

/** A single number. */
export function matNumber(value: number): MatValue {
  return { kind: 'numbers', shape: [1, 1], data: Float64Array.of(value) };
}

function encode(value: MatValue, name: string): Buffer {
  const head = [
    element(UINT32, words([CLASSES[value.kind], 0])),
    element(INT32, words(value.shape)),
    element(INT8, Buffer.from(name, 'latin1')),
  ];
  return element(MATRIX, Buffer.concat([...head, ...contentOf(value)]));
}

function contentOf(value: MatValue): Buffer[] {
  switch (value.kind) {
    case 'numbers':
      return [element(DOUBLE, Buffer.from(Float64Array.from(value.data).buffer))];
    case 'text':
      return [element(UINT16, Buffer.from(columnMajor(value.rows), 'utf16le'))];
    case 'cells':
      return value.cells.map((cell) => encode(cell, ''));
    case 'structs': {
      const fields = [...value.fields.keys()];
      const length = Math.max(1, ...fields.map((field) => field.length + 1));
      const names = Buffer.alloc(length * fields.length);
      fields.forEach((field, i) => {
        names.write(field, i * length, 'latin1');
      });
      const columns = [...value.fields.values()];
      const count = value.shape.reduce((product, size) => product * size, 1);
      const values = Array.from({ length: count }, (_, i) => columns.map((column) => encode(column[i], '')));
      return [element(INT32, words([length])), element(INT8, names), ...values.flat()];
    }
  }
}

/** Rows of equal length as MATLAB orders their characters. */
function columnMajor(rows: readonly string[]): string {
  if (rows.length === 1) return rows[0];
  let text = '';
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) for (const row of rows) text += row[column];
  return text;
}

function element(type: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(type, bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

function tag(type: number, length: number): Buffer {
  return words([type, length]);
}

function words(values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}
