/** Losses over embeddings: HIER with its parts, and the metric losses that it is added to. */
export {
  type HierInputs,
  type HierLoss,
  type HierOptions,
  hierInitial,
  hierLoss,
  nodeDistances,
  type PassRandomness,
} from './hier.js';
export { type LcaNoise, type LcaOptions, type LcaTerm, lcaTerm } from './lca.js';
export {
  drawTriplets,
  miningSimilarity,
  type Neighbourhood,
  reciprocalNeighbours,
  type Share,
  type Triplets,
} from './mining.js';
export {
  hyperbolicMultiSimilarity,
  type MultiSimilarityOptions,
  multiSimilarity,
} from './multiSimilarity.js';
export { type ProxyAnchorOptions, proxyAnchor, proxyAnchorInitial } from './proxyAnchor.js';
export { proxyNca } from './proxyNca.js';
export { METRIC_LOSS_NAMES, type MetricChoice, type MetricLossName } from './registry.js';
export { type SoftTripleOptions, softTriple, softTripleInitial } from './softTriple.js';
export { type SupConOptions, supCon } from './supCon.js';
