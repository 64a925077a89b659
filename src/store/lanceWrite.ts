/** Writing to a LanceDB table such that several processes may write the same ids at once. */
import type { Table } from '@lancedb/lancedb';

/** Tries of a write that met another writer's clean-up. */
const TRIES = 4;

/**
 * Adds or replaces rows by key. Without the scalar index, whose path would let two writers add one id twice; and
 * again on the newest version when files vanished under it.
 */
export async function upsert(table: Table, key: string, data: Parameters<Table['add']>[0]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await table
        .mergeInsert(key)
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .useIndex(false)
        .execute(data);
      return;
    } catch (error) {
      if (attempt === TRIES || !/not found/i.test((error as Error).message)) throw error;
      await table.checkoutLatest();
    }
  }
}
