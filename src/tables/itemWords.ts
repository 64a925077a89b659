/** What the columns of items say of them, as the names of a tree take it. Columns are told apart elsewhere, and no name is made here. */
import type { ItemWords } from '../runs/tree/ofItems.js';
import type { ItemFacts } from '../store/store.js';
import { columnWords, mostFrequent } from './treeWords.js';

/** Items with what their columns hold. */
export interface ItemsWithColumns {
  readonly items: readonly Pick<ItemFacts, 'metadata'>[];
  /** Names of the columns. */
  readonly metadata: readonly string[];
}

/** Titles and texts of items, and as levels the columns of few values: of a leaf the value that most of its items have. */
export function wordsOfItems({ items, metadata }: ItemsWithColumns): ItemWords {
  const { kinds, texts, titles } = columnWords(items, metadata);
  return {
    texts,
    titles,
    termsOf: ({ items: rows }) =>
      kinds.map(({ name, terms }) => ({ name, terms: rows.map((list) => mostFrequent(list, terms)) })),
  };
}
