/**
 * Intervals of tree scores by resampling classes (Efron 1979). All trees are weighed with the same resamples, so
 * that differences between them have intervals too. A tree is not built again: what is measured is how much a
 * score hangs on which classes happen to be there.
 */
import { UsageError } from '../../errors.js';
import { randomStream } from '../../random.js';
import type { PairUnits } from './purity.js';

/** A value with the middle 95 % of its resamples. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Scores of several trees under the same resamples. */
export interface Resampled {
  /** Score of each tree. */
  readonly scores: readonly Interval[];
  /** Score of the first tree minus that of each tree. */
  readonly leads: readonly Interval[];
}

/** How {@link resamplePurity} draws. */
export interface BootstrapOptions {
  /** Resamples. Default 1,000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * Purities of several trees with intervals. Units are drawn with replacement; a pair of two units counts as
 * often as both were drawn together, a pair within a unit as often as it was drawn.
 *
 * @param sums for each tree, the sums of purityByUnits; or means of such sums
 */
export function resamplePurity(
  { units, a, b, pairs }: PairUnits,
  sums: readonly Float64Array[],
  { resamples = 1_000, seed = 0 }: BootstrapOptions = {},
): Resampled {
  if (!(Number.isInteger(resamples) && resamples >= 20))
    throw new UsageError(`${resamples} resamples were asked for. Give at least 20.`);
  const values = sums.map((sum) => total(sum) / total(pairs));
  const drawn = sums.map(() => new Float64Array(resamples));
  const times = new Int32Array(units);
  const scores = new Float64Array(sums.length);
  for (let resample = 0; resample < resamples; resample++) {
    const random = randomStream(seed, 'bootstrap', resample);
    times.fill(0);
    for (let draw = 0; draw < units; draw++) times[random.integer(units)]++;
    scores.fill(0);
    let weight = 0;
    for (let entry = 0; entry < pairs.length; entry++) {
      const [x, y] = [a[entry], b[entry]];
      const together = x === y ? times[x] : times[x] * times[y];
      if (together === 0) continue;
      weight += together * pairs[entry];
      for (let tree = 0; tree < sums.length; tree++) scores[tree] += together * sums[tree][entry];
    }
    for (let tree = 0; tree < sums.length; tree++) drawn[tree][resample] = scores[tree] / weight;
  }
  return {
    scores: drawn.map((samples, tree) => interval(values[tree], samples)),
    leads: drawn.map((samples, tree) =>
      interval(
        values[0] - values[tree],
        samples.map((score, i) => drawn[0][i] - score),
      ),
    ),
  };
}

function interval(value: number, samples: Float64Array): Interval {
  const sorted = samples.filter((sample) => !Number.isNaN(sample)).sort();
  if (sorted.length === 0) return { value, low: Number.NaN, high: Number.NaN };
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return { value, low: at(0.025), high: at(0.975) };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
