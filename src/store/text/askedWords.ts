/**
 * The words that are looked for, and what of them an item has: all must be there, the last one whole or as the beginning of
 * one, so that results come while somebody types. Where the words of items come from is the engine's business.
 */
import { UsageError } from '../../errors.js';
import { textWords } from './textWords.js';

/** Words that are looked for. */
export interface AskedWords {
  /** Each must be there. */
  readonly whole: readonly string[];
  /** Must be there too, or if it is `begun`, one that begins with it. */
  readonly last: string;
  readonly begun: boolean;
}

/** What an item has of the words that are looked for. */
export interface Found {
  /** How often it has each, the last one at the end; beginnings count half. */
  readonly counts: readonly number[];
  /** Words of the item. */
  readonly length: number;
}

/** Characters of a text that is looked for, and different words of it. */
const LONGEST_TEXT = 1_000;
const MOST_WORDS = 50;
/** Fewer characters begin too many words. */
const SHORTEST_BEGINNING = 2;
/** What a beginning of a word counts beside a whole one. */
const BEGINNING = 0.5;

/** The words of a text to look for. Throws UsageError for one without words, and for one that is too long. */
export function askedWords(text: string): AskedWords {
  if (text.length > LONGEST_TEXT)
    throw new UsageError(
      `The text to look for has ${text.length.toLocaleString('en')} characters; at most ${LONGEST_TEXT.toLocaleString('en')} are looked for. Give some words of it.`,
    );
  const words = [...new Set(textWords(text))].slice(0, MOST_WORDS);
  const last = words.pop();
  if (last === undefined)
    throw new UsageError(
      'The text to look for has no words: it needs letters or digits, such as "oat milk".',
    );
  return { whole: words, last, begun: last.length >= SHORTEST_BEGINNING };
}

/** The pieces that the words of every item hold which has all that is looked for, and of no other. */
export const piecesOf = ({ whole, last, begun }: AskedWords): string[] => [
  ...whole.map((word) => ` ${word} `),
  begun ? ` ${last}` : ` ${last} `,
];

/** Words that are looked for, one by one: what an item has all of. The last one at the end. */
export const eachWord = ({ whole, last, begun }: AskedWords): AskedWords[] => [
  ...whole.map((word): AskedWords => ({ whole: [word], last: word, begun: false })),
  { whole: [], last, begun },
];

/** What an item has of words that are looked for, by its own words as `wordsOf` gives them; null unless it has all. */
export function foundIn(words: string, { whole, last, begun }: AskedWords): Found | null {
  const counts: number[] = [];
  for (const word of whole) {
    const count = countOf(words, word);
    if (count === 0) return null;
    counts.push(count);
  }
  const count = Math.max(countOf(words, last), begun ? BEGINNING * begunIn(words, last) : 0);
  if (count === 0) return null;
  counts.push(count);
  return { counts, length: words.split(' ').length - 2 };
}

/** How often an item has a word. */
function countOf(words: string, word: string): number {
  let count = 0;
  for (const at of placesOf(words, word)) if (words[at + word.length] === ' ') count++;
  return count;
}

/** How often an item has the word that begins with a text and that it has most often. */
function begunIn(words: string, beginning: string): number {
  const counts = new Map<string, number>();
  for (const at of placesOf(words, beginning)) {
    const word = words.slice(at, words.indexOf(' ', at));
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** Where words begin with a text. The blank before them is not looked for: what looks through texts goes by the first character. */
function placesOf(words: string, beginning: string): number[] {
  const places: number[] = [];
  for (let at = words.indexOf(beginning); at >= 0; at = words.indexOf(beginning, at + 1))
    if (words[at - 1] === ' ') places.push(at);
  return places;
}
