/**
 * Rows of vectors for a table, from a file of any model or from a complete set of fragments of `hier embed --shard`.
 * A file is read whole; of fragments the items are, and vectors when they are asked for.
 */

import { extname } from 'node:path';
import { existsSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { isFragmentFolder, readFragmentFolder } from '../fleet/fragmentFolder.js';
import { fragmentRows } from '../fleet/fragmentRows.js';
import { readVectors } from '../io/vectors.js';
import { type ColumnRoles, type ItemDescription, type ItemFile, readItemFile } from '../items/describe.js';
import { rowAt } from '../rows.js';
import type { ColumnType, Manifest } from '../store/manifest.js';

/** Vectors with the items that they are of. */
export interface VectorRows {
  readonly items: readonly ItemDescription[];
  /** Names of further columns of the items. */
  readonly metadata: readonly string[];
  /** Types of those that are not text. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Whether the items come with a column of this name. */
  readonly has: (column: string) => boolean;
  readonly dim: number;
  /** Curvature parameter, where it is known. */
  readonly curvature: number | undefined;
  /** The model that made them, where it is known. */
  readonly model: Manifest['model'];
  readonly clipRadius?: number;
  /** All vectors, where they are in memory. */
  readonly values?: Float32Array;
  /** Vector of a row; quick when rows are asked for in order. */
  readonly vectorAt: (row: number) => Float32Array;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** How {@link openVectorRows} reads. */
export interface VectorRowsOptions {
  /** A file with items, for a file of vectors. */
  readonly items?: string | undefined;
  /** The classes: a file with a column `label`, or a tensor or column of the file of vectors. */
  readonly labels?: string | undefined;
  /** The tensor or column of a file that holds the vectors. Default: the one called `embeddings`, else the only one. */
  readonly features?: string | undefined;
  /** Which columns of the items are id and class, where they have other names. */
  readonly roles?: ColumnRoles | undefined;
  /** Columns of the table that the items are for. */
  readonly known?: Pick<Manifest, 'metadata' | 'types'> | undefined;
  /** What the file with items is written in, where it is not UTF-8. */
  readonly encoding?: string | undefined;
  /** Rows that will be asked for more than once, so that they are kept. */
  readonly keep: number;
}

/** Opens a file of vectors, or a folder of fragments. Throws DataError when they are not sound or not complete. */
export async function openVectorRows(source: string, options: VectorRowsOptions): Promise<VectorRows> {
  const { items, labels, features, keep } = options;
  if (!isFragmentFolder(source)) return fileRows(source, options);
  if (features !== undefined) throw new UsageError('--features is for files of vectors; fragments have one.');
  if (items !== undefined)
    throw new UsageError(`--items is for files of vectors; the fragments in ${source} hold their items.`);
  if (labels !== undefined)
    throw new UsageError(`--labels is for files of vectors; the fragments in ${source} hold their classes.`);
  const folder = readFragmentFolder(source);
  const { model, modelHash, bad } = folder;
  return {
    items: folder.parts.flatMap((part) =>
      part.items.map(({ id, path, label }) => plain({ id, path, label })),
    ),
    metadata: [],
    types: {},
    has: (column) => column === 'path' || column === 'label',
    dim: model.embeddingSize,
    curvature: model.curvature,
    model: { name: model.name, hash: modelHash },
    clipRadius: model.clipRadius,
    vectorAt: fragmentRows(folder, keep),
    notes: bad.map(({ reason }) => `skipped: ${reason}`),
  };
}

async function fileRows(
  source: string,
  { items, labels: labelled, features: name, roles, known, encoding }: VectorRowsOptions,
): Promise<VectorRows> {
  const isFile = labelled !== undefined && existsSync(labelled);
  if (isFile && items !== undefined)
    throw new UsageError('Give --items or a file of --labels, not both: either says what the rows are.');
  const given = isFile ? labelled : items;
  const {
    values,
    dim,
    ids,
    labels,
    metadata: texts,
  } = await readVectors(source, {
    name,
    labels: isFile ? undefined : labelled,
    advice: 'choose one with --features',
  });
  const rows = values.length / dim;
  const beside = `${source}.items.jsonl`;
  const file = given ?? (existsSync(beside) ? beside : undefined);
  const described: Omit<ItemFile, 'splits'> =
    file !== undefined
      ? await readItemFile(file, { roles, known, encoding })
      : extname(source).toLowerCase() === '.parquet'
        ? await readItemFile(source, { roles, known, ids: ids ?? rowNumbers(rows) })
        : { items: unnamed(rows, ids), metadata: [], types: {}, columns: [], notes: [] };
  const { metadata, types, columns, notes } = described;
  const found = labels
    ? described.items.map((item, row) => ({ ...item, label: labels[row] }))
    : described.items;
  if (found.length !== rows)
    throw new DataError(`${source} has ${rows} vectors, but ${file} describes ${found.length} items.`);
  return {
    items: found,
    metadata,
    types,
    has: (column) => columns.includes(column),
    dim,
    curvature: curvatureIn(texts.model),
    model: null,
    values,
    vectorAt: (row) => rowAt({ values, dim }, row),
    notes,
  };
}

const rowNumbers = (rows: number) => Array.from({ length: rows }, (_, row) => String(row));

/** The curvature in a model's description, where there is one. */
function curvatureIn(model: string | undefined): number | undefined {
  try {
    const { curvature } = JSON.parse(model ?? '{}') as { curvature?: unknown };
    return typeof curvature === 'number' ? curvature : undefined;
  } catch {
    return undefined;
  }
}

/** Items that nothing describes: the file's own ids, else the numbers of the rows. */
function unnamed(rows: number, ids: readonly string[] | undefined): ItemDescription[] {
  return Array.from({ length: rows }, (_, row) =>
    plain({ id: ids?.[row] ?? String(row), path: null, label: null }),
  );
}

function plain(facts: Pick<ItemDescription, 'id' | 'path' | 'label'>): ItemDescription {
  return { ...facts, node: null, place: null, metadata: {} };
}
