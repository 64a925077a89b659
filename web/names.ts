/** Names of classes, nodes of the tree and items: what a text typed into the search goes by, and how they are cut. */
import type { Collection } from './collection.js';

/** Something that a name stands for. */
export interface Entry {
  readonly kind: 'class' | 'node' | 'item';
  readonly number: number;
  readonly name: string;
}

const MOST = 12;
/** Most characters of a name on the map. */
const LONGEST = 24;

/** A name as the map shows it. */
export function shortName(name: string): string {
  const characters = [...name];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : name;
}

/** What goes by a text: names that are it, then names that begin with it, then words that do, then names that hold it. */
export function entriesFor(
  text: string,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
  most = MOST,
): Entry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  type Ranked = Entry & { rank: number };
  /** Up to `enough` of each rank: with so many that begin with the text the others are not looked at. */
  const scan = (kind: Entry['kind'], names: readonly string[], enough = names.length): Ranked[] => {
    const found: Ranked[] = [];
    const counts = [0, 0, 0, 0];
    for (let number = 0; number < names.length && counts[1] < enough; number++) {
      const name = names[number].toLowerCase();
      const at = name.indexOf(wanted);
      if (at < 0) continue;
      const rank = name === wanted ? 0 : at === 0 ? 1 : /\W/.test(name[at - 1]) ? 2 : 3;
      if (counts[rank]++ < enough) found.push({ kind, number, name: names[number], rank });
    }
    return found;
  };
  const classes = new Set(points.labels);
  const nodes = tree.isGiven ? scan('node', tree.names).filter(({ name }) => !classes.has(name)) : [];
  const exact = points.ids.indexOf(text.trim());
  const items = scan('item', points.ids, most).filter(({ number }) => number !== exact);
  if (exact >= 0) items.unshift({ kind: 'item', number: exact, name: points.ids[exact], rank: 0 });
  return [...scan('class', points.labels), ...nodes, ...items]
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ kind, number, name }) => ({ kind, number, name }));
}
