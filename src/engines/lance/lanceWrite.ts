/** Writing to a LanceDB table beside other writers: the same ids at once, and commits that get in each other's way. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Table } from '@lancedb/lancedb';

/** Tries of a piece of work that meets another writer. */
const TRIES = 6;
/** Wait before the second try, ms; twice as long before each further one. */
const WAIT = 25;

/** Whether work failed for the work of another writer alone: a commit before its own, or its files cleaned up. */
export function isConflict(error: unknown): boolean {
  return /commit conflict|concurrent|please retry|not found|already exists/i.test((error as Error).message);
}

/** Does work that writes to a table; again, on its newest version, when another writer came first. */
export async function besideOthers<T>(
  table: Pick<Table, 'checkoutLatest'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || !isConflict(error)) throw error;
      await delay(WAIT * 2 ** (attempt - 1));
      await table.checkoutLatest();
    }
  }
}

/** Adds or replaces rows by key. Without the scalar index, whose path would let two writers add one id twice. */
export async function upsert(table: Table, key: string, data: Parameters<Table['add']>[0]): Promise<void> {
  await besideOthers(table, () =>
    table.mergeInsert(key).whenMatchedUpdateAll().whenNotMatchedInsertAll().useIndex(false).execute(data),
  );
}
