/**
 * Reads rows of numbers, and what their own file says about them, from a `.npy` matrix, a tensor of a `.safetensors`
 * file, or a column of a `.parquet` file. What they are a data set of is decided in vectors.ts.
 */
import { extname } from 'node:path';
import { DataError } from '../errors.js';
import { readNpy } from '../io/npy.js';
import { openParquet, type ParquetFile } from '../io/parquet.js';
import { readSafetensors, type StoredTensor } from '../io/safetensors.js';
import { someOf } from './assemble.js';

/** File name endings of vectors, in lower case. */
export const VECTOR_EXTENSIONS: readonly string[] = ['.npy', '.safetensors', '.parquet'];

/** Rows of numbers, and what their own file says about them. */
export interface VectorRows {
  readonly dim: number;
  /** `[N, dim]` */
  readonly features: Float32Array;
  readonly ids?: readonly string[];
  readonly labels?: readonly string[];
}

/**
 * Reads the rows of a file.
 *
 * @param features tensor or column that holds them; by default the only one that can
 * @param labels tensor or column of the same file that holds their labels, if any
 * @throws DataError for a file that is damaged, of another kind, or holds no such rows
 */
export function readVectors(
  path: string,
  features: string | undefined,
  labels: string | undefined,
): VectorRows | Promise<VectorRows> {
  switch (extname(path).toLowerCase()) {
    case '.npy':
      if (features !== undefined)
        throw new DataError(`${path} holds one matrix: data.features ("${features}") has no meaning for it.`);
      if (labels !== undefined) throw new DataError(`There is no file of labels ${labels}.`);
      return matrixRows(path);
    case '.safetensors':
      return tensorRows(path, features, labels);
    case '.parquet':
      return openParquet(path).then((file) => columnRows(file, features, labels));
    default:
      throw new DataError(
        `${path} is no file of vectors: its name must end in ${VECTOR_EXTENSIONS.join(', ')}.`,
      );
  }
}

function matrixRows(path: string): VectorRows {
  const { shape, data } = readNpy(path);
  return { dim: shape[1], features: data instanceof Float32Array ? data : Float32Array.from(data) };
}

function tensorRows(path: string, features: string | undefined, labels: string | undefined): VectorRows {
  const { tensors } = readSafetensors(path);
  const isMatrix = ({ shape, data }: StoredTensor) =>
    shape.length === 2 && (data instanceof Float32Array || data instanceof Float64Array);
  const able = [...tensors].filter(([, tensor]) => isMatrix(tensor)).map(([name]) => name);
  const name = theOne(path, 'tensor', features, able, [...tensors.keys()]);
  const { shape, data } = tensors.get(name)!;
  const rows = {
    dim: shape[1],
    features: data instanceof Float32Array ? data : Float32Array.from(data as Float64Array),
  };
  if (labels === undefined) return rows;
  const tensor = tensors.get(labels);
  if (!tensor)
    throw new DataError(
      `${labels} is neither a file nor a tensor of ${path}: ${someOf([...tensors.keys()])}.`,
    );
  return { ...rows, labels: Array.from(tensor.data as ArrayLike<number | bigint>, String) };
}

async function columnRows(
  file: ParquetFile,
  features: string | undefined,
  labels: string | undefined,
): Promise<VectorRows> {
  const { path, columns } = file;
  const names = columns.map(({ name }) => name);
  const able = columns.filter(({ kind }) => kind === 'vector').map(({ name }) => name);
  const column = theOne(path, 'column', features, able, names);
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
  const all = new Float32Array(row * dim);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return {
    dim,
    features: all,
    ...(id === undefined ? {} : { ids: idTexts }),
    ...(labels === undefined ? {} : { labels: labelTexts }),
  };
}

/** The tensor or column that is asked for, or the only one that can be meant. */
function theOne(
  path: string,
  what: string,
  wanted: string | undefined,
  able: readonly string[],
  all: readonly string[],
): string {
  if (wanted !== undefined) {
    if (able.includes(wanted)) return wanted;
    const reason = all.includes(wanted) ? `is no ${what} of vectors` : 'is not there';
    throw new DataError(
      `${path}: the ${what} "${wanted}" ${reason}. Those that hold vectors: ${someOf(able) || '-'}.`,
    );
  }
  if (able.length === 1) return able[0];
  throw new DataError(
    able.length === 0
      ? `${path} has no ${what} of vectors, only: ${someOf(all) || '-'}.`
      : `${path} has several ${what}s of vectors (${someOf(able)}): choose one with data.features.`,
  );
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
