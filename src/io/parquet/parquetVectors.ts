/**
 * Vectors from a column of lists of a Parquet file, with the ids and labels in other columns of it. Rows are taken a
 * row group at a time, so that what a file announces allocates nothing.
 */
import { DataError } from '../../errors.js';
import { isMissing, missingLabel } from '../missing.js';
import { someOf } from '../someOf.js';
import { utf8Piece } from '../text.js';
import { chooseVectors, type VectorPlace } from '../vectorPlace.js';
import { openParquet, type ParquetColumn } from './parquet.js';

/** Vectors of a Parquet file. */
export interface ParquetVectors {
  readonly dim: number;
  /** `[N, dim]` */
  readonly values: Float32Array;
  /** From a column `id`, where there is one. */
  readonly ids?: readonly string[];
  readonly labels?: readonly string[];
  /** Names of the columns that were not read. */
  readonly unused: readonly string[];
}

/** How a message calls the kinds of columns. */
const KINDS = { vector: 'numbers', value: 'one value a row', list: 'lists', other: 'nested' };

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
  const columnOf = (name: string) => columns.find((one) => one.name === name)!;

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
      refuseOverflow(
        `${path}: row ${row} (from 0) of "${column}"`,
        vector as ArrayLike<number>,
        part.subarray(i * dim),
      );
      if (id !== undefined) idTexts.push(textOf(path, columnOf(id), row, values[id]));
      if (labels !== undefined) labelTexts.push(labelOf(path, columnOf(labels), row, values[labels]));
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
    unused: names.filter((name) => ![column, id, labels].includes(name)),
  };
}

/** Refuses numbers that are finite and larger than a float32 can be. */
function refuseOverflow(where: string, given: ArrayLike<number>, kept: Float32Array): void {
  for (let i = 0; i < given.length; i++)
    if (!Number.isFinite(kept[i]) && Number.isFinite(given[i]))
      throw new DataError(
        `${where} holds ${given[i]}, which is beyond what float32 can hold. Scale the vectors, or normalise them.`,
      );
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

function labelOf(path: string, column: ParquetColumn, row: number, value: unknown): string {
  const text = value === null || value === undefined ? '' : textOf(path, column, row, value);
  if (isMissing(text) || (typeof value === 'number' && !Number.isFinite(value)))
    throw new DataError(missingLabel(`${path}: row ${row} (from 0) of "${column.name}"`, text));
  return text;
}

function textOf(path: string, { name, isDecimal }: ParquetColumn, row: number, value: unknown): string {
  const where = `${path}: row ${row} (from 0)`;
  if (value === null || value === undefined || value === '')
    throw new DataError(`${where} has no value in "${name}".`);
  if (value instanceof Uint8Array) return utf8Piece(`${where} of "${name}"`, value);
  if (typeof value === 'object') throw new DataError(`${where} of "${name}" is neither text nor a number.`);
  if (isDecimal && !(Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER))
    throw new DataError(
      `${where} of "${name}" is a decimal number of more digits than can be kept (${value}). Save the column as text or int64.`,
    );
  return String(value);
}
