/** Colourings of a collection: by class, by one of its columns, or by the tree, which gives neighbours in it similar hues. */
import type { Collection } from '../data/collection.js';
import { isPlaced, type Level, NONE, type Points } from '../data/points.js';
import type { Tree } from '../data/tree.js';
import { css, oklch, type Rgb } from './colour.js';

/** What points are coloured by: their class, the tree, or the column of a name. */
export type ColourBy = 'class' | 'tree' | `level.${string}`;

/** A colouring of a collection. */
export interface Colouring {
  readonly by: ColourBy;
  /** Names that have a colour: of classes, nodes or terms. */
  readonly names: readonly string[];
  /** Colour of each name. */
  readonly colours: readonly Rgb[];
  /** Name of each item: an index of `names`; -1 or {@link NONE} for none. */
  readonly nameOf: ArrayLike<number>;
}

const GOLDEN_ANGLE = 137.508;

/** The colour of items without class, node or term. */
const grey = (isDark: boolean): Rgb => (isDark ? [150, 155, 165] : [120, 125, 135]);

/** The colour of each class: neighbours in the list are far apart in hue. */
function classColours(count: number, isDark: boolean): Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const step = (i % 3) - 1;
    return oklch((isDark ? 0.76 : 0.6) + 0.07 * step, isDark ? 0.13 : 0.16, (i * GOLDEN_ANGLE + 25) % 360);
  });
}

/** The colour of each node: every subtree has a part of the hues as large as its part of the items. */
export function nodeColours({ children, roots, count, parent }: Tree, isDark: boolean): Rgb[] {
  const colours: Rgb[] = Array.from(parent, () => grey(isDark));
  // A list and not calls within calls: a tree may be as deep as it has nodes.
  const parts: { nodes: readonly number[]; from: number; to: number; depth: number }[] = [];
  parts.push({ nodes: roots, from: 0, to: 330, depth: 0 });
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { nodes, from, to, depth } = part;
    const total = nodes.reduce((sum, node) => sum + count[node], 0) || 1;
    let start = from;
    for (const node of nodes) {
      const end = start + ((to - from) * count[node]) / total;
      // Coarse nodes are greyer, so that depth shows too.
      const chroma = 0.04 + 0.12 * Math.min(1, depth / 4);
      colours[node] = oklch(isDark ? 0.76 : 0.6, chroma, (start + end) / 2);
      parts.push({ nodes: children[node], from: start, to: end, depth: depth + 1 });
      start = end;
    }
  }
  return colours;
}

/** The range of hues of each term of a level, degrees: within that of its term on the next coarser level, where it has one. */
function termHues(levels: readonly Level[], at: number): [from: number, to: number][] {
  const { terms, term } = levels[at];
  const above = at > 0 ? parentsOf(levels[at], levels[at - 1]) : null;
  const around: [number, number][] = above ? termHues(levels, at - 1) : [[25, 385]];
  const sizes = new Float64Array(terms.length);
  for (const one of term) if (one !== NONE) sizes[one]++;
  const members: number[][] = around.map(() => []);
  for (let i = 0; i < terms.length; i++) members[above ? above[i] : 0].push(i);
  const hues: [number, number][] = [];
  for (const [up, list] of members.entries()) {
    const [from, to] = around[up];
    const step = (to - from) / Math.max(1, list.length);
    list.sort((a, b) => sizes[b] - sizes[a]);
    for (const [i, one] of list.entries()) hues[one] = [from + i * step, from + (i + 1) * step];
  }
  return hues;
}

/** The coarser term of each term; null unless each lies within a single one. */
function parentsOf(fine: Level, coarse: Level): number[] | null {
  const parents: number[] = [];
  for (let i = 0; i < fine.term.length; i++) {
    const [term, up] = [fine.term[i], coarse.term[i]];
    if (term === NONE) continue;
    if (up === NONE || (parents[term] ?? up) !== up) return null;
    parents[term] = up;
  }
  return parents;
}

function termColours(levels: readonly Level[], at: number, isDark: boolean): Rgb[] {
  return termHues(levels, at).map(([from, to], i) => {
    const step = ((i % 3) - 1) * 0.05;
    return oklch((isDark ? 0.76 : 0.62) + step, isDark ? 0.13 : 0.15, ((from + to) / 2) % 360);
  });
}

/** What a collection can be coloured by, with titles: by class where it has some, or nothing else. */
export function colourChoices({ points, tree }: Collection): { by: ColourBy; title: string }[] {
  const others: { by: ColourBy; title: string }[] = [
    ...(tree.isGiven ? [{ by: 'tree', title: 'tree' } as const] : []),
    ...points.levels.map(({ name }) => ({ by: `level.${name}` as const, title: name.replaceAll('_', ' ') })),
  ];
  const hasClasses = points.labels.length > 0 || others.length === 0;
  return hasClasses ? [{ by: 'class', title: 'class' }, ...others] : others;
}

/** The column that items are coloured by; undefined for class and tree. */
export function levelOf({ levels }: Points, by: ColourBy): Level | undefined {
  return levels.find(({ name }) => by === `level.${name}`);
}

/** The colouring of a collection by class, tree or column; by class where it has no such column. */
export function colouringOf({ points, tree }: Collection, by: ColourBy, isDark: boolean): Colouring {
  if (by === 'tree')
    return { by, names: tree.names, colours: nodeColours(tree, isDark), nameOf: tree.nodeOf };
  const level = levelOf(points, by);
  if (level) {
    const colours = termColours(points.levels, points.levels.indexOf(level), isDark);
    return { by, names: level.terms, colours, nameOf: level.term };
  }
  const { labels: names, label } = points;
  return { by: 'class', names, colours: classColours(names.length, isDark), nameOf: label };
}

/** Colours of nodes as CSS for the list of the tree: those of the map where it shows the same nodes or classes. */
export function nodeListColours(
  collection: Collection,
  { by, colours }: Colouring,
  isDark: boolean,
): (node: number) => string {
  const { tree } = collection;
  if (tree.isGiven) {
    const nodes = by === 'tree' ? colours : nodeColours(tree, isDark);
    return (node) => css(nodes[node]);
  }
  const classes = by === 'class' ? colours : colouringOf(collection, 'class', isDark).colours;
  return (node) => (node > 0 ? css(classes[node - 1]) : '');
}

/** A name of a colouring, by its index, and the number of items shown at the moment that have it. */
export interface LegendEntry {
  readonly name: number;
  readonly count: number;
}

/**
 * The names with most items that are shown first; those without any are left out. Of the tree: the nodes below its root,
 * or below the first node with several children.
 */
export function legendEntries(
  { tree, points }: Pick<Collection, 'tree' | 'points'>,
  { by, names, nameOf }: Colouring,
): LegendEntry[] {
  if (by === 'tree') {
    let parts = tree.roots;
    while (parts.length === 1 && tree.children[parts[0]].length > 0) parts = tree.children[parts[0]];
    return parts.map((name) => ({ name, count: tree.shown[name] })).filter(({ count }) => count > 0);
  }
  const counts = new Float64Array(names.length);
  for (let i = 0; i < nameOf.length; i++) if (nameOf[i] !== NONE && isPlaced(points, i)) counts[nameOf[i]]++;
  return [...counts]
    .map((count, name) => ({ name, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (names[a.name] < names[b.name] ? -1 : 1));
}

/** Red, green, blue and opacity of every item, 0 to 255, `[N, 4]`. Where `marked` is given, the other items are faint and grey. */
export function itemColours(
  { nameOf, colours }: Colouring,
  isDark: boolean,
  marked: Uint8Array | null,
): Uint8Array {
  const none = grey(isDark);
  const out = new Uint8Array(4 * nameOf.length);
  for (let i = 0; i < nameOf.length; i++) {
    const isDim = marked !== null && marked[i] === 0;
    out.set(isDim ? none : (colours[nameOf[i]] ?? none), 4 * i);
    out[4 * i + 3] = isDim ? 40 : 225;
  }
  return out;
}
