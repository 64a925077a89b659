/**
 * What a distance means to people: a similarity from 0 to 1, and from where on nothing is similar enough. Both follow from the
 * items of the table, are learned when it has changed, and are kept with it. Searching and indexing are done elsewhere.
 */
import { DataError } from '../errors.js';
import { randomStream } from '../random.js';
import { nearestNeighbours } from '../retrieval/index.js';
import { joinValues, rowAt, takeRows } from '../rows.js';
import { allRows, type TableRows } from './allRows.js';
import { distancesTo } from './rescore.js';
import type { Store } from './store.js';
import { keepText, readText } from './textFiles.js';

/** File of a table that holds its {@link Similarity}. */
export const SIMILARITY_FILE = 'similarity';

/** A distance up to which an item counts as similar, and how often that is wrong. */
export interface Cutoff {
  /** Largest distance. */
  readonly distance: number;
  /** Share of items of which, were their class not in the table, something would be taken for similar all the same; measured on other classes than those that the distance was chosen on. */
  readonly falseAccepts: number;
  /** Share of items that have another of their class within the distance. */
  readonly trueAccepts: number;
  /** Classes, and items of them, that this was measured on. */
  readonly classes: number;
  readonly items: number;
}

/** How distances of a table are read. */
export interface Similarity {
  /** The middle of the distances of two items picked at random: similarity 0. */
  readonly scale: number;
  /** Null where too little is labelled to learn one. */
  readonly cutoff: Cutoff | null;
}

/** The similarity of items at a distance: 1 for the same, 0 for what is no nearer than two items picked at random. */
export function similarityAt(distance: number, { scale }: Pick<Similarity, 'scale'>): number {
  return Math.min(1, Math.max(0, 1 - distance / scale));
}

/** The distance of a similarity above 0. */
export function distanceAt(similarity: number, { scale }: Pick<Similarity, 'scale'>): number {
  return (1 - similarity) * scale;
}

/** Share of false accepts that a cut-off aims at. */
export const FALSE_ACCEPTS = 0.05;

/** Items that are compared with all others, as long as the products of numbers are not more than this. */
const QUERIES = 1000;
const MOST_WORK = 2e10;
/** Rows that are compared with. */
const MOST_ROWS = 100_000;
/** Pairs that the scale is the middle of. */
const PAIRS = 2000;
/** The fewest classes and items to learn a cut-off from. */
const FEWEST = { classes: 4, items: 40 };
/** Neighbours that are looked at for one of another class; more where all are of one. */
const NEIGHBOURS = 50;

/** What was read of open tables, by version. */
const known = new WeakMap<Store, { readonly version: string; readonly value: Promise<Similarity> }>();

/** Learns how distances of a table are to be read, and keeps it there. Nothing for fewer than two items. */
export async function learnSimilarity(store: Store): Promise<Similarity | null> {
  const rows = await allRows(store, { most: MOST_ROWS, order: 'mixed' });
  if (rows.ids.length < 2) return null;
  const learned = { scale: scaleOf(store, rows), cutoff: await cutoffOf(store, rows) };
  await keepText(store, SIMILARITY_FILE, JSON.stringify(learned));
  known.delete(store);
  return learned;
}

/** What similarities are learned from. */
type Rows = Pick<TableRows, 'vectors' | 'labels'>;

function scaleOf({ manifest: { space } }: Store, { vectors, labels: { length } }: Rows): number {
  const random = randomStream('similarity', length);
  const vector = (row: number) => rowAt({ values: vectors, dim: space.dim }, row);
  const distances: number[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const a = random.integer(length);
    const b = (a + 1 + random.integer(length - 1)) % length;
    distances.push(distancesTo(space, vector(a), vector(b))[0]);
  }
  const sorted = distances.sort((a, b) => a - b);
  // Where most are the same, any that is not.
  return sorted[PAIRS / 2] || sorted.find((distance) => distance > 0) || 1;
}

/**
 * The cut-off by classes: each item is asked for as if its class were not in the table, so that what is nearest is wrong. Half of
 * the classes choose the distance that 5 % of their items pass; the share that passes is measured on the other half.
 */
async function cutoffOf({ manifest: { space } }: Store, all: Rows): Promise<Cutoff | null> {
  const { dim, metric, curvature } = space;
  const labelled = [...all.labels.keys()].filter((row) => all.labels[row] !== null);
  const labels = labelled.map((row) => all.labels[row]!);
  const classes = [...new Set(labels)].sort();
  if (classes.length < FEWEST.classes || labels.length < FEWEST.items) return null;
  const gallery =
    labelled.length === all.labels.length
      ? all.vectors
      : takeRows({ values: all.vectors, dim }, labelled).values;
  const count = Math.max(100, Math.min(QUERIES, Math.floor(MOST_WORK / gallery.length)));
  const asked = labels.slice(0, count);
  const queries = gallery.subarray(0, asked.length * dim);
  const isChooser = new Map(classes.map((name, i) => [name, i % 2 === 0]));
  for (let k = NEIGHBOURS; ; k *= 8) {
    const found = await nearestNeighbours({
      ...{ queries, gallery, dim, metric, curvature, excludeSelf: false },
      k: Math.min(k, labels.length),
    });
    const own: number[] = [];
    const others: [number[], number[]] = [[], []];
    for (const [row, label] of asked.entries()) {
      let [same, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let i = row * found.k; i < (row + 1) * found.k; i++) {
        const at = found.indices[i];
        if (at === row) continue;
        if (labels[at] === label) same = Math.min(same, found.distances[i]);
        else other = Math.min(other, found.distances[i]);
      }
      own.push(same);
      others[isChooser.get(label) ? 0 : 1].push(other);
    }
    const [chosen, measured] = others;
    if (chosen.length < FEWEST.items / 4 || measured.length < FEWEST.items / 4) return null;
    chosen.sort((a, b) => a - b);
    const distance = chosen[Math.floor(FALSE_ACCEPTS * chosen.length)];
    if (!Number.isFinite(distance) && found.k < labels.length) continue;
    if (!Number.isFinite(distance)) return null;
    const share = (values: readonly number[]) =>
      values.filter((value) => value <= distance).length / values.length;
    return {
      ...{ distance, falseAccepts: share(measured), trueAccepts: share(own) },
      ...{ classes: classes.length, items: asked.length },
    };
  }
}

/** How distances of a table are read: as learned, or for a table of an earlier time by a look at some of its items. */
export async function similarityOf(store: Store): Promise<Similarity> {
  const version = await store.version();
  const kept = known.get(store);
  if (kept?.version === version) return kept.value;
  const value = readSimilarity(store);
  known.set(store, { version, value });
  value.catch(() => known.delete(store));
  return value;
}

/** Items that are looked at where nothing was learned. */
const LOOK = 200;

async function readSimilarity(store: Store): Promise<Similarity> {
  try {
    const text = await readText(store, SIMILARITY_FILE);
    if (text !== null) return JSON.parse(text) as Similarity;
  } catch (error) {
    // A search can do without; the next change of the table mends it.
    if (!(error instanceof DataError || error instanceof SyntaxError)) throw error;
  }
  const listed = await store.list({ limit: LOOK });
  const rows = await store.get(listed.map(({ id }) => id));
  const vectors = joinValues(rows.map(({ vector }) => vector));
  const labels = rows.map(({ label }) => label);
  return { scale: rows.length < 2 ? 1 : scaleOf(store, { vectors, labels }), cutoff: null };
}
