/**
 * UMAP of points of the Poincaré ball into the hyperbolic plane, drawn in the Poincaré disk: exact neighbours by
 * hyperbolic distance, the neighbour graph of UMAP, and a layout on the hyperboloid (HIER supplement, Figure 1).
 */
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../errors.js';
import { logmap0 } from '../geometry/numbers.js';
import { type Metric, nearestNeighbours, type ParallelOptions } from '../retrieval/index.js';
import { fitCurve } from './curve.js';
import { type LikenessGraph, likenessGraph, unionOf } from './fuzzy.js';
import { centred, toDisk } from './hyperboloid.js';
import { type LayoutOptions, layoutSteps } from './layout.js';
import { startingPlaces } from './start.js';

/** Options of {@link hyperbolicUmap}. */
export interface UmapOptions extends ParallelOptions {
  /** `[N, dim]`, row after row. */
  readonly points: Float32Array;
  readonly dim: number;
  /** Curvature parameter c of the ball. Default 0.1. */
  readonly curvature?: number;
  /** How distance is measured in the input. Default hyperbolic. */
  readonly metric?: Metric;
  /** Neighbours of a point in the graph, itself included. Default 15. */
  readonly neighbours?: number;
  /** Distance in the picture up to which points may lie together. Default 0.1. */
  readonly minDist?: number;
  /** Distance in the picture over which likeness fades; a small one keeps the picture away from the rim. Default 1. */
  readonly spread?: number;
  /** Default 500 up to 10,000 points, else 200. */
  readonly epochs?: number;
  /**
   * Two kinds of points: the first `kinds` of them, and the rest. Each point then also has neighbours of the other
   * kind, by a yardstick of their own, so that kinds that lie apart are joined. Default: one kind.
   */
  readonly kinds?: number | undefined;
  /** Places on the hyperboloid to begin with, `[N, 2]`, such as an earlier `places`. */
  readonly start?: Float64Array;
  /** Step size of the first epoch. Default 1. */
  readonly rate?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Called after every epoch. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Gives up, with the signal's reason, within a moment. */
  readonly signal?: AbortSignal | undefined;
}

/** A layout. */
export interface UmapLayout {
  /** On the hyperboloid, `[N, 2]`, their centre at the origin. */
  readonly places: Float64Array;
  /** In the Poincaré disk, `[N, 2]`, norms below 1. */
  readonly disk: Float64Array;
  readonly graph: LikenessGraph;
}

/** Outermost radius of the starting places, in units of the spread. */
const START_RADIUS = 4;
/** Distance beyond which points do not push each other, in units of the spread. */
const REACH = 6;

/**
 * Lays points out in the hyperbolic plane. Equal arguments give equal results.
 * @throws UsageError when an option has a wrong value or a length does not fit; DataError as nearestNeighbours
 */
export async function hyperbolicUmap({
  points,
  dim,
  curvature = 0.1,
  metric = 'hyperbolic',
  neighbours = 15,
  minDist = 0.1,
  spread = 1,
  epochs = points.length / dim <= 10_000 ? 500 : 200,
  kinds,
  start,
  rate = 1,
  seed = 0,
  onProgress,
  signal,
  ...how
}: UmapOptions): Promise<UmapLayout> {
  const count = points.length / dim;
  if (!(Number.isInteger(neighbours) && neighbours >= 2))
    throw new UsageError(`The number of neighbours is ${neighbours}. Give a whole number of at least 2.`);
  if (!(Number.isInteger(epochs) && epochs >= 0))
    throw new UsageError(`The number of epochs is ${epochs}. Give a whole number of at least 0.`);
  if (start && start.length !== 2 * count)
    throw new UsageError(`${start.length / 2} starting places were given for ${count} points.`);
  const curve = fitCurve(minDist, spread);
  const k = neighbours - 1;
  const near = await nearestNeighbours({ queries: points, dim, k, metric, curvature, ...how });
  if (near.k === 0) {
    const places = new Float64Array(2 * count);
    const graph = {
      starts: new Int32Array(count + 1),
      neighbours: new Int32Array(0),
      weights: new Float64Array(0),
    };
    return { places, disk: places.slice(), graph };
  }
  const own = likenessGraph(near);
  const across =
    kinds === undefined ? [] : await acrossKinds(points, dim, kinds, { metric, curvature, ...how });
  const graph = across.reduce(unionOf, own);
  const from =
    start ??
    startingPlaces({
      values: tangents(points, dim, metric === 'hyperbolic' ? curvature : 0),
      ...{ dim, graph, radius: START_RADIUS * spread, seed },
    });
  const laid = await pacedLayout(
    { graph, start: from, curve, epochs, rate, reach: REACH * spread, seed },
    onProgress,
    signal,
  );
  const places = centred(laid);
  return { places, disk: toDisk(places), graph };
}

/** Work between two looks at what else is going on, ms. */
const BREATH = 50;

/** The layout, with room for timers, signals and requests in between. */
async function pacedLayout(
  options: LayoutOptions,
  onProgress: UmapOptions['onProgress'],
  signal: UmapOptions['signal'],
): Promise<Float64Array> {
  const steps = layoutSteps(options);
  let breath = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    onProgress?.(value, options.epochs);
    if (performance.now() - breath < BREATH) continue;
    await setImmediate();
    signal?.throwIfAborted();
    breath = performance.now();
  }
}

/** Neighbours of the other kind that each point has. */
const ACROSS = 5;

/** Likenesses between two kinds of points: what each says of the other. */
async function acrossKinds(
  points: Float32Array,
  dim: number,
  first: number,
  how: { readonly metric: Metric; readonly curvature: number } & ParallelOptions,
): Promise<LikenessGraph[]> {
  const count = points.length / dim;
  if (!(Number.isInteger(first) && first >= 0 && first <= count))
    throw new UsageError(`The first kind has ${first} of ${count} points.`);
  if (first === 0 || first === count) return [];
  const sets = [points.subarray(0, first * dim), points.subarray(first * dim)] as const;
  const graphs: LikenessGraph[] = [];
  for (const from of [0, 1] as const) {
    const near = await nearestNeighbours({
      ...how,
      queries: sets[from],
      gallery: sets[1 - from],
      dim,
      k: ACROSS,
    });
    const [mine, theirs] = from === 0 ? [0, first] : [first, 0];
    graphs.push(
      likenessGraph({ ...near, indices: near.indices.map((row) => row + theirs) }, { count, from: mine }),
    );
  }
  return graphs;
}

/** Points as tangent vectors at the origin. */
function tangents(points: Float32Array, dim: number, curvature: number): ArrayLike<number> {
  if (curvature === 0) return points;
  const values = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += dim)
    values.set(logmap0(points.subarray(at, at + dim), curvature), at);
  return values;
}
