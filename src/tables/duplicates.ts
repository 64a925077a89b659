/**
 * Near-duplicates in a table: groups of items that are nearly the same picture, found exactly among all pairs. From how near on
 * they are is given, learned from labelled pairs, or a default that classes may make stricter. Nothing is removed.
 */
import { openTable } from '../engines/open.js';
import { DataError, UsageError } from '../errors.js';
import { nearestNeighbours } from '../retrieval/index.js';
import type { ProgressReporter } from '../runs/progress.js';
import { allRows, type TableRows } from '../store/allRows.js';
import { distanceAt, type Similarity, similarityAt, similarityOf } from '../store/similarity.js';
import type { Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { readPairs, type Threshold, thresholdByClasses, thresholdOfPairs } from './duplicateThreshold.js';

/** Options of {@link findDuplicates}. */
export interface DuplicateOptions {
  readonly table: string;
  /** The least similarity of near-duplicates, above 0 and up to 1. Default: learned from `pairs`, else as `duplicateThreshold` says. */
  readonly similarity?: number;
  /** A file of pairs that somebody has looked at: CSV or JSON Lines with a, b (ids) and duplicate (true or false). */
  readonly pairs?: string;
  readonly progress?: ProgressReporter;
}

/** An item of a group. */
export interface Duplicate {
  readonly id: string;
  readonly label: string | null;
  readonly path: string | null;
  /** To the first of its group. */
  readonly similarity: number;
  readonly distance: number;
}

/** Items that are nearly the same; the first is nearly the same as every other. */
export interface DuplicateGroup {
  readonly items: readonly Duplicate[];
  /** Whether they have different classes: one of them may be wrong. */
  readonly classesDiffer: boolean;
}

/** Outcome of {@link findDuplicates}. */
export interface Duplicates {
  readonly table: string;
  readonly rows: number;
  readonly threshold: Threshold & { readonly similarity: number };
  /** Those with the most items first. */
  readonly groups: readonly DuplicateGroup[];
  /** Items that could go if one of each group stays. */
  readonly surplus: number;
}

/** Neighbours of an item that are looked at first; more where all of them are near enough. */
const NEIGHBOURS = 8;

/** Finds near-duplicates. Throws as `openTable`, and DataError for pairs of items that are not there. */
export async function findDuplicates({
  table,
  similarity: given,
  pairs,
  progress,
}: DuplicateOptions): Promise<Duplicates> {
  if (given !== undefined && !(given > 0 && given <= 1))
    throw new UsageError(
      `The similarity ${given} is not one of near-duplicates. Give a number above 0 and up to 1.`,
    );
  if (given !== undefined && pairs !== undefined)
    throw new UsageError(
      '--similarity and --pairs both say from where on items are duplicates. Give one of them.',
    );
  const store = await openTable(table);
  try {
    const onProgress = progress?.('comparing');
    if ((await store.count()) < 2)
      throw new DataError('The table holds fewer than two items, so there is nothing to compare.');
    const rows = await allRows(store);
    const how = await similarityOf(store);
    const near = await neighboursOf(store, rows);
    onProgress?.(1, 2);
    const threshold =
      given !== undefined
        ? { distance: distanceAt(given, how), from: 'given' as const, said: 'as given' }
        : pairs !== undefined
          ? thresholdOfPairs(store, rows, readPairs(pairs, rows.ids))
          : thresholdByClasses(rows, near, how);
    const edges = await edgesWithin(store, { rows, near, most: threshold.distance });
    onProgress?.(2, 2);
    const groups = groupsOf(edges, { rows, how });
    return {
      table: shownTable(table),
      rows: rows.ids.length,
      threshold: { ...threshold, similarity: similarityAt(threshold.distance, how) },
      groups,
      surplus: groups.reduce((sum, { items }) => sum + items.length - 1, 0),
    };
  } finally {
    await store.close();
  }
}

/** Neighbours of some rows, `[rows, k]`, each row's own left out, nearest first. */
export interface NearRows {
  readonly k: number;
  readonly indices: Int32Array;
  readonly distances: Float64Array;
}

function neighboursOf({ manifest: { space } }: Store, { vectors }: TableRows): Promise<NearRows> {
  const { dim, metric, curvature } = space;
  return nearestNeighbours({ queries: vectors, dim, metric, curvature, k: NEIGHBOURS });
}

/** The items within a distance of each, nearest first. Rows all of whose neighbours are within it are asked again for more. */
async function edgesWithin(
  { manifest: { space } }: Store,
  {
    rows: { vectors, ids },
    near,
    most,
  }: { readonly rows: TableRows; readonly near: NearRows; readonly most: number },
): Promise<readonly (readonly Edge[])[]> {
  const { dim, metric, curvature } = space;
  const edges: Edge[][] = ids.map(() => []);
  let open: number[] = [];
  const take = (row: number, { k, indices, distances }: NearRows, at: number): boolean => {
    edges[row] = [];
    for (let i = at * k; i < (at + 1) * k && distances[i] <= most; i++)
      if (indices[i] !== row) edges[row].push({ to: indices[i], distance: distances[i] });
    return k > 0 && distances[(at + 1) * k - 1] <= most;
  };
  for (const row of ids.keys()) if (take(row, near, row)) open.push(row);
  for (let k = 8 * NEIGHBOURS; open.length > 0; k *= 8) {
    const queries = new Float32Array(open.length * dim);
    open.forEach((row, i) => {
      queries.set(vectors.subarray(row * dim, (row + 1) * dim), i * dim);
    });
    const found = await nearestNeighbours({
      ...{ queries, gallery: vectors, dim, metric, curvature, excludeSelf: false },
      k: Math.min(k, ids.length),
    });
    const more = open.filter((row, i) => take(row, found, i));
    open = found.k < ids.length ? more : [];
  }
  return edges;
}

interface Edge {
  readonly to: number;
  readonly distance: number;
}

/**
 * Groups around the items with the most near-duplicates: every item of a group is near its first, so that no chain of small
 * differences puts two in one group that are not alike.
 */
function groupsOf(
  edges: readonly (readonly Edge[])[],
  { rows: { ids, labels, paths }, how }: { readonly rows: TableRows; readonly how: Similarity },
): DuplicateGroup[] {
  const order = [...edges.keys()].filter((row) => edges[row].length > 0);
  order.sort((a, b) => edges[b].length - edges[a].length || a - b);
  const taken = new Uint8Array(ids.length);
  const item = (row: number, distance: number): Duplicate => ({
    ...{ id: ids[row], label: labels[row], path: paths[row], distance },
    similarity: similarityAt(distance, how),
  });
  const groups: DuplicateGroup[] = [];
  for (const centre of order) {
    if (taken[centre]) continue;
    const others = edges[centre].filter(({ to }) => !taken[to]);
    if (others.length === 0) continue;
    taken[centre] = 1;
    for (const { to } of others) taken[to] = 1;
    const items = [item(centre, 0), ...others.map(({ to, distance }) => item(to, distance))];
    const classes = new Set(items.flatMap(({ label }) => (label === null ? [] : [label])));
    groups.push({ items, classesDiffer: classes.size > 1 });
  }
  return groups.sort((a, b) => b.items.length - a.items.length);
}
