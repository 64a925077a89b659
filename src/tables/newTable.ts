/**
 * A new table for a source: its space, what is checked before anything is made, and what is removed again when the first
 * write is refused. Also whether a table that is there takes what a source makes.
 */
import { existsSync, readdirSync, rmdirSync } from '../disk/index.js';
import { createTable, dropTable, openTable, type TableOptions, tableExists } from '../engines/open.js';
import { DataError, UsageError } from '../errors.js';
import { joinValues } from '../rows.js';
import { checkVector } from '../store/check.js';
import { fitSpace, type SearchSpace, writeRow } from '../store/space.js';
import type { Item, Store } from '../store/store.js';
import { parseTable, shownTable } from '../store/tableUri.js';
import type { IndexTableOptions } from './index.js';
import { withNewColumns } from './newColumns.js';
import type { Source } from './source.js';
import { keepTree } from './tree.js';

/** A table that was made for a write that was refused leaves nothing, unless somebody else has written to it. */
export async function dropEmpty(out: string, store: Store, how: TableOptions): Promise<void> {
  const rows = await store.count().catch(() => 0);
  if (rows === 0) await dropTable(out, how).catch(() => undefined); // the first error is the one to tell
}

/** The folder of a table, which is removed when it was not there before and nothing came of the table. */
export function newFolder(out: string): { removeIfEmpty(): void } {
  const place = parseTable(out);
  if (place.kind !== 'folder' || existsSync(place.path)) return { removeIfEmpty: () => undefined };
  return {
    removeIfEmpty() {
      try {
        if (readdirSync(place.path).length === 0) rmdirSync(place.path);
      } catch {
        // It was never made, or somebody else uses it.
      }
    },
  };
}

/** The space for vectors of a source. Throws DataError for vectors that no table can hold. */
export function spaceFor({ dim, metric, curvature, clipRadius }: Source, vectors: Float32Array): SearchSpace {
  const clip = clipRadius === undefined ? {} : { clipRadius };
  return fitSpace({ vectors, dim, metric, curvature, ...clip });
}

/** Throws DataError, naming the item, unless all vectors that are at hand can be in a table. */
export function checkAll({ items, vectorAt, dim }: Source, space: SearchSpace): void {
  const row = new Float32Array(space.width);
  const features = new Float64Array(space.mean.length);
  for (const item of items) {
    const vector = vectorAt!(item.row);
    checkVector(vector, dim, `The item "${item.id}"`);
    try {
      writeRow(space, vector, row, 0, features);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(`The item "${item.id}": ${error.message}`, { cause: error });
    }
  }
}

/** Makes the table, or opens the one that another writer has just made. */
export async function createFor(
  options: IndexTableOptions,
  source: Source,
  first: readonly Item[],
  { thumbnail, space: fitted }: { readonly thumbnail: number; readonly space: SearchSpace | undefined },
): Promise<{ readonly store: Store; readonly made: boolean }> {
  const { out, how = {} } = options;
  const { dim, model, metadata, types } = source;
  // Checked before anything is made, so that a refusal leaves nothing.
  for (const { id, vector } of first) checkVector(vector, dim, `The item "${id}"`);
  const space = fitted ?? spaceFor(source, joinValues(first.map(({ vector }) => vector)));
  if (!fitted && source.vectorAt) checkAll(source, space);
  let store: Store;
  let made = true;
  try {
    const engine = options.hnsw ? { engine: 'lance' as const } : {};
    const fit = { rows: source.items.length, ...engine, ...how };
    store = await createTable(out, { space, model, thumbnail, metadata, types }, fit);
  } catch (error) {
    if (!(await tableExists(out, how))) throw error;
    made = false;
    store = await openTable(out, how);
    requireSame(store, source, thumbnail, out);
    store = await withNewColumns(store, source, { out, how });
  }
  try {
    // Now, since items hang from it if this is killed.
    if (source.tree) await keepTree(store, source.tree, options);
  } catch (error) {
    if (made) await dropEmpty(out, store, how);
    throw error;
  }
  return { store, made };
}

/** Throws UsageError when what a source makes does not belong into a table. Its columns need not be there. */
export function requireSame({ manifest }: Store, source: Source, thumbnail: number, out: string): void {
  const table = shownTable(out);
  const { space, model } = manifest;
  const another = `Choose another table with --out, or delete ${table} first.`;
  if ((model?.hash ?? null) !== (source.model?.hash ?? null))
    throw new UsageError(
      `The table ${table} holds vectors of ${model ? `another model ("${model.name}")` : 'a file'}: they cannot be compared with these. ${another}`,
    );
  const curvature = source.metric === 'hyperbolic' ? source.curvature : 0;
  if (space.metric !== source.metric || space.curvature !== curvature || space.dim !== source.dim) {
    const told =
      space.metric === 'hyperbolic' ? `--curvature ${space.curvature}` : `--metric ${space.metric}`;
    const isTold = space.dim === source.dim && source.run === undefined;
    const hint = isTold ? `Give ${told} if they are of the same kind. ` : '';
    throw new UsageError(
      `The table ${table} holds vectors of ${space.dim} numbers (${space.metric}, curvature ${space.curvature}); these have ${source.dim} (${source.metric}, curvature ${curvature}). ${hint}${another}`,
    );
  }
  if (thumbnail !== manifest.thumbnail)
    throw new UsageError(
      `The thumbnails of the table ${table} have ${manifest.thumbnail} pixels, not ${thumbnail}. ${another}`,
    );
}
