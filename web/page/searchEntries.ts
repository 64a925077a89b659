/** The search by name: which classes, nodes of the tree and items match a text. How they are shown is not known here. */
import type { Collection } from '../data/collection.js';
import type { Column } from '../data/columns.js';

/** What a name stands for. */
export interface SearchEntry {
  readonly kind: 'class' | 'node' | 'item';
  /** Index of the class, node or item. */
  readonly index: number;
  readonly name: string;
}

/** Most entries. */
const MAX_ENTRIES = 12;

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

/** The first item that has a value of a column. */
const firstItem = ({ rows }: Column, value: number) => Array.prototype.indexOf.call(rows, value) as number;
