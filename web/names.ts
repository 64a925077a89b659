/** What a text typed into the search goes by: names of classes, nodes of the tree and ids. */
import type { Collection } from './collection.js';

/** Something that a name stands for. */
export interface Entry {
  readonly kind: 'class' | 'node' | 'item';
  readonly number: number;
  readonly name: string;
}

const MOST = 12;

/** What goes by a text: names that begin with it, then words that do, then names that hold it. */
export function entriesFor(
  text: string,
  { points, tree }: Pick<Collection, 'points' | 'tree'>,
  most = MOST,
): Entry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const ranked: (Entry & { rank: number })[] = [];
  const scan = (kind: Entry['kind'], names: readonly string[], isFull: () => boolean) => {
    for (let number = 0; number < names.length && !isFull(); number++) {
      const name = names[number].toLowerCase();
      const at = name.indexOf(wanted);
      if (at < 0) continue;
      const rank = at === 0 ? 0 : /\W/.test(name[at - 1]) ? 1 : 2;
      ranked.push({ kind, number, name: names[number], rank });
    }
  };
  scan('class', points.labels, () => false);
  const classes = new Set(points.labels);
  if (tree.isGiven) {
    scan('node', tree.names, () => false);
  }
  const shown = ranked.filter(({ kind, name }) => kind === 'class' || !classes.has(name));
  ranked.length = 0;
  scan('item', points.ids, () => ranked.length >= most);
  return [...shown, ...ranked]
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ kind, number, name }) => ({ kind, number, name }));
}
