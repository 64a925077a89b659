/**
 * How much better one set of embeddings retrieves than another, query by query, with an interval over classes that are
 * drawn anew (paired bootstrap, Efron 1979): queries of one class are alike, so classes are what chance has chosen. It
 * measures nothing; ranks and precisions of the queries come in.
 */
import { randomStream } from '../random.js';
import type { PerQuery } from './metrics.js';

/** What counts of queries that have a match, one entry a query. */
export interface PairedScores {
  /** Class of each. */
  readonly labels: readonly number[];
  /** 1 where the nearest item is of its class, else 0. */
  readonly 'recall@1': readonly number[];
  /** Average precision at R. */
  readonly 'map@r': readonly number[];
}

/** The measures of {@link PairedScores}. */
export const GAIN_MEASURES = ['recall@1', 'map@r'] as const;

/** A value with the interval that 95 of 100 draws of the classes lie in; the interval is NaN for a single class. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A difference of both measures, in fractions. */
export type Gain = Readonly<Record<(typeof GAIN_MEASURES)[number], Interval>>;

/** Draws of the classes. */
const DRAWS = 1000;

/**
 * Scores of queries from their evaluation.
 * @param labels class of each query
 */
export function pairedScores(
  perQuery: Pick<PerQuery, 'matches' | 'bestRank' | 'averagePrecisionAtR'>,
  labels: ArrayLike<number>,
): PairedScores {
  const counted = Array.from(labels, (_, query) => query).filter((query) => perQuery.matches[query] > 0);
  return {
    labels: counted.map((query) => labels[query]),
    'recall@1': counted.map((query) => (perQuery.bestRank[query] === 1 ? 1 : 0)),
    'map@r': counted.map((query) => perQuery.averagePrecisionAtR[query]),
  };
}

/** Scores of several sets of queries as those of one set. */
export function joinScores(parts: readonly PairedScores[]): PairedScores {
  return {
    labels: parts.flatMap(({ labels }) => labels),
    'recall@1': parts.flatMap((part) => part['recall@1']),
    'map@r': parts.flatMap((part) => part['map@r']),
  };
}

/** Means over the queries; NaN for none. */
export function meanScores(scores: PairedScores): Record<(typeof GAIN_MEASURES)[number], number> {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { 'recall@1': mean(scores['recall@1']), 'map@r': mean(scores['map@r']) };
}

/** What `of` gains over `over`, which are scores of the same queries in the same order. */
export function gainOf(of: PairedScores, over: PairedScores): Gain {
  const interval = (measure: (typeof GAIN_MEASURES)[number]): Interval => {
    const sums = new Map<number, { sum: number; count: number }>();
    of.labels.forEach((label, query) => {
      const found = sums.get(label) ?? { sum: 0, count: 0 };
      sums.set(label, found);
      found.sum += of[measure][query] - over[measure][query];
      found.count++;
    });
    const classes = [...sums.values()];
    const meanOf = (drawn: readonly { sum: number; count: number }[]) =>
      drawn.reduce((all, { sum }) => all + sum, 0) / drawn.reduce((all, { count }) => all + count, 0);
    const value = meanOf(classes);
    if (classes.length < 2) return { value, low: Number.NaN, high: Number.NaN };
    const random = randomStream(0, 'gain');
    const drawn = Array.from({ length: DRAWS }, () =>
      meanOf(classes.map(() => classes[random.integer(classes.length)])),
    ).sort((a, b) => a - b);
    const at = (share: number) => drawn[Math.round(share * (DRAWS - 1))];
    return { value, low: at(0.025), high: at(0.975) };
  };
  return { 'recall@1': interval('recall@1'), 'map@r': interval('map@r') };
}
