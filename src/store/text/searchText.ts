/**
 * Search by text in all columns of a table, the same in every engine: the engine names items that may have all words, and here
 * they are looked at and ranked. By BM25, but for the rarity of words: whatever is found has all of them.
 */
import { inPieces } from '../../turns.js';
import { byCodePoints } from '../columns.js';
import type { Filter, ItemFacts, Store } from '../store.js';
import { type AskedWords, askedWords, eachWord, type Found, foundIn } from './askedWords.js';
import { textsOf, wordsIn } from './itemWords.js';
import { type NothingFound, whyNothing } from './nothingFound.js';

/** An item that was found by text. */
export interface TextHit extends ItemFacts {
  /** By BM25: how often it has the words, and among how many; only its order among the results of one question means something. */
  readonly score: number;
  /** By column, and by `id` and `label`, which of the words that are looked for it has, as they are looked for; only those with any. */
  readonly matched: Readonly<Record<string, readonly string[]>>;
}

/** What was found by text. */
export interface TextAnswer {
  /** The best items, the best first. */
  readonly results: readonly TextHit[];
  /** How many items have all words. */
  readonly total: number;
  /** Ids of as many of them as were asked for, the best first. */
  readonly ids: readonly string[];
  /** Why there are none; undefined where there are some. */
  readonly nothing?: NothingFound | undefined;
}

/** How a text is looked for. */
export interface TextOptions {
  /** Results with their facts. Default 10. */
  readonly k?: number | undefined;
  /** Ids of items that were found, at most. Default 0. */
  readonly ids?: number | undefined;
  readonly filter?: Filter | undefined;
}

/** The parameters of BM25 as they are used since Okapi (Robertson and Zaragoza 2009). */
const BM25 = { k1: 1.2, b: 0.75 };

/** Items whose facts are read at a time. */
const AT_ONCE = 1_000;

interface FoundItem extends Found {
  readonly id: string;
}

/** The best items for a text among those that pass a filter. Throws as `askedWords` and filters do. */
export async function searchText(
  store: Store,
  text: string,
  { k = 10, ids = 0, filter }: TextOptions = {},
): Promise<TextAnswer> {
  const asked = askedWords(text);
  const found = await allFound(store, asked, filter);
  const best = bestOf(found, Math.max(k, ids));
  const byId = new Map<string, ItemFacts>();
  for (let from = 0; from < Math.min(k, best.length); from += AT_ONCE) {
    const some = best.slice(from, Math.min(k, from + AT_ONCE)).map(({ id }) => id);
    for (const one of await store.list({ limit: some.length, filter: { ids: some } })) byId.set(one.id, one);
  }
  const results = best.slice(0, k).flatMap(({ id, score }) => {
    const one = byId.get(id); // gone where it was removed meanwhile
    return one ? [{ ...one, score, matched: matchedIn(one, store, asked) }] : [];
  });
  return {
    results,
    total: found.length,
    ids: best.slice(0, ids).map(({ id }) => id),
    ...(found.length === 0 ? { nothing: await whyNothing(store, asked, filter) } : {}),
  };
}

/** Which of the words looked for the columns of an item have. */
function matchedIn(
  item: ItemFacts,
  { manifest }: Pick<Store, 'manifest'>,
  asked: AskedWords,
): TextHit['matched'] {
  const each = eachWord(asked);
  const matched = Object.entries(textsOf(item, manifest)).flatMap(([column, text]) => {
    const words = wordsIn([text]);
    const held = each.filter((one) => foundIn(words, one) !== null).map(({ last }) => last);
    return held.length > 0 ? [[column, held] as const] : [];
  });
  return Object.fromEntries(matched);
}

/** A filter that also asks for the words of a text. Throws as {@link searchText}. */
export async function withText(store: Store, text: string, filter?: Filter): Promise<Filter> {
  return { ids: (await allFound(store, askedWords(text), filter)).map(({ id }) => id) };
}

/** The items that have all words looked for and pass a filter, in no order, each once. */
async function allFound(store: Store, asked: AskedWords, filter: Filter | undefined): Promise<FoundItem[]> {
  const found = new Map<string, FoundItem>();
  const pause = inPieces('scan');
  for await (const batch of store.words(asked, filter)) {
    for (const { id, words } of batch) {
      const own = foundIn(words, asked);
      if (own) found.set(id, { id, ...own });
    }
    await pause();
  }
  return [...found.values()];
}

/** The `k` best, the best first; of equal scores the smaller id first. */
function bestOf(found: readonly FoundItem[], k: number): { readonly id: string; readonly score: number }[] {
  const mean = found.reduce((sum, { length }) => sum + length, 0) / found.length;
  const scores = Float64Array.from(found, ({ counts, length }) => {
    const long = BM25.k1 * (1 - BM25.b + (BM25.b * length) / mean);
    return counts.reduce((sum, count) => sum + (count * (BM25.k1 + 1)) / (count + long), 0);
  });
  const least = scores.toSorted().at(-k) ?? Number.NEGATIVE_INFINITY;
  return found
    .map(({ id }, i) => ({ id, score: scores[i] }))
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score || byCodePoints(a.id, b.id))
    .slice(0, k);
}
