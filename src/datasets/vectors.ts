/**
 * Precomputed feature vectors as a data set: a `.npy` matrix, a tensor of a `.safetensors` file, or a column of
 * a `.parquet` file. It keeps the contract of Dataset (items, labels, splits), with a row of numbers for each item
 * instead of an image. Labels are optional: without them all rows form one training split without classes.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { DataError } from '../errors.js';
import { readNpy, readNpyColumn } from '../io/npy.js';
import { openParquet, type ParquetFile } from '../io/parquet.js';
import { readSafetensors, type StoredTensor } from '../io/safetensors.js';
import { assemble, count, type Entry, type Split, someOf } from './assemble.js';
import type { Dataset, Taxonomy } from './dataset.js';
import { readSplit, readTaxonomy, requiredValue } from './manifest.js';
import { readTable, type Table } from './table.js';

/** File name endings of vectors, in lower case. */
export const VECTOR_EXTENSIONS: readonly string[] = ['.npy', '.safetensors', '.parquet'];

/** Vectors as a data set; item i is row i, and its path is the file that all of them are in. */
export interface VectorDataset extends Dataset {
  /** Numbers in a row. */
  readonly dim: number;
  /** `[N, dim]`, finite. */
  readonly features: Float32Array;
  /** False when there are no labels: `classes` is empty, every label is -1, and all rows are in `train`. */
  readonly isLabelled: boolean;
}

/** Where the vectors and their labels are. */
export interface VectorOptions {
  /**
   * The labels, one a row in the order of the rows: a `.csv` or `.jsonl` file with the column `label` and
   * optionally `id`, `split` and `taxonomy.LEVEL`; a `.npy` column of numbers or strings; or the name of a column
   * (Parquet) or tensor (safetensors) of the file itself. Default: none.
   */
  readonly labels?: string | null | undefined;
  /** Tensor or column that holds the vectors. Default: the only one that can. */
  readonly features?: string | null | undefined;
}

/** Rows of numbers, and what their own file says about them. */
interface Rows {
  readonly dim: number;
  readonly features: Float32Array;
  readonly ids?: readonly string[];
  readonly labels?: readonly string[];
}

/** What is known about the rows besides their numbers. */
interface Labels {
  readonly names: readonly string[];
  readonly ids?: readonly string[] | undefined;
  readonly splits?: readonly Split[] | undefined;
  readonly taxonomyOf?: ((classes: readonly string[]) => Taxonomy | undefined) | undefined;
}

/** Whether a data set holds vectors instead of images. */
export function isVectorDataset(dataset: Dataset): dataset is VectorDataset {
  return 'features' in dataset;
}

/**
 * Opens a file of vectors. Classes are numbered in order of first appearance and, without given splits, alternate
 * between train and test as those of images do.
 *
 * @throws DataError for a file that is damaged or holds no such rows, numbers that are not finite, labels that
 * are not as many as rows, ids that repeat, and labels that break the contract of Dataset
 */
export async function openVectors(file: string, options: VectorOptions = {}): Promise<VectorDataset> {
  const path = resolve(file);
  if (!existsSync(path)) throw new DataError(`There is no file ${file}.`);
  const labelsFile =
    options.labels != null && existsSync(options.labels) ? resolve(options.labels) : undefined;
  const own = labelsFile === undefined ? (options.labels ?? undefined) : undefined;
  const rows = await readRows(path, options.features ?? undefined, own);
  const { dim, features } = rows;
  const total = dim > 0 ? features.length / dim : 0;
  if (total === 0) throw new DataError(`${path} holds no vectors.`);
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new DataError(
      `${path}: the number in row ${Math.floor(wrong / dim)}, column ${wrong % dim} (from 0) is ${features[wrong]}.`,
    );

  const labels = labelsFile === undefined ? rows.labels && { names: rows.labels } : readLabels(labelsFile);
  const where = labelsFile ?? path;
  if (labels && labels.names.length !== total)
    throw new DataError(
      `${where} has ${count(labels.names.length, 'label')} for the ${count(total, 'row')} of ${path}.`,
    );
  const ids =
    (labels as Labels | undefined)?.ids ?? rows.ids ?? Array.from({ length: total }, (_, row) => `${row}`);
  refuseRepeats(where, ids);
  const origin = JSON.stringify({
    vectors: await sha256(path),
    features: options.features ?? null,
    labels: labelsFile === undefined ? (own ?? null) : await sha256(labelsFile),
  });
  const dataset = labels ? labelled(path, where, ids, labels) : unlabelled(path, ids);
  return { ...dataset, origin, dim, features, isLabelled: labels !== undefined };
}

function labelled(path: string, where: string, ids: readonly string[], labels: Labels): Dataset {
  const { names, splits, taxonomyOf } = labels;
  const classes = [...new Set(names)];
  const entries = names.map(
    (className, row): Entry => ({ id: ids[row], path, className, ...(splits ? { split: splits[row] } : {}) }),
  );
  return assemble(entries, {
    name: basename(path, extname(path)),
    root: dirname(path),
    source: where,
    classes,
    taxonomy: taxonomyOf?.(classes),
  });
}

function unlabelled(path: string, ids: readonly string[]): Dataset {
  return {
    name: basename(path, extname(path)),
    root: dirname(path),
    items: ids.map((id) => ({ id, path, label: -1 })),
    classes: [],
    train: ids.map((_, row) => row),
    test: [],
    attribution: [],
    warnings: ['The vectors have no labels: nothing can be measured, a hierarchy can be learned.'],
  };
}

function readRows(
  path: string,
  features: string | undefined,
  labels: string | undefined,
): Rows | Promise<Rows> {
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

function matrixRows(path: string): Rows {
  const { shape, data } = readNpy(path);
  return { dim: shape[1], features: data instanceof Float32Array ? data : Float32Array.from(data) };
}

function tensorRows(path: string, features: string | undefined, labels: string | undefined): Rows {
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
): Promise<Rows> {
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

function readLabels(file: string): Labels {
  const extension = extname(file).toLowerCase();
  if (extension === '.npy') return { names: readNpyColumn(file) };
  if (extension !== '.csv' && extension !== '.jsonl')
    throw new DataError(`Labels are read from a .csv, .jsonl or .npy file, not from ${file}.`);
  const table: Table = readTable(file);
  if (!table.columns.includes('label'))
    throw new DataError(`${file} has no column "label", only: ${someOf(table.columns)}.`);
  const has = (column: string) => table.columns.includes(column);
  return {
    names: table.rows.map((row) => requiredValue(file, row, 'label')),
    ids: has('id') ? table.rows.map((row) => requiredValue(file, row, 'id')) : undefined,
    splits: has('split') ? table.rows.map((row) => readSplit(file, row)) : undefined,
    taxonomyOf: (classes) => readTaxonomy(file, table, classes),
  };
}

function refuseRepeats(where: string, ids: readonly string[]): void {
  const seen = new Map<string, number>();
  ids.forEach((id, row) => {
    const earlier = seen.get(id);
    if (earlier !== undefined)
      throw new DataError(`${where}: rows ${earlier} and ${row} (from 0) both have the id "${id}".`);
    seen.set(id, row);
  });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
