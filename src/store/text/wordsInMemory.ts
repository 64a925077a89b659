/**
 * The words of all items of a table in memory, for tables that an earlier version made, which keep no words: read from the facts
 * when somebody looks for text, and again when items have changed. A table that is brought up to date keeps its words itself.
 */
import { UsageError } from '../../errors.js';
import { inPieces } from '../../turns.js';
import type { Filter, Store } from '../store.js';
import { type ItemWords, wordsOf } from './itemWords.js';

/** Rows whose words are held in memory. */
const MOST_ROWS = 2_000_000;

/** Items of a batch. */
const BATCH = 1000;

type Scanned = Pick<Store, 'manifest' | 'version' | 'count' | 'scan' | 'list'>;

/** Reads the words of a table's items, or has them from last time. Rejects with UsageError for more than two million rows. */
export function wordsInMemory(store: Scanned): (filter?: Filter) => AsyncGenerator<readonly ItemWords[]> {
  let kept: { readonly version: string; readonly items: Promise<readonly ItemWords[]> } | null = null;
  const current = async () => {
    const version = await store.version();
    if (kept?.version === version) return kept.items;
    const items = read(store);
    kept = { version, items };
    items.catch(() => {
      if (kept?.items === items) kept = null;
    });
    return items;
  };
  return async function* (filter) {
    const items = await current();
    const passing =
      filter && new Set((await store.list({ limit: items.length, filter })).map(({ id }) => id));
    for (let from = 0; from < items.length; from += BATCH)
      yield items.slice(from, from + BATCH).filter(({ id }) => !passing || passing.has(id));
  };
}

async function read(store: Scanned): Promise<ItemWords[]> {
  const count = await store.count();
  if (count > MOST_ROWS)
    throw new UsageError(
      `The table has ${count.toLocaleString('en')} rows and was made before tables kept the words of their items; up to ${MOST_ROWS.toLocaleString('en')} can be searched by text so. Bring it up to date: npx hier index --no-hnsw --out TABLE. Or use conditions on its columns (--where).`,
    );
  const items: ItemWords[] = [];
  const pause = inPieces('scan');
  for await (const batch of store.scan())
    for (const item of batch) {
      items.push({ id: item.id, words: wordsOf(item, store.manifest) });
      await pause();
    }
  return items;
}
