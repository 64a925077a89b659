/**
 * The neighbour graph of UMAP: from distances to nearest neighbours to likenesses between points. Every point
 * measures by its own yardstick, and the two opinions on a pair are joined (McInnes, Healy and Melville 2018,
 * UMAP, sections 3.1 and 4.1). How neighbours are found, and what distance means, is not known here.
 */

/** Nearest neighbours of N points, without themselves. */
export interface NearestLists {
  /** Neighbours a point. */
  readonly k: number;
  /** `[N, k]`, nearest first. */
  readonly indices: ArrayLike<number>;
  /** `[N, k]`. */
  readonly distances: ArrayLike<number>;
}

/** A symmetric graph in compressed rows: the neighbours of i are at `starts[i]` … `starts[i + 1]`. */
export interface LikenessGraph {
  readonly starts: Int32Array;
  /** Ascending in each row. */
  readonly neighbours: Int32Array;
  /** In (0, 1]. */
  readonly weights: Float64Array;
}

const SEARCH_STEPS = 64;
const CLOSE_ENOUGH = 1e-5;
/** Smallest yardstick, over the mean distance. */
const LEAST_SCALE = 1e-3;

/**
 * The graph. The point itself counts as one of its k + 1 neighbours, as in UMAP.
 *
 * @param among of how many points, and from which on, the lists are given; all of them by default
 */
export function likenessGraph(
  { k, indices, distances }: NearestLists,
  { count, from }: { readonly count: number; readonly from: number } = { count: indices.length / k, from: 0 },
): LikenessGraph {
  const lists = indices.length / k;
  const own = new Float64Array(indices.length);
  let total = 0;
  for (let i = 0; i < distances.length; i++) total += distances[i];
  for (let i = 0; i < lists; i++) {
    const row = Array.from({ length: k }, (_, j) => distances[i * k + j]);
    const { nearest, scale } = yardstick(row, total / distances.length);
    row.forEach((d, j) => {
      own[i * k + j] = d <= nearest ? 1 : Math.exp(-(d - nearest) / scale);
    });
  }
  const rows = emptyRows(count);
  for (let at = 0; at < own.length; at++) join(rows, from + Math.floor(at / k), indices[at], own[at]);
  return compressed(rows);
}

/** Union of two graphs over the same points. */
export function unionOf(a: LikenessGraph, b: LikenessGraph): LikenessGraph {
  const rows = emptyRows(a.starts.length - 1);
  for (const { starts, neighbours, weights } of [a, b])
    rows.forEach((_, i) => {
      for (let at = starts[i]; at < starts[i + 1]; at++)
        if (neighbours[at] > i) join(rows, i, neighbours[at], weights[at]);
    });
  return compressed(rows);
}

/**
 * A point's yardstick: the distance of its nearest neighbour that does not coincide with it, and the scale at
 * which the likenesses of all its neighbours add up to log₂(k + 1).
 */
export function yardstick(row: readonly number[], meanOfAll: number): { nearest: number; scale: number } {
  const nearest = row.find((d) => d > 0) ?? 0;
  const target = Math.log2(row.length + 1);
  let [low, high, scale] = [0, Number.POSITIVE_INFINITY, 1];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    const sum = row.reduce((s, d) => s + (d > nearest ? Math.exp(-(d - nearest) / scale) : 1), 0);
    if (Math.abs(sum - target) < CLOSE_ENOUGH) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = Number.isFinite(high) ? (low + high) / 2 : scale * 2;
  }
  const mean = nearest > 0 ? row.reduce((s, d) => s + d, 0) / (row.length + 1) : meanOfAll;
  return { nearest, scale: Math.max(scale, LEAST_SCALE * mean) || 1 };
}

type Row = Map<number, number>;

function emptyRows(count: number): Row[] {
  return Array.from({ length: count }, () => new Map());
}

/** Adds an opinion on a pair to what is there: u + v - uv, the fuzzy union. */
function join(rows: readonly Row[], i: number, j: number, opinion: number): void {
  const before = rows[i].get(j) ?? 0;
  const weight = before + opinion - before * opinion;
  rows[i].set(j, weight);
  rows[j].set(i, weight);
}

function compressed(rows: readonly Row[]): LikenessGraph {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i] + row.size;
  });
  const neighbours = new Int32Array(starts[rows.length]);
  const weights = new Float64Array(starts[rows.length]);
  rows.forEach((row, i) => {
    [...row]
      .sort(([a], [b]) => a - b)
      .forEach(([j, weight], place) => {
        neighbours[starts[i] + place] = j;
        weights[starts[i] + place] = weight;
      });
  });
  return { starts, neighbours, weights };
}
