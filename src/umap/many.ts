/**
 * UMAP of any number of points: up to a limit all are laid out, beyond it a sample, and each of the others is put
 * where its nearest neighbours in the sample stand. Places that are known from before are begun with, and the layout,
 * which drifts and turns as it goes, is brought back to them: a map of nearly the same points is nearly the same map.
 */
import { randomStream } from '../random.js';
import { type Metric, nearestNeighbours, type ParallelOptions } from '../retrieval/index.js';
import { takeRows } from '../rows.js';
import { alignTo } from './align.js';
import { centreOf } from './hyperboloid.js';
import { hyperbolicUmap } from './umap.js';

/** Options of {@link layOutMany}. */
export interface ManyOptions extends ParallelOptions {
  /** `[N, dim]`. */
  readonly points: Float32Array;
  readonly dim: number;
  readonly metric: Metric;
  readonly curvature: number;
  /** Places on the hyperboloid from before, `[N, 2]`; NaN for points that had none. */
  readonly known?: Float64Array | undefined;
  /** Points that are laid out; the others follow their neighbours. Default {@link MOST_LAID_OUT}. */
  readonly most?: number | undefined;
  /** Default 0. */
  readonly seed?: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called with how many of the points beyond the limit have their place. */
  readonly onPlaced?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Up to this number of points are laid out. */
export const MOST_LAID_OUT = 12_000;
/** Neighbours that a point is put between. */
const BETWEEN = 5;
/** Points that are put between neighbours at a time. */
const PLACED_AT_ONCE = 8192;
/**
 * How near likeness lets points be. Space in the plane grows with the distance from its middle, so at UMAP's usual 1 half of
 * the points lie beyond .99 of the disk's radius, crowded at its rim; neighbours are kept as well at a third of it.
 */
const NEARNESS = { spread: 0.35, minDist: 0.035 };
/** Begun from known places: fewer and smaller steps, so that what can stay stays. */
const AGAIN = { epochs: 200, rate: 0.5 };

/**
 * Places on the hyperboloid, `[N, 2]`. Equal arguments give equal results.
 * @throws as hyperbolicUmap; the signal's reason when it is aborted
 */
export async function layOutMany(options: ManyOptions): Promise<Float64Array> {
  const { points, dim, metric, curvature, known, most = MOST_LAID_OUT, seed = 0 } = options;
  const { onProgress, onPlaced, signal, threads } = options;
  const how = { dim, metric, curvature, ...(threads === undefined ? {} : { threads }) };
  const count = points.length / dim;
  const chosen = sample(count, most, seed);
  const values = chosen.length === count ? points : takeRows({ values: points, dim }, chosen).values;
  const start = known && (await startFrom(known, chosen, values, how));
  const { places: found } = await hyperbolicUmap({
    ...how,
    ...NEARNESS,
    points: values,
    seed,
    onProgress,
    signal,
    ...(start ? { start, ...AGAIN } : {}),
  });
  const laid = start ? alignTo(found, start) : found;
  if (chosen.length === count) return laid;
  const places = new Float64Array(2 * count);
  chosen.forEach((row, i) => {
    places.set(laid.subarray(2 * i, 2 * i + 2), 2 * row);
  });
  const isChosen = new Set(chosen);
  const rest = Array.from({ length: count }, (_, i) => i).filter((i) => !isChosen.has(i));
  for (let from = 0; from < rest.length; from += PLACED_AT_ONCE) {
    signal?.throwIfAborted();
    const some = rest.slice(from, from + PLACED_AT_ONCE);
    const queries = takeRows({ values: points, dim }, some).values;
    const beside = await placesBeside({ queries, gallery: values, places: laid, how });
    some.forEach((row, i) => {
      places.set(beside.subarray(2 * i, 2 * i + 2), 2 * row);
    });
    onPlaced?.(from + some.length, rest.length);
  }
  return places;
}

type Space = { readonly dim: number; readonly metric: Metric; readonly curvature: number } & ParallelOptions;

/** Places of queries between their nearest neighbours of the gallery, nearer ones counting more. `[Q, 2]`. */
export async function placesBeside({
  queries,
  gallery,
  places,
  how,
}: {
  readonly queries: Float32Array;
  readonly gallery: Float32Array;
  /** Of the gallery, on the hyperboloid. */
  readonly places: Float64Array;
  readonly how: Space;
}): Promise<Float64Array> {
  const { k, indices, distances } = await nearestNeighbours({ ...how, queries, gallery, k: BETWEEN });
  const found = new Float64Array((2 * queries.length) / how.dim);
  for (let i = 0; i < found.length / 2; i++) {
    const [nearest, farthest] = [distances[i * k], distances[i * k + k - 1]];
    const scale = (farthest - nearest) / 2 || 1;
    const around = Array.from({ length: k }, (_, j) => {
      const at = indices[i * k + j];
      return [
        places[2 * at],
        places[2 * at + 1],
        Math.exp((nearest - distances[i * k + j]) / scale),
      ] as const;
    });
    found.set(centreOf(around), 2 * i);
  }
  return found;
}

/** Where the chosen points begin: at their known places, or beside the known ones; undefined when too few are known. */
async function startFrom(
  known: Float64Array,
  chosen: readonly number[],
  values: Float32Array,
  how: Space,
): Promise<Float64Array | undefined> {
  const start = Float64Array.from(
    { length: 2 * chosen.length },
    (_, at) => known[2 * chosen[at >> 1] + (at & 1)],
  );
  const isKnown = (i: number) => Number.isFinite(start[2 * i]);
  const old = [...chosen.keys()].filter(isKnown);
  const added = [...chosen.keys()].filter((i) => !isKnown(i));
  if (old.length < Math.max(3, chosen.length / 2)) return undefined;
  if (added.length === 0) return start;
  const beside = await placesBeside({
    queries: takeRows({ values: values, dim: how.dim }, added).values,
    gallery: takeRows({ values: values, dim: how.dim }, old).values,
    places: Float64Array.from({ length: 2 * old.length }, (_, at) => start[2 * old[at >> 1] + (at & 1)]),
    how,
  });
  added.forEach((row, i) => {
    start.set(beside.subarray(2 * i, 2 * i + 2), 2 * row);
  });
  return start;
}

/** Ascending rows: all, or `most` of them at random. */
function sample(count: number, most: number, seed: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return [...randomStream(seed, 'map sample').choose(count, most)].sort((a, b) => a - b);
}
