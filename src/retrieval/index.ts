/** Exact retrieval: evaluation, nearest neighbours, and what both are measured by. */
export { pixelFeatures } from './baselines.js';
export { METRICS, type Metric } from './coordinates.js';
export {
  type EvaluateOptions,
  evaluateRetrieval,
  type LabelledEmbeddings,
  type RetrievalResult,
} from './evaluate.js';
export {
  GAIN_MEASURES,
  type Gain,
  gainOf,
  type Interval,
  joinScores,
  meanScores,
  type PairedScores,
  pairedScores,
} from './gain.js';
export {
  type PerQuery,
  type QueryScores,
  type RankDepth,
  type RetrievalMetrics,
  scoreQuery,
  summarizeQueries,
} from './metrics.js';
export { nearestInStream, type RowStreamBatch } from './nearestInStream.js';
export { type NeighbourOptions, type Neighbours, nearestNeighbours } from './neighbours.js';
export type { ParallelOptions } from './parallel.js';
