/**
 * The words of an item as one text, ` oat milk `, a blank before and behind each: what engines keep in a column of their own,
 * index and look through, so that a word means the same in all of them. Which words are looked for is not known here.
 */
import { columnText, own } from '../columns.js';
import type { Manifest } from '../manifest.js';
import type { ItemFacts } from '../store.js';
import { textWords } from './textWords.js';

/** An item by its id, and its words. */
export interface ItemWords {
  readonly id: string;
  readonly words: string;
}

/** Characters of all words of an item: in UTF-8 at most 900,000 bytes, of which PostgreSQL can index 2^20. */
const LONGEST = 300_000;

/** Names of the columns of a table that hold text. */
export const textColumns = ({ metadata, types = {} }: Pick<Manifest, 'metadata' | 'types'>): string[] =>
  metadata.filter((name) => own(types, name) === undefined);

/**
 * All that is text of an item, by column and by `id` and `label`, not where its picture lies. A column of
 * the table's user that is called `id` or `label` has its own words and that of the item, as one text.
 */
export function textsOf(
  { id, label, metadata }: Pick<ItemFacts, 'id' | 'label' | 'metadata'>,
  manifest: Pick<Manifest, 'metadata' | 'types'>,
): Record<string, string> {
  const texts = Object.create(null) as Record<string, string>;
  const named = textColumns(manifest).map((name) => [name, columnText(metadata, name)] as const);
  for (const [name, text] of [['id', id], ['label', label], ...named] as const)
    if (text !== null && text !== undefined) texts[name] = name in texts ? `${texts[name]} ${text}` : text;
  return texts;
}

/** Words of all that is text of an item, in order and with repeats: its id, its class and its columns; not where its picture lies. */
export function wordsOf(
  { id, label, metadata }: Pick<ItemFacts, 'id' | 'label' | 'metadata'>,
  manifest: Pick<Manifest, 'metadata' | 'types'>,
): string {
  return wordsIn([id, label, ...textColumns(manifest).map((name) => columnText(metadata, name))]);
}

/** Words of some texts, null for none. */
export function wordsIn(texts: readonly (string | null | undefined)[]): string {
  let words = ' ';
  for (const text of texts) {
    if (text === null || text === undefined) continue;
    for (const word of textWords(text, { single: true })) {
      if (words.length + word.length >= LONGEST) return words;
      words += `${word} `;
    }
  }
  return words;
}
