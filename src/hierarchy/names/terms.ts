/**
 * What leaves are known by: terms of a taxonomy as they are, words and phrases of names and texts, each with the share of a leaf's
 * items that have it; and which terms tell some leaves from others. No name is made here.
 */
import { isAddress, phrasesIn } from './words.js';

/** What leaves are called on one level of a taxonomy. */
export interface LabelLevel {
  readonly name: string;
  /** Term of each leaf; empty where it has none. */
  readonly terms: readonly string[];
}

/** Terms of leaves. */
export interface LeafTerms {
  /** For each leaf its terms in lower case, with the share of its items that have them, 0 to 1. */
  readonly of: readonly ReadonlyMap<string, number>[];
  /** How most leaves write a term. */
  readonly written: (term: string) => string;
}

/** What {@link termsOfLeaves} takes terms from. */
export interface TermSources {
  /** Names of leaves that say what they are; empty for those that do not. */
  readonly names: readonly string[];
  readonly levels: readonly LabelLevel[];
  /** For each leaf the texts of each of its items. */
  readonly texts?: readonly (readonly (readonly string[])[])[] | undefined;
}

/** A term as two are compared: case and white space do not count. */
export const keyOfTerm = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/** Whether a term of a taxonomy can describe a group: neither nothing, nor "?" for what is not known, nor a share, nor an address. */
export const isTerm = (text: string): boolean => !/^(?:[\s?]*|[\d\s.,]*%\s*)$/.test(text) && !isAddress(text);

/** Terms of all leaves. */
export function termsOfLeaves({ names, levels, texts }: TermSources): LeafTerms {
  const spellings = new Map<string, Map<string, number>>();
  const spelled = (key: string, written: string) => {
    const ways = spellings.get(key);
    if (ways) ways.set(written, (ways.get(written) ?? 0) + 1);
    else spellings.set(key, new Map([[written, 1]]));
    return key;
  };
  const phrases = new Map<string, ReadonlyMap<string, string>>();
  const phrasesOf = (text: string) => {
    const known = phrases.get(text);
    if (known) return known;
    const found = phrasesIn(text);
    phrases.set(text, found);
    return found;
  };
  const of = names.map((name, leaf) => {
    const own = new Map<string, number>();
    const rows = texts?.[leaf] ?? [];
    for (const row of rows) {
      const seen = new Set(row.flatMap((text) => [...phrasesOf(text)].map((one) => spelled(...one))));
      for (const key of seen) own.set(key, (own.get(key) ?? 0) + 1 / rows.length);
    }
    for (const one of phrasesOf(name)) own.set(spelled(...one), 1);
    for (const { terms } of levels)
      if (isTerm(terms[leaf])) own.set(spelled(keyOfTerm(terms[leaf]), terms[leaf]), 1);
    return own;
  });
  return { of, written: (key) => mostFrequent(spellings.get(key) ?? new Map([[key, 1]])) };
}

/** How many leaves have each term, by shares of their items. */
export function countTerms(terms: LeafTerms, leaves: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const leaf of leaves)
    for (const [term, share] of terms.of[leaf]) counts.set(term, (counts.get(term) ?? 0) + share);
  return counts;
}

/** A term of a node. */
export interface TellingTerm {
  readonly term: string;
  /** Share of the node's leaves that have it. */
  readonly share: number;
  /** Share times log-odds ratio: high for what is frequent here and rare among the siblings. */
  readonly score: number;
}

/** Leaves that the prior counts for. */
const PRIOR = 2;
/** From what on a term tells a node from its siblings: how surely, and how many times as frequent it is. */
const LEAST_DEVIATIONS = 0.8;
const LEAST_RATIO = 2;
/** The share of its leaves that a term must have to be in its name at all, with others. */
const LEAST_SHARE = 0.1;

/**
 * The terms that tell a node from its siblings, the best first: by the log-odds ratio of the shares of leaves that have a term
 * here and there, each with a prior of two leaves as all of them together are (Monroe, Colaresi and Quinn 2008, "Fightin' Words",
 * for leaves in place of words), times the share here. Its standard deviation says which of them may be chance: these are left out.
 * (Their order is that of ratio over deviation, which puts what is frequent everywhere before what is here alone.)
 *
 * @param counts leaves of the node that have each term, of `size`
 * @param above the same of its parent, of `sizeAbove`
 */
export function tellingTerms(
  counts: ReadonlyMap<string, number>,
  size: number,
  above: ReadonlyMap<string, number>,
  sizeAbove: number,
): TellingTerm[] {
  const others = sizeAbove - size;
  const found: TellingTerm[] = [];
  for (const [term, count] of counts) {
    const share = count / size;
    const all = above.get(term) ?? count;
    const outside = Math.max(0, all - count);
    if (share < LEAST_SHARE || (others > 0 && share < (LEAST_RATIO * outside) / others)) continue;
    // Where the siblings have no leaves, the prior alone speaks for them.
    const [yes, no] = [PRIOR * (all / sizeAbove), PRIOR * (1 - all / sizeAbove)];
    const odds = (having: number, of: number) => Math.log((having + yes) / (of - having + no + 1e-9));
    const spread = Math.sqrt(1 / (count + yes) + 1 / (outside + yes));
    const ratio = odds(count, size) - odds(outside, others);
    if (ratio >= LEAST_DEVIATIONS * spread) found.push({ term, share, score: share * ratio });
  }
  return found.sort(
    (a, b) => b.score - a.score || b.term.length - a.term.length || (a.term < b.term ? -1 : 1),
  );
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  )[0];
}
