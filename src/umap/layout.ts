/**
 * The layout of UMAP in the hyperbolic plane: points that are alike pull each other together, points drawn at
 * random push each other apart, each along the geodesic between them. The forces are the derivatives of the cross
 * entropy of the graph's likenesses and the picture's (McInnes, Healy and Melville 2018, UMAP, section 3.2);
 * umap-learn follows the coordinate gradient on the hyperboloid instead, which hardly moves far-out points.
 * One thread, in a fixed order: the result is a function of its arguments.
 */
import { randomStream } from '../random.js';
import type { Curve } from './curve.js';
import type { LikenessGraph } from './fuzzy.js';
import { NO_DIRECTION } from './hyperboloid.js';

/** Options of {@link layOut}. */
export interface LayoutOptions {
  readonly graph: LikenessGraph;
  /** Where the points begin, on the hyperboloid, `[N, 2]`; not changed. */
  readonly start: Float64Array;
  readonly curve: Curve;
  readonly epochs: number;
  /** Step size of the first epoch; it falls to 0 linearly. Default 1. */
  readonly rate?: number;
  /** Points pushed away for each pull. Default 5. */
  readonly negatives?: number;
  /**
   * Distance beyond which points do not push each other. Without an end, pushes from all the others add up in the
   * hyperbolic plane, where they come from one side, and drive loose parts out to the rim. Default none.
   */
  readonly reach?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Largest step before the rate. */
const MOST = 4;
/** Added to distances that are divided by. */
const SOFT = 1e-6;
/** cosh of the largest distance to the origin; beyond, float64 cannot tell neighbours apart. */
const HIGHEST = 1e5;

/** Minus the derivative of -log w by the distance: a pull. */
export function pull({ a, b }: Curve, d: number): number {
  const power = a * d ** (2 * b);
  return (2 * b * power) / ((1 + power) * (d + SOFT));
}

/** The derivative of log(1 - w) by the distance: a push. */
export function push({ a, b }: Curve, d: number): number {
  return (2 * b) / ((1 + a * d ** (2 * b)) * (d + SOFT));
}

/** Places of the points on the hyperboloid, `[N, 2]`. */
export function layOut(options: LayoutOptions): Float64Array {
  const steps = layoutSteps(options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** {@link layOut} with a pause after every epoch, which gives the number of epochs done. */
export function* layoutSteps({
  graph,
  start,
  curve,
  epochs,
  rate = 1,
  negatives = 5,
  reach = Number.POSITIVE_INFINITY,
  seed = 0,
}: LayoutOptions): Generator<number, Float64Array> {
  const places = start.slice();
  const count = places.length / 2;
  const heights = new Float64Array(count);
  for (let i = 0; i < count; i++) heights[i] = Math.sqrt(1 + places[2 * i] ** 2 + places[2 * i + 1] ** 2);

  /** Moves a by `step` along the geodesic to b; `cosh` is that of their distance. */
  const move = (a: number, bx: number, by: number, cosh: number, sinh: number, step: number) => {
    const grown = Math.exp(step);
    const across = (grown - 1 / grown) / (2 * sinh);
    const stay = (grown + 1 / grown) / 2 - across * cosh;
    let x = stay * places[2 * a] + across * bx;
    let y = stay * places[2 * a + 1] + across * by;
    let square = x * x + y * y;
    if (square > HIGHEST * HIGHEST) {
      const shrink = HIGHEST / Math.sqrt(square);
      x *= shrink;
      y *= shrink;
      square = HIGHEST * HIGHEST;
    }
    places[2 * a] = x;
    places[2 * a + 1] = y;
    heights[a] = Math.sqrt(1 + square);
  };

  const mostCosh = Math.cosh(reach);
  const { heads, tails, every } = edgesOf(graph, epochs);
  const due = every.slice();
  const { bits } = randomStream(seed, 'umap', count, epochs);
  const run = (epoch: number) => {
    const alpha = rate * (1 - epoch / epochs);
    for (let edge = 0; edge < heads.length; edge++) {
      if (due[edge] > epoch + 1) continue;
      due[edge] += every[edge];
      const i = heads[edge];
      const j = tails[edge];
      const [ix, iy, jx, jy] = [places[2 * i], places[2 * i + 1], places[2 * j], places[2 * j + 1]];
      const cosh = heights[i] * heights[j] - ix * jx - iy * jy;
      if (cosh - 1 >= NO_DIRECTION) {
        const sinh = Math.sqrt((cosh - 1) * (cosh + 1));
        const step = alpha * Math.min(MOST, pull(curve, Math.log(cosh + sinh)));
        move(i, jx, jy, cosh, sinh, step);
        move(j, ix, iy, cosh, sinh, step);
      }
      for (let draw = 0; draw < negatives; draw++) {
        const other = Math.floor(bits() * 2 ** -32 * count);
        if (other === i) continue;
        const [ox, oy] = [places[2 * other], places[2 * other + 1]];
        const coshOther = heights[i] * heights[other] - places[2 * i] * ox - places[2 * i + 1] * oy;
        if (coshOther - 1 < NO_DIRECTION || coshOther > mostCosh) continue;
        const sinh = Math.sqrt((coshOther - 1) * (coshOther + 1));
        move(i, ox, oy, coshOther, sinh, -alpha * Math.min(MOST, push(curve, Math.log(coshOther + sinh))));
      }
    }
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    run(epoch);
    yield epoch + 1;
  }
  return places;
}

/** Edges in both directions with the epochs between two uses; the likeliest is used in every epoch. */
function edgesOf({ starts, neighbours, weights }: LikenessGraph, epochs: number) {
  const most = weights.reduce((a, b) => Math.max(a, b), 0);
  const [heads, tails, every]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i + 1 < starts.length; i++)
    for (let at = starts[i]; at < starts[i + 1]; at++) {
      if (weights[at] * epochs < most) continue; // would not be used once
      heads.push(i);
      tails.push(neighbours[at]);
      every.push(most / weights[at]);
    }
  return { heads: Int32Array.from(heads), tails: Int32Array.from(tails), every: Float64Array.from(every) };
}
