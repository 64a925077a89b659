/** Random retrieval problems for the tests: clustered points in the ball, with duplicates and lone classes. */
import fc from 'fast-check';
import { type RandomStream, randomStream } from '../../src/random.js';
import type { Points } from './oracle.js';

/** Rows as one float32 array. */
export function flat(points: Points): Float32Array {
  return Float32Array.from(points.flat());
}

/** A labelled set of points. */
export interface Labelled {
  readonly points: Points;
  readonly labels: readonly number[];
}

/** What to draw. */
export interface ProblemOptions {
  readonly count: number;
  readonly dim: number;
  /** Labels are drawn from that number of classes, small ones far more often: some classes are large, some lone. */
  readonly classes: number;
  /** Share of rows that repeat another row, whatever its class. */
  readonly duplicates: number;
  /** Bound on the Euclidean norm. */
  readonly radius: number;
}

/** Points about class centres; float32 numbers. */
export function drawLabelled(
  random: RandomStream,
  { count, dim, classes, duplicates, radius }: ProblemOptions,
): Labelled {
  const normals = () => Array.from({ length: dim }, () => random.normal());
  const centres = Array.from({ length: classes }, normals);
  const points: number[][] = [];
  const labels: number[] = [];
  for (let row = 0; row < count; row++) {
    const label = Math.floor(classes * random.uniform() ** 2);
    labels.push(label);
    if (row > 0 && random.uniform() < duplicates) {
      points.push(points[random.integer(row)]);
      continue;
    }
    const v = normals().map((value, k) => centres[label][k] + value);
    const scale = (radius * (0.2 + 0.8 * random.uniform())) / Math.hypot(...v);
    points.push(v.map((value) => Math.fround(value * scale)));
  }
  return { points, labels };
}

/** Problems of all kinds; `c` and `metric` included. */
export const problems = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 2, max: 60 }),
    dim: fc.integer({ min: 2, max: 9 }),
    classes: fc.integer({ min: 1, max: 12 }),
    duplicates: fc.constantFrom(0, 0.1, 0.5),
    metric: fc.constantFrom('hyperbolic' as const, 'cosine' as const, 'euclidean' as const),
    c: fc.constantFrom(0, 1e-6, 0.01, 0.1, 1),
    share: fc.constantFrom(0.01, 0.3, 0.62, 0.95),
  })
  .map(({ seed, c, share, ...rest }) => {
    const options = { ...rest, radius: c > 0 ? share / Math.sqrt(c) : 10 * share };
    const random = randomStream(seed, 'retrieval problem');
    return { ...options, c, random, set: drawLabelled(random, options) };
  });
