/**
 * Precomputed feature vectors as a data set. It keeps the contract of Dataset (items, labels, splits), with a row of
 * numbers for each item instead of an image. Labels are optional: without them all rows form one training split
 * without classes. How files of vectors are read is not decided here.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, extname, resolve } from 'node:path';
import { createReadStream, existsSync } from '../disk/index.js';
import { DataError, suggestion } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { readNpyColumn } from '../io/npy.js';
import { cellOf, readRows } from '../io/readRows.js';
import { someOf } from '../io/someOf.js';
import { readVectors } from '../io/vectors.js';
import { counted } from '../shown.js';
import { assemble, type Entry } from './assemble.js';
import type { Dataset, Taxonomy } from './dataset.js';
import { requiredLabel, requiredValue, taxonomyColumns } from './manifest.js';
import { splitColumns } from './splitColumns.js';
import type { Part } from './splits.js';

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
   * The labels, one a row in the order of the rows: a `.csv` or `.jsonl` file with the column `label`, or for vectors
   * without classes `id` alone, and optionally `id`, `split`, `is_query`, `is_gallery` and `taxonomy.LEVEL`; a `.npy` column of numbers or strings; or the name of a column
   * (Parquet) or tensor (safetensors) of the file itself. Default: none.
   */
  readonly labels?: string | null | undefined;
  /** Tensor or column that holds the vectors. Default: the one named `embeddings`, else the only one that can. */
  readonly features?: string | null | undefined;
}

/** What is known about the rows besides their numbers. */
interface Labels {
  /** Undefined where a file names the rows and not their classes. */
  readonly names: readonly string[] | undefined;
  /** Rows that it speaks of. */
  readonly count: number;
  readonly ids?: readonly string[] | undefined;
  readonly parts?: readonly Part[] | undefined;
  readonly warnings?: readonly string[] | undefined;
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
 * differ from the rows in number, ids that repeat, and labels that break the contract of Dataset
 */
export async function openVectors(file: string, options: VectorOptions = {}): Promise<VectorDataset> {
  const path = resolve(file);
  const labelsFile =
    options.labels != null && existsSync(options.labels) ? resolve(options.labels) : undefined;
  const own = labelsFile === undefined ? (options.labels ?? undefined) : undefined;
  const rows = await readVectors(file, {
    name: options.features ?? undefined,
    labels: own,
    advice: 'choose one with data.features',
  });
  const { dim, values: features } = rows;
  const total = features.length / dim;
  const labels = labelsFile === undefined ? ownLabels(rows.labels) : readLabels(labelsFile);
  const where = labelsFile ?? path;
  if (labels && labels.count !== total)
    throw new DataError(
      `${where} has ${labels.names ? counted(labels.count, 'label') : counted(labels.count, 'row')} for the ${counted(total, 'row')} of ${path}.`,
    );
  const ids = labels?.ids ?? rows.ids ?? Array.from({ length: total }, (_, row) => `${row}`);
  refuseRepeats(where, ids);
  const origin = JSON.stringify({
    vectors: await sha256(path),
    features: options.features ?? null,
    labels: labelsFile === undefined ? (own ?? null) : await sha256(labelsFile),
  });
  const isLabelled = labels?.names !== undefined;
  const dataset = labels?.names
    ? labelled(path, where, ids, { ...labels, names: labels.names })
    : unlabelled(path, ids, labels?.warnings);
  const warnings = [...rows.notes, ...unusedNote(path, rows.unused, isLabelled), ...dataset.warnings];
  return { ...dataset, warnings, origin, dim, features, isLabelled };
}

/** Names that columns of classes have. */
const LABELS = /^(labels?|class(es)?|class_?(id|name)|categor(y|ies)|targets?|y)$/i;
/** Names of columns that divide rows. */
const PARTS = /^(split|set|subset|partition|fold|phase|is_?(query|gallery|train|test|val(id)?))$/i;

/** What a file knows of its rows and is not used; empty when it is nothing of note. */
function unusedNote(path: string, unused: readonly string[], isLabelled: boolean): string[] {
  const like = (names: RegExp) => unused.filter((name) => names.test(name));
  const parts = like(PARTS);
  const labels = isLabelled ? [] : like(LABELS);
  return [
    ...(labels.length > 0
      ? [`${path} also holds ${someOf(labels)}: to take it for the labels, set data.labels=${labels[0]}.`]
      : []),
    ...(parts.length > 0
      ? [
          `${path} also holds ${someOf(parts)}, which are not used: splits are read from a .csv or .jsonl file in data.labels.`,
        ]
      : []),
  ];
}

const ownLabels = (names: readonly string[] | undefined): Labels | undefined =>
  names && { names, count: names.length };

function labelled(
  path: string,
  where: string,
  ids: readonly string[],
  labels: Labels & { readonly names: readonly string[] },
): Dataset {
  const { names, parts, warnings, taxonomyOf } = labels;
  const classes = [...new Set(names)];
  const entries = names.map((className, row): Entry => ({ id: ids[row], path, className, ...parts?.[row] }));
  return assemble(entries, {
    name: basename(path, extname(path)),
    root: dirname(path),
    source: where,
    classes,
    taxonomy: taxonomyOf?.(classes),
    ...(warnings ? { warnings } : {}),
  });
}

function unlabelled(path: string, ids: readonly string[], warnings: readonly string[] = []): Dataset {
  return {
    name: basename(path, extname(path)),
    root: dirname(path),
    items: ids.map((id) => ({ id, path, label: -1 })),
    classes: [],
    train: ids.map((_, row) => row),
    test: [],
    attribution: [],
    warnings: [
      ...warnings,
      'The vectors have no labels: nothing can be measured, a hierarchy can be learned.',
    ],
  };
}

function readLabels(file: string): Labels {
  const extension = extname(file).toLowerCase();
  if (extension === '.npy') return ownLabels(readNpyColumn(file))!;
  if (!['.csv', '.tsv', '.jsonl'].includes(extension))
    throw new DataError(`Labels are read from a .csv, .tsv, .jsonl or .npy file, not from ${file}.`);
  const list = readRows(file);
  const { columns, rows, notes = [] } = list;
  const has = (column: string) => columns.includes(column);
  const close = columns.find((name) => LABELS.test(name));
  if (!has('label') && (!has('id') || close !== undefined))
    throw new DataError(
      `${file} has no column "label", only: ${someOf(columns)}.${close === undefined ? suggestion('label', columns) : ` Did you mean "${close}"?`} Needed is label, or id for vectors without classes; optional are split, is_query, is_gallery and taxonomy.LEVEL.`,
    );
  const ids = has('id') ? rows.map((row) => requiredValue(file, row, 'id')) : undefined;
  const count = rows.length;
  // What hier embed writes beside the vectors of images without classes has the column, and nothing in it.
  const isNamed = has('label') && (!ids || rows.some((row) => !isMissing(cellOf(row, 'label') ?? '')));
  if (!isNamed) return { names: undefined, count, ids, warnings: [...notes, ...unusedParts(file, columns)] };
  const { parts, warnings } = splitColumns(file, list);
  return {
    names: rows.map((row) => requiredLabel(file, row)),
    ...{ count, ids, parts, warnings: [...notes, ...warnings] },
    taxonomyOf: (classes) => taxonomyColumns(file, list, classes),
  };
}

/** Says that vectors without classes are not divided. */
function unusedParts(file: string, columns: readonly string[]): string[] {
  const found = columns.filter((name) => PARTS.test(name));
  return found.length === 0
    ? []
    : [`${file}: ${someOf(found)} is not used: vectors without labels are all for training.`];
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
