/**
 * Retrieval metrics from ranks. A query is described by the ranks of its matches (gallery items of its class,
 * itself excluded): 1 for the most similar item of the gallery. No embeddings and no distances here; the
 * ranks are found elsewhere. Definitions: Musgrave, Belongie and Lim 2020 (A Metric Learning Reality Check) for
 * R-precision and MAP@R; Recall@K as in the metric-learning literature: at least one match among K.
 */
import { UsageError } from '../errors.js';

/**
 * Which ranks of a query's R matches are found: the best one alone, those up to R as well, or all. Recall@K,
 * P@1 and MRR need the first, R-precision and MAP@R the second, MAP the third.
 */
export type RankDepth = 'best' | 'top' | 'all';

/** What the ranks of one query's matches amount to. */
export interface QueryScores {
  /** Number of matches R. A query with R = 0 is lone: it takes part in no metric. */
  readonly matches: number;
  /** Rank of the best match; 0 for a lone query. */
  readonly bestRank: number;
  /** Share of matches among the first R items. */
  readonly rPrecision: number;
  /** (1/R) Σ over the matches among the first R of the precision at their rank. */
  readonly averagePrecisionAtR: number;
  /** (1/R) Σ over all matches of the precision at their rank. */
  readonly averagePrecision: number;
}

/** The same of many queries, entry i for query i. */
export interface PerQuery {
  /** Number of matches; 0 for a lone query. */
  readonly matches: Int32Array;
  /** Rank of the best match; 0 for a lone query. */
  readonly bestRank: Int32Array;
  /** R-precision; 0 for a lone query, and where it was not asked for. */
  readonly rPrecision: Float64Array;
  /** Average precision at R; as `rPrecision`. */
  readonly averagePrecisionAtR: Float64Array;
  /** Average precision over the whole gallery; as `rPrecision`. */
  readonly averagePrecision: Float64Array;
}

/**
 * Means over the queries that have a match, as fractions in [0, 1]; NaN where there is no such query. The
 * last three are there when the depth of ranks allows them.
 */
export interface RetrievalMetrics {
  /** Share of queries with a match among the first K. */
  readonly [recall: `recall@${number}`]: number;
  /** Share of queries whose first item is a match; the same as recall@1. */
  readonly 'precision@1': number;
  /** Mean reciprocal rank: 1 / rank of the best match. */
  readonly mrr: number;
  /** Mean R-precision. */
  readonly 'r-precision'?: number;
  /** Mean average precision at R. */
  readonly 'map@r'?: number;
  /** Mean average precision over the whole gallery. */
  readonly map?: number;
}

/** Scores of one query from the ranks of all its matches, in rising order, the first item having rank 1. */
export function scoreQuery(ranks: ArrayLike<number>): QueryScores {
  const matches = ranks.length;
  if (matches === 0)
    return { matches, bestRank: 0, rPrecision: 0, averagePrecisionAtR: 0, averagePrecision: 0 };
  let [within, atR, total] = [0, 0, 0];
  for (let k = 1; k <= matches; k++) {
    const precision = k / ranks[k - 1];
    total += precision;
    if (ranks[k - 1] > matches) continue;
    within++;
    atR += precision;
  }
  return {
    matches,
    bestRank: ranks[0],
    rPrecision: within / matches,
    averagePrecisionAtR: atR / matches,
    averagePrecision: total / matches,
  };
}

/** Throws `UsageError` unless every K of Recall@K is a whole number of at least 1 and there is one. */
export function checkRecallAt(recallAt: readonly number[]): void {
  if (recallAt.length > 0 && recallAt.every((k) => Number.isInteger(k) && k >= 1)) return;
  throw new UsageError(
    `The list of K for Recall@K is [${recallAt.join(', ')}]. Give whole numbers of at least 1, such as [1, 2, 4, 8].`,
  );
}

/**
 * Means over the queries with a match.
 *
 * @param recallAt the K of Recall@K
 * @param depth which ranks the scores come from; metrics that need more are left out
 * @throws UsageError when a K is not a whole number of at least 1
 */
export function summarizeQueries(
  scores: PerQuery,
  recallAt: readonly number[],
  depth: RankDepth = 'all',
): RetrievalMetrics {
  checkRecallAt(recallAt);
  const kept = Array.from(scores.matches.keys()).filter((i) => scores.matches[i] > 0);
  const mean = (value: (query: number) => number) =>
    kept.reduce((sum, query) => sum + value(query), 0) / kept.length;
  const recall = (k: number) => mean((i) => (scores.bestRank[i] <= k ? 1 : 0));
  const metrics: RetrievalMetrics = {
    ...Object.fromEntries(recallAt.map((k) => [`recall@${k}`, recall(k)])),
    'precision@1': recall(1),
    mrr: mean((i) => 1 / scores.bestRank[i]),
  };
  if (depth === 'best') return metrics;
  return {
    ...metrics,
    'r-precision': mean((i) => scores.rPrecision[i]),
    'map@r': mean((i) => scores.averagePrecisionAtR[i]),
    ...(depth === 'all' ? { map: mean((i) => scores.averagePrecision[i]) } : {}),
  };
}
