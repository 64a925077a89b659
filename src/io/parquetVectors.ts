/**
 * Vectors from a column of lists of a Parquet file, with the ids and labels in other columns of it. Rows are taken a
 * row group at a time, so that what a file announces allocates nothing.
 */
import { DataError } from '../errors.js';
import { openParquet } from './parquet.js';
import { someOf } from './someOf.js';
import { chooseVectors, type VectorPlace } from './vectorPlace.js';

/** Vectors of a Parquet file. */
export interface ParquetVectors {
  readonly dim: number;
  /** `[N, dim]` */
  readonly values: Float32Array;
  /** From a column `id`, where there is one. */
  readonly ids?: readonly string[];
  readonly labels?: readonly string[];
}

/** How a message calls the kinds of columns. */
const KINDS = { vector: 'numbers', value: 'one value a row', other: 'nested' };

/** Reads the vectors. Throws DataError, by row, for what is missing or of unequal length. */
export async function readParquetVectors(place: VectorPlace): Promise<ParquetVectors> {
  const { path, labels } = place;
  const file = await openParquet(path);
  const { columns } = file;
  const column = chooseVectors(place, {
    able: columns.filter(({ kind }) => kind === 'vector').map(({ name }) => name),
    all: columns.map(({ name, kind }) => ({ name, is: KINDS[kind] })),
  });
  const names = columns.map(({ name }) => name);
  if (labels !== undefined && !names.includes(labels))
    throw new DataError(`${labels} is neither a file nor a column of ${path}: ${someOf(names)}.`);
  const id = columns.some(({ name, kind }) => name === 'id' && kind === 'value') ? 'id' : undefined;

  const parts: Float32Array[] = [];
  const [idTexts, labelTexts]: string[][] = [[], []];
  let dim = 0;
  let row = 0;
  for await (const group of file.read([column, ...[id, labels].filter((name) => name !== undefined)])) {
    dim ||= lengthOf(group[0]?.[column]);
    const part = new Float32Array(group.length * dim);
    for (const [i, values] of group.entries()) {
      const vector = values[column];
      if (lengthOf(vector) !== dim || dim === 0)
        throw new DataError(
          `${path}: row ${row} (from 0) of "${column}" has ${lengthOf(vector)} numbers, the first row ${dim}.`,
        );
      if (Array.isArray(vector) && vector.includes(null))
        throw new DataError(`${path}: row ${row} (from 0) of "${column}" lacks a number.`);
      part.set(vector as ArrayLike<number>, i * dim);
      if (id !== undefined) idTexts.push(textOf(path, id, row, values[id]));
      if (labels !== undefined) labelTexts.push(textOf(path, labels, row, values[labels]));
      row++;
    }
    parts.push(part);
  }
  if (row !== file.rows) throw new DataError(`${path} announces ${file.rows} rows but holds ${row}.`);
  return {
    dim,
    values: joined(parts, row * dim),
    ...(id === undefined ? {} : { ids: idTexts }),
    ...(labels === undefined ? {} : { labels: labelTexts }),
  };
}

function joined(parts: readonly Float32Array[], length: number): Float32Array {
  const all = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as unknown as ArrayLike<number>).length
    : 0;
}

function textOf(path: string, column: string, row: number, value: unknown): string {
  if (value === null || value === undefined || value === '')
    throw new DataError(`${path}: row ${row} (from 0) has no value in "${column}".`);
  if (typeof value === 'object')
    throw new DataError(`${path}: row ${row} (from 0) of "${column}" is neither text nor a number.`);
  return String(value);
}
