/** Colours of items by class, by a column of theirs, or alike where the tree says that items are. */
import { type Collection, type Level, NONE, type Points } from './collection.js';
import type { Tree } from './tree.js';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [r: number, g: number, b: number];

/** How points are coloured: by class, by the tree, or by the column of a name. */
export type ColourBy = 'class' | 'tree' | `level.${string}`;

/** What items are coloured by. */
export interface Colouring {
  readonly by: ColourBy;
  readonly names: readonly string[];
  /** Colour of each name. */
  readonly colours: readonly Rgb[];
  /** Name of each item: a place in `names`; below 0 or {@link NONE} for none. */
  readonly of: ArrayLike<number>;
}

const GOLDEN_ANGLE = 137.508;

/** A colour of OKLCH (Ottosson 2020), lightness 0 to 1, chroma, hue in degrees; cut to sRGB. */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function channel(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/** A colour as CSS. */
export const css = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;

/** What stands for items without class, node or term. */
const grey = (dark: boolean): Rgb => (dark ? [150, 155, 165] : [120, 125, 135]);

/** The colour of each class: neighbours in the list are far apart in hue. */
function classColours(count: number, dark: boolean): Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const step = (i % 3) - 1;
    return oklch((dark ? 0.76 : 0.6) + 0.07 * step, dark ? 0.13 : 0.16, (i * GOLDEN_ANGLE + 25) % 360);
  });
}

/** The colour of each node: every subtree has a part of the hues as large as its part of the items. */
export function nodeColours({ children, roots, count, parent }: Tree, dark: boolean): Rgb[] {
  const colours: Rgb[] = Array.from(parent, () => grey(dark));
  const place = (nodes: readonly number[], from: number, to: number, depth: number) => {
    const total = nodes.reduce((sum, node) => sum + count[node], 0) || 1;
    let start = from;
    for (const node of nodes) {
      const end = start + ((to - from) * count[node]) / total;
      // Coarse nodes are greyer, so that depth shows too.
      const chroma = 0.04 + 0.12 * Math.min(1, depth / 4);
      colours[node] = oklch(dark ? 0.76 : 0.6, chroma, (start + end) / 2);
      place(children[node], start, end, depth + 1);
      start = end;
    }
  };
  place(roots, 0, 330, 0);
  return colours;
}

/** The hues of each term of a level, from and to, degrees: within those of its term on a coarser level, where it has one. */
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

/** The coarser term of each term; null unless every one lies within a single one. */
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

function termColours(levels: readonly Level[], at: number, dark: boolean): Rgb[] {
  return termHues(levels, at).map(([from, to], i) => {
    const step = ((i % 3) - 1) * 0.05;
    return oklch((dark ? 0.76 : 0.62) + step, dark ? 0.13 : 0.15, ((from + to) / 2) % 360);
  });
}

/** The ways in which a collection can be coloured, with their titles. */
export function waysToColour({ points, tree }: Collection): { by: ColourBy; title: string }[] {
  return [
    { by: 'class', title: 'class' },
    ...(tree.isGiven ? [{ by: 'tree', title: 'tree' } as const] : []),
    ...points.levels.map(({ name }) => ({ by: `level.${name}` as const, title: name.replaceAll('_', ' ') })),
  ];
}

/** The column that items are coloured by; undefined for class and tree. */
export function levelOf({ levels }: Points, by: ColourBy): Level | undefined {
  return levels.find(({ name }) => by === `level.${name}`);
}

/** What the items of a collection are coloured by; by class where it has no such column. */
export function colouringOf({ points, tree }: Collection, by: ColourBy, dark: boolean): Colouring {
  if (by === 'tree') return { by, names: tree.names, colours: nodeColours(tree, dark), of: tree.nodeOf };
  const level = levelOf(points, by);
  if (level) {
    const colours = termColours(points.levels, points.levels.indexOf(level), dark);
    return { by, names: level.terms, colours, of: level.term };
  }
  const { labels: names, label } = points;
  return { by: 'class', names, colours: classColours(names.length, dark), of: label };
}

/** Colours of nodes as CSS for the tree's list: those of the map where it shows the same things. */
export function listColours(
  collection: Collection,
  { by, colours }: Colouring,
  dark: boolean,
): (node: number) => string {
  const { tree } = collection;
  if (tree.isGiven) {
    const nodes = by === 'tree' ? colours : nodeColours(tree, dark);
    return (node) => css(nodes[node]);
  }
  const classes = by === 'class' ? colours : colouringOf(collection, 'class', dark).colours;
  return (node) => (node > 0 ? css(classes[node - 1]) : '');
}

/** A name of a colouring, by its place in the names, and how many items have it. */
export interface LegendEntry {
  readonly name: number;
  readonly count: number;
}

/** The names with most items first. Of the tree, the parts below its top, or below the first node that has several. */
export function legendOf({ tree }: Pick<Collection, 'tree'>, { by, names, of }: Colouring): LegendEntry[] {
  if (by === 'tree') {
    let parts = tree.roots;
    while (parts.length === 1 && tree.children[parts[0]].length > 0) parts = tree.children[parts[0]];
    return parts.map((name) => ({ name, count: tree.count[name] })).filter(({ count }) => count > 0);
  }
  const counts = new Float64Array(names.length);
  for (let i = 0; i < of.length; i++) if (of[i] !== NONE) counts[of[i]]++;
  return [...counts]
    .map((count, name) => ({ name, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (names[a.name] < names[b.name] ? -1 : 1));
}

/** Red, green, blue and opacity of every item. Where `lit` is given, the others step back. */
export function itemColours({ of, colours }: Colouring, dark: boolean, lit: Uint8Array | null): Uint8Array {
  const none = grey(dark);
  const out = new Uint8Array(4 * of.length);
  for (let i = 0; i < of.length; i++) {
    const isDim = lit !== null && lit[i] === 0;
    out.set(isDim ? none : (colours[of[i]] ?? none), 4 * i);
    out[4 * i + 3] = isDim ? 40 : 225;
  }
  return out;
}
