/**
 * An inverted index of the texts of a table in memory: which items have a word, and how often. It is made from a scan of the facts
 * and holds for one version of the items; where it is kept, and what is asked of it, is decided elsewhere.
 */
import { UsageError } from '../../errors.js';
import { inPieces } from '../../turns.js';
import { columnText, own } from '../columns.js';
import type { ItemFacts, Store } from '../store.js';
import { textWords } from './textWords.js';

/** Where a word stands: places of items in the index, ascending, and how often it is there in each. */
interface Postings {
  readonly items: number[];
  readonly counts: number[];
}

/** An index. */
export interface TextIndex {
  /** Ids of the items, by place. */
  readonly ids: readonly string[];
  /** Words of each item. */
  readonly lengths: readonly number[];
  /** All words, sorted. */
  readonly words: readonly string[];
  readonly postings: ReadonlyMap<string, Postings>;
}

/** Rows of a table that can be searched by text: their words are held in memory. */
const MOST_ROWS = 2_000_000;

/** The columns of a table that hold text. */
export const textColumns = ({ metadata, types = {} }: Store['manifest']): string[] =>
  metadata.filter((name) => own(types, name) === undefined);

/** Makes the index of a table as it is. Throws UsageError for one of more than two million rows. */
export async function makeTextIndex(store: Store): Promise<TextIndex> {
  const count = await store.count();
  if (count > MOST_ROWS)
    throw new UsageError(
      `The table has ${count.toLocaleString('en')} rows; up to ${MOST_ROWS.toLocaleString('en')} can be searched by text. Use conditions on its columns (--where) instead.`,
    );
  const columns = textColumns(store.manifest);
  const ids: string[] = [];
  const lengths: number[] = [];
  const postings = new Map<string, Postings>();
  const pause = inPieces('scan');
  for await (const batch of store.scan())
    for (const item of batch) {
      const place = ids.push(item.id) - 1;
      const words = wordsOf(item, columns);
      lengths.push(words.length);
      const counts = new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const [word, times] of counts) {
        let found = postings.get(word);
        if (!found) {
          found = { items: [], counts: [] };
          postings.set(word, found);
        }
        found.items.push(place);
        found.counts.push(times);
      }
      await pause();
    }
  return { ids, lengths, words: [...postings.keys()].sort(), postings };
}

/** Words of all that is text of an item: its id, its class and its columns; not where its picture lies. */
function wordsOf({ id, label, metadata }: ItemFacts, columns: readonly string[]): string[] {
  const texts = [id, label, ...columns.map((name) => columnText(metadata, name))];
  return texts.flatMap((text) => (text === null ? [] : textWords(text, { single: true })));
}

/** Indices of open tables, each for the version that it was made from. */
const kept = new WeakMap<Store, { readonly version: string; readonly index: Promise<TextIndex> }>();

/** The index of a table as it is now: made again when items have changed. Of many who ask at a time one makes it. */
export async function textIndexOf(store: Store): Promise<TextIndex> {
  const version = await store.version();
  const known = kept.get(store);
  if (known?.version === version) return known.index;
  const index = makeTextIndex(store);
  kept.set(store, { version, index });
  index.catch(() => {
    if (kept.get(store)?.index === index) kept.delete(store);
  });
  return index;
}
