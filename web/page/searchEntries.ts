/**
 * The search by name: which classes, nodes of the tree and items match a text, and how they go together with items that a
 * service has found by all of their columns. How they are shown, and how the service is asked, is not known here.
 */
import type { Collection } from '../data/collection.js';
import { type Column, textOf } from '../data/columns.js';

/** What a name stands for. */
export interface SearchEntry {
  readonly kind: 'class' | 'node' | 'item';
  /** Index of the class, node or item. */
  readonly index: number;
  readonly name: string;
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
  const titled = titles
    ? scan('item', titles.values, max).map((entry) => ({ ...entry, index: firstItem(titles, entry.index) }))
    : [];
  return [...scan('class', points.labels), ...nodes, ...titled, ...items]
    .sort((a, b) => a.rank - b.rank)
    .slice(0, max)
    .map(({ kind, index, name }) => ({ kind, index, name }));
}

/**
 * Entries of a search by name, with items that were found by all of their columns, the best first: before these only what has
 * just the name that was asked for, and some classes and nodes. What was found by name alone is left out.
 */
export function withFound(
  text: string,
  named: readonly SearchEntry[],
  found: readonly number[],
  { points }: Pick<Collection, 'points'>,
  titles?: Column,
): SearchEntry[] {
  const wanted = text.trim().toLowerCase();
  const exact = named.filter(({ name }) => name.toLowerCase() === wanted);
  const names = named.filter((entry) => entry.kind !== 'item' && !exact.includes(entry)).slice(0, MAX_NAMES);
  const items = new Set(exact.filter(({ kind }) => kind === 'item').map(({ index }) => index));
  const others = found.filter((index) => !items.has(index));
  return [
    ...exact,
    ...names,
    ...others.map((index): SearchEntry => {
      const name = (titles && textOf(titles, index)) || points.ids[index];
      return { kind: 'item', index, name };
    }),
  ].slice(0, MAX_ENTRIES);
}

/** The first item that has a value of a column. */
const firstItem = ({ rows }: Column, value: number) => Array.prototype.indexOf.call(rows, value) as number;
