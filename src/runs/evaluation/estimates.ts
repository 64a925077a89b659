/**
 * Recall and MAP@R of queries with intervals over classes that are drawn anew (Efron 1979): how much a value hangs on
 * which classes happen to be there. It measures nothing; ranks and precisions of the queries come in.
 */
import { randomStream } from '../../random.js';
import type { PerQuery } from '../../retrieval/index.js';

/** A value with a 95 % interval over resampled classes. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The K of the recall curves. */
export const CURVE = [1, 2, 4, 8, 16, 32, 64, 128];
/** Draws of the classes. */
const RESAMPLES = 500;

/** Recall and MAP@R of a network. */
export interface Estimates {
  /** Recall at each K of {@link CURVE}. */
  readonly recall: readonly Estimate[];
  readonly mapAtR: Estimate;
}

/** Recall and MAP@R with intervals: classes are drawn with replacement, each with all its queries. */
export function estimates(
  perQuery: Pick<PerQuery, 'matches' | 'bestRank' | 'averagePrecisionAtR'>,
  classes: readonly number[],
): Estimates {
  const units = [...new Set(classes)];
  const unitOf = new Map(units.map((unit, i) => [unit, i]));
  const width = CURVE.length + 2;
  const sums = new Float64Array(units.length * width);
  classes.forEach((label, query) => {
    if (perQuery.matches[query] === 0) return;
    const at = unitOf.get(label)! * width;
    sums[at]++;
    sums[at + 1] += perQuery.averagePrecisionAtR[query];
    CURVE.forEach((k, i) => {
      if (perQuery.bestRank[query] <= k) sums[at + 2 + i]++;
    });
  });
  const total = (draws: Iterable<number>) => {
    const result = new Float64Array(width);
    for (const unit of draws) for (let i = 0; i < width; i++) result[i] += sums[unit * width + i];
    return Array.from(result, (value) => value / result[0]);
  };
  const means = total(units.keys());
  const random = randomStream(0, 'recall intervals');
  const resampled = Array.from({ length: RESAMPLES }, () =>
    total(units.map(() => random.integer(units.length))),
  );
  const estimate = (i: number): Estimate => {
    const drawn = resampled
      .map((sample) => sample[i])
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number) => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
    return { value: means[i], low: at(0.025), high: at(0.975) };
  };
  return { recall: CURVE.map((_, i) => estimate(2 + i)), mapAtR: estimate(1) };
}
