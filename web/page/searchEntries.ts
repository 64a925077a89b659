/**
 * The search by name: which classes, nodes of the tree and items match a text, and how they go together with items that a
 * service has found by all of their columns. How they are shown, and how the service is asked, is not known here.
 */
import type { Collection, FoundByText } from '../data/collection.js';
import { type Column, textOf } from '../data/columns.js';
import { subtreeMask } from '../data/tree.js';
import { whole } from '../parts/numbers.js';

/** What a name stands for. */
export interface SearchEntry {
  /** `title`: several items that are called alike; `all`: whatever was found by its columns. */
  readonly kind: 'class' | 'node' | 'item' | 'title' | 'all';
  /** Index of the class, node or item; where it stands for several items, of the first. */
  readonly index: number;
  readonly name: string;
  /** The items of a title, or all that were found. */
  readonly items?: readonly number[];
}

/** Most entries. */
export const MAX_ENTRIES = 12;
/** Most classes and nodes before items that were found by their columns. */
const MAX_NAMES = 5;

/**
 * What matches a text, whatever the case: names equal to it, then names that begin with it, then those with a word that
 * does, then names that contain it. Items are found by id and, where `titles` are given, by title.
 */
export function searchEntries(
  text: string,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
  max = MAX_ENTRIES,
  titles?: Column,
): SearchEntry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  type Ranked = SearchEntry & { rank: number };
  /** Up to `enough` of each rank; the search ends when that many begin with the text. */
  const scan = (kind: SearchEntry['kind'], names: readonly string[], enough = names.length): Ranked[] => {
    const found: Ranked[] = [];
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < names.length && counts[1] < enough; index++) {
      const name = names[index].toLowerCase();
      const at = name.indexOf(wanted);
      if (at < 0) continue;
      const rank = name === wanted ? 0 : at === 0 ? 1 : /\W/.test(name[at - 1]) ? 2 : 3;
      if (counts[rank]++ < enough) found.push({ kind, index, name: names[index], rank });
    }
    return found;
  };
  const classes = new Set(points.labels);
  const nodes = tree.isGiven ? scan('node', tree.names).filter(({ name }) => !classes.has(name)) : [];
  const exact = points.ids.indexOf(text.trim());
  const items = scan('item', points.ids, max).filter(({ index }) => index !== exact);
  if (exact >= 0) items.unshift({ kind: 'item', index: exact, name: points.ids[exact], rank: 0 });
  const titled = titles ? titledBy(titles, scan('item', titles.values, max)) : [];
  return [...scan('class', points.labels), ...nodes, ...titled, ...items]
    .sort((a, b) => a.rank - b.rank)
    .slice(0, max)
    .map(({ rank: _, ...entry }) => entry);
}

/** Entries of items for values of the column of titles, in their order. */
function titledBy<T extends SearchEntry>({ rows }: Column, values: readonly T[]): T[] {
  const itemsOf = new Map(values.map(({ index }) => [index, [] as number[]]));
  for (let item = 0; item < rows.length; item++) itemsOf.get(rows[item])?.push(item);
  const alike = alikeBy(values, ({ name }) => keyOf(name));
  return [...alike.values()].map((same) => {
    const items = same.flatMap(({ index }) => itemsOf.get(index)!).sort((a, b) => a - b);
    return { ...same[0], ...entryOf(same[0].name, items) };
  });
}

/** What is alike by a key, in the order of the first of each. */
export function alikeBy<T>(all: readonly T[], key: (one: T) => string | number): Map<string | number, T[]> {
  const alike = new Map<string | number, T[]>();
  for (const one of all) {
    const same = alike.get(key(one));
    if (same) same.push(one);
    else alike.set(key(one), [one]);
  }
  return alike;
}

const entryOf = (name: string, items: readonly number[]): SearchEntry =>
  items.length === 1
    ? { kind: 'item', index: items[0], name }
    : { kind: 'title', index: items[0], name, items };

/** Titles that are alike but for capitals and blanks are one. */
const keyOf = (title: string) => title.trim().replace(/\s+/g, ' ').toLowerCase();

/**
 * Entries of a search by name, with items that were found by all of their columns, the best first, those of one title as one: before
 * these only what has just the name that was asked for, and some classes and nodes. What was found by name alone is left out.
 * Where several items were found, a last entry stands for all of them.
 */
export function withFound(
  text: string,
  named: readonly SearchEntry[],
  found: Pick<FoundByText, 'items' | 'isMore'>,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
  titles?: Column,
): SearchEntry[] {
  const wanted = text.trim().toLowerCase();
  const exact = named.filter(({ kind, name }) => kind !== 'title' && name.toLowerCase() === wanted);
  const isName = ({ kind }: SearchEntry) => kind === 'class' || kind === 'node';
  const names = named.filter((entry) => isName(entry) && !exact.includes(entry)).slice(0, MAX_NAMES);
  const before = [...exact, ...names];
  const items = new Set(exact.filter(({ kind }) => kind === 'item').map(({ index }) => index));
  const nameOf = (item: number) => (titles && textOf(titles, item)) || points.ids[item];
  const others = found.items.filter((item) => !items.has(item));
  // An id is nobody else's.
  const alike = alikeBy(others, (item) => (titles && textOf(titles, item) ? keyOf(nameOf(item)) : item));
  const groups = [...alike.values()].map((same) => entryOf(nameOf(same[0]), same));
  const isSame = (group: SearchEntry) => before.some((one) => isSameItems(one, group, { points, tree }));
  const entries = [...before, ...groups.filter((group) => !isSame(group))].slice(0, MAX_ENTRIES);
  if (found.items.length < 2 || entries.some((one) => one.items?.length === found.items.length))
    return entries;
  const many = `${whole(found.items.length)}${found.isMore ? ' best' : ''}`;
  const name = `${found.isMore ? 'The' : 'All'} ${many} items with these words`;
  return [...entries, { kind: 'all', index: found.items[0], name, items: found.items }];
}

/** Whether a name says the same as another, but for how its words are put together: `oat-milk` as `Oat milk`. */
export const isSaidBy = (name: string, other: string) => wordsOf(name) === wordsOf(other);
const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Whether a class or node is called as a title is, and stands for the same items. */
function isSameItems(
  { kind, index, name }: SearchEntry,
  group: SearchEntry,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
): boolean {
  if (group.kind !== 'title' || !isSaidBy(name, group.name)) return false;
  const items = new Set(itemsOf({ kind, index, name }, { points, tree }));
  return items.size === group.items!.length && group.items!.every((item) => items.has(item));
}

/** The items that an entry stands for, ascending but for those that were found by their columns. */
export function itemsOf(
  { kind, index, items }: SearchEntry,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
): readonly number[] {
  if (items) return items;
  if (kind === 'item') return [index];
  const within = kind === 'node' ? subtreeMask(tree, index) : null;
  const is = within
    ? (item: number) => tree.nodeOf[item] >= 0 && within[tree.nodeOf[item]] === 1
    : (item: number) => points.label[item] === index;
  return points.ids.flatMap((_, item) => (is(item) ? item : []));
}
