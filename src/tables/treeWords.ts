/**
 * What the columns of items say about them, for the names of a tree: columns with few values as levels, the words of the others,
 * and what items are called. Names are made elsewhere.
 */
import type { LabelLevel } from '../hierarchy/index.js';
import type { LevelTerms } from '../hierarchy/taxonomy.js';
import { byCodePoints, columnText } from '../store/columns.js';
import type { ItemFacts } from '../store/store.js';
import { titleColumn } from '../titleColumn.js';

/** What columns say, by row. */
export interface ColumnWords {
  /** Columns of few values, coarse to fine. */
  readonly kinds: readonly LabelLevel[];
  /** Texts of the other columns. */
  readonly texts: readonly (readonly string[])[];
  /** Titles without what all share, null where an item has none. */
  readonly titles: readonly (string | null)[];
}

/** A column of fewer values than this share of the items says what kind of thing an item is; others are texts. */
const KINDS = 0.5;
/** The share of different values that must begin, or end, with the same word for it to say nothing. */
const SHARED = 0.9;
/** Columns that say what is done with an item, and not what it is. */
const TECHNICAL = /^(split|fold|subset|partition|source|status|currency)$/i;

/** What the columns of items say. */
export function columnWords(
  items: readonly Pick<ItemFacts, 'metadata'>[],
  metadata: readonly string[],
): ColumnWords {
  const titled = titleColumn(metadata);
  const columns = metadata
    .filter((name) => !TECHNICAL.test(name))
    .map((name) => {
      const given = items.map((item) => columnText(item.metadata, name) ?? '');
      const values = new Set(given.filter((term) => term !== ''));
      const terms = withoutShared(given, values).map((term) => (isWords(term) ? term : ''));
      return { name, given, terms, values: values.size };
    })
    .filter(({ terms }) => terms.some((term) => /\p{L}{2}/u.test(term)));
  const isKind = ({ name, values }: (typeof columns)[number]) =>
    name !== titled && values > 1 && values <= KINDS * items.length;
  const others = columns.filter((one) => !isKind(one));
  const title = columns.find(({ name }) => name === titled);
  return {
    kinds: columns
      .filter(isKind)
      .sort((a, b) => a.values - b.values || byCodePoints(a.name, b.name))
      .map(({ name, terms }) => ({ name, terms })),
    texts: items.map((_, row) => others.map(({ terms }) => terms[row])),
    titles: items.map((_, row) => title?.terms[row].trim() || title?.given[row].trim() || null),
  };
}

/** The value that most rows of a leaf have; empty where none has any. */
export function mostFrequent(rows: readonly number[], terms: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(terms[row], (counts.get(terms[row]) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** Whether a value of a column describes an item: it has letters, and is not a number with a unit. */
const isWords = (text: string) => /\p{L}/u.test(text) && !/^\W*[\d.,]+\s*(?:%|\p{L}{1,3})?\W*$/u.test(text);

/** Values without the words that nearly all of them begin or end with, such as the name of a shop behind each title. */
function withoutShared(given: readonly string[], values: ReadonlySet<string>): readonly string[] {
  if (values.size < 4) return given;
  const split = new Map([...values].map((value) => [value, value.trim().split(/\s+/)]));
  const shared = (wordOf: (words: readonly string[]) => string | undefined) => {
    const counts = new Map<string, number>();
    for (const words of split.values()) {
      const word = words.length > 1 ? wordOf(words) : undefined;
      if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return [...counts].find(([, count]) => count >= SHARED * split.size)?.[0];
  };
  const drop = (at: 0 | -1) => {
    for (
      let word = shared((words) => words.at(at));
      word !== undefined;
      word = shared((words) => words.at(at))
    )
      for (const [value, words] of split)
        if (words.length > 1 && words.at(at) === word)
          split.set(value, at === 0 ? words.slice(1) : words.slice(0, -1));
  };
  drop(-1);
  drop(0);
  return given.map((value) => split.get(value)?.join(' ') ?? value);
}

/**
 * The columns that order classes, as a taxonomy: those in which all items of a class have one value, with fewer values than there are
 * classes, coarse to fine, each of which lies within one of the coarser ones.
 */
export function taxonomyOfColumns(
  items: readonly Pick<ItemFacts, 'label' | 'metadata'>[],
  metadata: readonly string[],
  classes: readonly string[],
): LevelTerms {
  const columns = metadata
    .filter((name) => !TECHNICAL.test(name))
    .flatMap((name) => {
      const termOf = new Map<string, string>();
      for (const item of items) {
        const term = columnText(item.metadata, name);
        if (term === null || (termOf.get(item.label!) ?? term) !== term) return [];
        termOf.set(item.label!, term);
      }
      const terms = classes.map((label) => termOf.get(label)!);
      const count = new Set(terms).size;
      return count > 1 && count < classes.length && terms.every((term) => isWords(term))
        ? [{ name, terms, count }]
        : [];
    })
    .sort((a, b) => a.count - b.count || byCodePoints(a.name, b.name));
  const nested: typeof columns = [];
  for (const column of columns) {
    const coarser = nested.at(-1);
    const within = new Map(column.terms.map((term, i) => [term, coarser?.terms[i]]));
    if (column.terms.every((term, i) => within.get(term) === coarser?.terms[i])) nested.push(column);
  }
  return { levels: nested.map(({ name }) => name), terms: nested.map(({ terms }) => terms) };
}
