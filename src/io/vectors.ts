/**
 * The one reader of files of vectors, for training, indexing and searching alike: a `.npy` matrix, a tensor of a
 * `.safetensors` file, a column of a `.parquet` file. It reads numbers and what their own file says about them; what
 * they are vectors of is decided elsewhere.
 */

import { extname } from 'node:path';
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { foreignFile } from './foreign.js';
import { numberLabel } from './missing.js';
import { readNpy } from './npy.js';
import { readParquetVectors } from './parquet/parquetVectors.js';
import {
  isSealed,
  readSafetensors,
  readSafetensorsHeader,
  type StoredTensor,
} from './safetensors/safetensors.js';
import type { TensorPlace } from './safetensors/safetensorsHeader.js';
import { vectorNotes } from './vectorNotes.js';
import { chooseVectors, type VectorPlace } from './vectorPlace.js';

/** File name endings of vectors, in lower case. */
export const VECTOR_FORMATS: readonly string[] = ['.npy', '.safetensors', '.parquet'];

/** Vectors, and what their own file says about them. */
export interface VectorFile {
  /** `[N, dim]`, finite, at least one row. */
  readonly values: Float32Array;
  /** Numbers in a row. */
  readonly dim: number;
  /** Ids of the rows, from a column `id` of a Parquet file. */
  readonly ids?: readonly string[];
  /** Labels of the rows, when a tensor or column was named for them. */
  readonly labels?: readonly string[];
  /** Free texts of a safetensors file by key; empty for other formats. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of tensors or columns of the file that were not read. */
  readonly unused: readonly string[];
  /** What a reader of results should know of the numbers: rows that cannot be told apart. Sentences, usually none. */
  readonly notes: readonly string[];
}

/** Vectors before their numbers were looked at. */
type Rows = Omit<VectorFile, 'notes'>;

/** Options of {@link readVectors}. */
export interface VectorFileOptions {
  /** Tensor or column that holds the vectors. Default: the one named `embeddings`, else the only one that can. */
  readonly name?: string | undefined;
  /** Tensor or column of the same file that holds the labels. Default: none. */
  readonly labels?: string | undefined;
  /** What an error advises when several could be meant. Default: to name one of them "embeddings". */
  readonly advice?: string | undefined;
}

/** Whether a path ends as files of vectors do. */
export function hasVectorFormat(path: string): boolean {
  return VECTOR_FORMATS.includes(extname(path).toLowerCase());
}

/**
 * Reads the vectors of a file. Of a file with several tensors or columns it takes the one that is named, else the one
 * called `embeddings`, else the only one that holds vectors (floating-point numbers, one row an item).
 *
 * @throws DataError for a file that is missing, damaged or of another kind, that holds no vectors or several without
 * a choice, and for numbers that are not finite, by row
 */
export async function readVectors(path: string, options: VectorFileOptions = {}): Promise<VectorFile> {
  if (!hasVectorFormat(path))
    throw new DataError(
      `${path} is not a file of vectors: its name must end in ${VECTOR_FORMATS.join(', ')}.${foreignFile(path, 'vectors')}`,
    );
  if (!existsSync(path)) throw new DataError(`There is no file ${path}.`);
  const file = await read(path, { path, what: 'tensor', ...options });
  if (file.values.length === 0) throw new DataError(`${path} holds no vectors.`);
  refuseInfinite(path, file);
  return { ...file, notes: vectorNotes(path, file) };
}

async function read(path: string, place: VectorPlace): Promise<Rows> {
  switch (extname(path).toLowerCase()) {
    case '.npy':
      return matrixRows(place);
    case '.safetensors':
      return tensorRows(place);
    default:
      return { ...(await readParquetVectors({ ...place, what: 'column' })), metadata: {} };
  }
}

function matrixRows({ path, name, labels }: VectorPlace): Rows {
  if (name !== undefined)
    throw new DataError(`${path} holds one matrix without a name, so there is no "${name}" in it.`);
  if (labels !== undefined) throw new DataError(`There is no file of labels ${labels}.`);
  const matrix = readNpy(path);
  return { dim: matrix.shape[1], values: asFloat32(path, matrix), metadata: {}, unused: [] };
}

/** Types of tensors that can be vectors. */
const FLOATS = ['F16', 'BF16', 'F32', 'F64'];

function tensorRows(place: VectorPlace): Rows {
  const { path, labels } = place;
  const header = readSafetensorsHeader(path);
  const able = header.tensors.filter(({ type, shape }) => FLOATS.includes(type) && shape.length === 2);
  const name = chooseVectors(place, {
    able: able.map((tensor) => tensor.name),
    all: header.tensors.map((tensor) => ({ name: tensor.name, is: described(tensor) })),
  });
  if (labels !== undefined && !header.tensors.some((tensor) => tensor.name === labels))
    throw new DataError(
      `${labels} is neither a file nor a tensor of ${path}: ${header.tensors.map((tensor) => tensor.name).join(', ')}.`,
    );
  const names = labels === undefined ? [name] : [name, labels];
  const { tensors, metadata } = readSafetensors(path, { names, verify: isSealed(header) });
  const tensor = tensors.get(name)! as StoredTensor<Float32Array | Float64Array>;
  return {
    dim: tensor.shape[1],
    values: asFloat32(path, tensor),
    metadata,
    unused: header.tensors.map((tensor) => tensor.name).filter((other) => !names.includes(other)),
    ...(labels === undefined ? {} : { labels: labelsOf(path, labels, tensors.get(labels)!) }),
  };
}

/** A tensor of labels as texts. Throws DataError, by row, for one that is not a number. */
function labelsOf(path: string, name: string, { data, shape }: StoredTensor): string[] {
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1))
    throw new DataError(`${path}: the tensor "${name}" has the shape [${shape}]; labels are one a row.`);
  return Array.from(data as ArrayLike<number | bigint>, (value, row) =>
    numberLabel(value, () => `${path}: row ${row} (from 0) of "${name}"`),
  );
}

/** Type and shape of a tensor, for a message. */
function described({ type, shape }: TensorPlace): string {
  return `${type} [${shape.join(', ')}]`;
}

/** Numbers as float32. Throws DataError, by row, for one that is finite and larger than a float32 can be. */
function asFloat32(
  path: string,
  { data, shape }: Pick<StoredTensor<Float32Array | Float64Array>, 'data' | 'shape'>,
): Float32Array {
  if (data instanceof Float32Array) return data;
  const values = Float32Array.from(data);
  const wrong = values.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(data[i]));
  if (wrong >= 0)
    throw new DataError(
      `${numberAt(path, wrong, shape[1])} is ${data[wrong]}, which is beyond what float32 can hold. Scale the vectors, or normalise them.`,
    );
  return values;
}

function refuseInfinite(path: string, { values, dim }: Rows): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(`${numberAt(path, wrong, dim)} is ${values[wrong]}. Mend the row, or leave it out.`);
}

const numberAt = (path: string, index: number, dim: number) =>
  `${path}: the number in row ${Math.floor(index / dim)}, column ${index % dim} (from 0)`;
