/**
 * Why a search by text finds nothing: which words no item has, or that none has them together. Each word is looked for by itself, by
 * the same question as the text, so that it means the same in every engine. It costs a look for each, and only where nothing is found.
 */
import { counted } from '../../shown.js';
import type { Filter, Store } from '../store.js';
import { type AskedWords, eachWord, foundIn } from './askedWords.js';

/** Why nothing was found. */
export interface NothingFound {
  /** Words that no item has, as they are looked for; empty where each is in some item, and null where that was not looked into. */
  readonly missing: readonly string[] | null;
  /** The same as a sentence. */
  readonly sentence: string;
}

/** Words that are looked for one by one: of a text with more, nobody wonders about a single one. */
const MOST_WORDS = 12;

type Looked = Pick<Store, 'words' | 'list' | 'count'>;

/** Why no item has all words looked for and passes a filter. Rejects as reading the table does. */
export async function whyNothing(
  store: Looked,
  asked: AskedWords,
  filter: Filter | undefined,
): Promise<NothingFound> {
  const isFiltered = filter !== undefined && Object.keys(filter).length > 0;
  if ((await store.count()) === 0) return { missing: null, sentence: 'The table holds no items.' };
  if (isFiltered && (await store.list({ limit: 1, filter })).length === 0)
    return { missing: null, sentence: 'No item passes the conditions.' };
  const no = isFiltered ? 'No item that passes the conditions has' : 'No item has';
  const each = eachWord(asked);
  if (each.length > MOST_WORDS)
    return { missing: null, sentence: `${no} all ${counted(each.length, 'word')} of the text.` };
  const missing: AskedWords[] = [];
  for (const one of each) if (!(await isThere(store, one, filter))) missing.push(one);
  return {
    missing: missing.map(({ last }) => last),
    sentence:
      missing.length === 0
        ? `${no} all of these words together, though each of them is in some.`
        : `${no} ${listed(missing.map(nameOf))}.`,
  };
}

async function isThere(store: Looked, one: AskedWords, filter: Filter | undefined): Promise<boolean> {
  for await (const batch of store.words(one, filter))
    if (batch.some(({ words }) => foundIn(words, one) !== null)) return true;
  return false;
}

const nameOf = ({ last, begun }: AskedWords) =>
  begun ? `a word that begins with "${last}"` : `the word "${last}"`;

const listed = (names: readonly string[]) =>
  names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`;
