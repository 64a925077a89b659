/**
 * The indices of a LanceDB table, of vectors, ids and words, where their files are damaged. Everything in them can be made again
 * from the rows, so what reads does without one that cannot be read, remembers it, and can say so; maintenance makes it again
 * (see maintainIndex). Rows that are damaged are not its business.
 */
import type { Table } from '@lancedb/lancedb';
import { DataError, HierError } from '../../errors.js';
import { libraryFaults } from '../../store/boundary.js';
import type { IndexPart } from '../../store/store.js';

/** Name of the index of a part. */
export const INDEX_NAMES: Readonly<Record<IndexPart, string>> = {
  vectors: 'search_idx',
  ids: 'id_idx',
  words: 'words_idx',
};
const PARTS = Object.keys(INDEX_NAMES) as IndexPart[];

/** What is known of damage to the indices of a table. */
export interface LanceIndices {
  /**
   * Does `work`, which may use the index of a part; where that cannot be read, does `without` it, and at once from then on,
   * as long as the table stays as it is. Rejects with what `work` throws for any other reason.
   */
  around<T>(part: IndexPart, work: () => Promise<T>, without: () => Promise<T>): Promise<T>;
  /** As `around`, for rows under a condition in SQL. */
  where<T>(condition: string | undefined, work: (condition: string | undefined) => Promise<T>): Promise<T>;
  /** Notes that a part cannot be used. */
  mark(part: IndexPart): Promise<void>;
  /** Parts that are known to be damaged. */
  damaged(): Promise<IndexPart[]>;
  /** Reads all indices from end to end; the parts that are damaged. */
  look(): Promise<IndexPart[]>;
}

/** Watches the indices of a table. */
export function indicesOf(table: Pick<Table, 'version' | 'indexStats' | 'prewarmIndex'>): LanceIndices {
  let known: { readonly version: number; readonly parts: Set<IndexPart> } | null = null;

  const current = async () => {
    if (known && known.version !== (await table.version())) known = null;
    return known?.parts;
  };
  const mark = async (part: IndexPart) => {
    known ??= { version: await table.version(), parts: new Set() };
    known.parts.add(part);
  };
  const around: LanceIndices['around'] = async (part, work, without) => {
    if ((await current())?.has(part)) return without();
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      const done = await without();
      await mark(part);
      return done;
    }
  };
  return {
    around,
    where: (condition, work) => {
      const unindexed = withoutIdIndex(condition);
      return unindexed === condition
        ? work(condition)
        : around(
            'ids',
            () => work(condition),
            () => work(unindexed),
          );
    },
    mark,
    damaged: async () => [...((await current()) ?? [])],
    async look() {
      for (const part of PARTS)
        if (await table.indexStats(INDEX_NAMES[part]))
          await around(
            part,
            () => table.prewarmIndex(INDEX_NAMES[part]),
            async () => undefined,
          );
      return [...((await current()) ?? [])];
    },
  };
}

/** Whether the engine could not make sense of a file; not where a system or network fails, or hier has found a row damaged. */
function isDamage(error: unknown): boolean {
  return !(error instanceof HierError) && FAULTS(error, 'read') instanceof DataError;
}

const FAULTS = libraryFaults({ engine: 'LanceDB', table: '' });

/** A condition of ids, which stand first, in a form that the index of ids does not serve. */
function withoutIdIndex(condition: string | undefined): string | undefined {
  return condition?.replace(/^(\(?)id (?=IN |NOT IN )/, "$1(id || '') ");
}
