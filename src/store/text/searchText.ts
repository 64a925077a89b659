/**
 * Search by text in all columns of a table, the same in every engine: items that have all words, the best first by BM25. The last
 * word may be the beginning of one, so that results come while somebody types.
 */
import { UsageError } from '../../errors.js';
import { byCodePoints } from '../columns.js';
import type { Filter, ItemFacts, Store } from '../store.js';
import { type TextIndex, textIndexOf } from './textIndex.js';
import { textWords } from './textWords.js';

/** An item that was found by text. */
export interface TextHit extends ItemFacts {
  /** By BM25: how often it has the words, and how rare they are; only its order among the results of one question means something. */
  readonly score: number;
}

/** Characters of a text that is looked for, and different words of it. */
export const LONGEST_TEXT = 1_000;
const MOST_WORDS = 50;

/** The parameters of BM25 as they are used since Okapi (Robertson and Zaragoza 2009). */
const BM25 = { k1: 1.2, b: 0.75 };
/** What a beginning of a word counts beside a whole one. */
const BEGINNING = 0.5;
/** Fewer characters begin too many words. */
const SHORTEST_BEGINNING = 2;
/** Hits that are read at a time until enough of them pass a filter. */
const AT_ONCE = 1_000;

/**
 * Ids of the items that have all words of a text, with their scores, the best first; of equal scores the smaller id first.
 * @throws UsageError for a text without words, and for one that is too long
 */
export async function textMatches(
  store: Store,
  text: string,
): Promise<(readonly [id: string, score: number])[]> {
  const words = wordsOfQuery(text);
  const index = await textIndexOf(store);
  let scores: Map<number, number> | null = null;
  for (const [i, word] of words.entries()) {
    const own = scoresOf(index, word, i === words.length - 1);
    const before: ReadonlyMap<number, number> | null = scores;
    scores = before === null ? own : new Map();
    if (before === null) continue;
    for (const [place, score] of before) {
      const further = own.get(place);
      if (further !== undefined) scores.set(place, score + further);
    }
  }
  return Array.from(scores ?? [], ([place, score]) => [index.ids[place], score] as const).sort(
    (a, b) => b[1] - a[1] || byCodePoints(a[0], b[0]),
  );
}

/** The best items for a text among those that pass a filter. Throws as {@link textMatches} and filters do. */
export async function searchText(
  store: Store,
  text: string,
  { k = 10, filter }: { readonly k?: number | undefined; readonly filter?: Filter | undefined } = {},
): Promise<TextHit[]> {
  const matches = await textMatches(store, text);
  const found: TextHit[] = [];
  for (let from = 0; from < matches.length && found.length < k; from += AT_ONCE) {
    const some = new Map(matches.slice(from, from + AT_ONCE));
    const asked = filter?.ids && new Set(filter.ids);
    const ids = [...some.keys()].filter((id) => !asked || asked.has(id));
    if (ids.length === 0) continue;
    const facts = await store.list({ limit: ids.length, filter: { ...filter, ids } });
    const byId = new Map(facts.map((one) => [one.id, one]));
    for (const id of ids) {
      const one = byId.get(id);
      if (one) found.push({ ...one, score: some.get(id)! });
    }
  }
  return found.slice(0, k);
}

/** A filter that also asks for the words of a text. */
export async function withText(store: Store, text: string, filter: Filter = {}): Promise<Filter> {
  const ids = (await textMatches(store, text)).map(([id]) => id);
  const asked = filter.ids && new Set(filter.ids);
  return { ...filter, ids: asked ? ids.filter((id) => asked.has(id)) : ids };
}

function wordsOfQuery(text: string): string[] {
  if (text.length > LONGEST_TEXT)
    throw new UsageError(
      `The text to look for has ${text.length.toLocaleString('en')} characters; at most ${LONGEST_TEXT.toLocaleString('en')} are looked for. Give some words of it.`,
    );
  const words = [...new Set(textWords(text))];
  if (words.length === 0)
    throw new UsageError(
      'The text to look for has no words: it needs letters or digits, such as "oat milk".',
    );
  return words.slice(0, MOST_WORDS);
}

/** Scores of the items that have a word or, of the last one, what begins with it. */
function scoresOf(index: TextIndex, word: string, isLast: boolean): Map<number, number> {
  const scores = new Map<number, number>();
  const add = (term: string, weight: number) => {
    const { items, counts } = index.postings.get(term)!;
    const all = index.ids.length;
    const rarity = Math.log(1 + (all - items.length + 0.5) / (items.length + 0.5));
    for (let i = 0; i < items.length; i++) {
      const long = 1 - BM25.b + (BM25.b * index.lengths[items[i]]) / meanLength(index);
      const score = (weight * rarity * counts[i] * (BM25.k1 + 1)) / (counts[i] + BM25.k1 * long);
      scores.set(items[i], Math.max(scores.get(items[i]) ?? 0, score));
    }
  };
  if (index.postings.has(word)) add(word, 1);
  if (isLast && word.length >= SHORTEST_BEGINNING)
    for (let at = firstFrom(index.words, word); index.words[at]?.startsWith(word); at++)
      if (index.words[at] !== word) add(index.words[at], BEGINNING);
  return scores;
}

const means = new WeakMap<TextIndex, number>();

function meanLength(index: TextIndex): number {
  const known = means.get(index);
  if (known !== undefined) return known;
  const mean = index.lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, index.lengths.length);
  means.set(index, mean);
  return mean;
}

/** The place of the first word that is not before another. */
function firstFrom(words: readonly string[], word: string): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}
