/**
 * The public interface of hier. Two parts are namespaces, since their names are those of everyday mathematics:
 * `graph` (symbolic tensors, operators, gradients, sessions) and `ball` (hyperbolic geometry on plain numbers).
 * What is not exported here may change in any release.
 */

export {
  type Backbone,
  type BackboneChoice,
  createBackbone,
  type ResidualCnnOptions,
  residualCnn,
  VIT_SMALL,
  type VitOptions,
  vit,
} from './backbones/index.js';
export type { Dataset, DatasetItem, Taxonomy } from './datasets/dataset.js';
export { type Fingerprint, fingerprint, type SplitSize } from './datasets/fingerprint.js';
export { builtInDatasets, type OpenOptions, openDataset } from './datasets/open.js';
export { holdOutValidation, type TrainingSplits } from './datasets/validation.js';
export { DataError, HierError, UsageError } from './errors.js';
export { HIER_CLIP_RADIUS, HIER_CURVATURE } from './geometry/constants.js';
/** The Poincaré ball on plain numbers: maps, distances, other models of the same space. */
export * as ball from './geometry/numbers.js';
export { distanceMatrix, toBall } from './geometry/tensors.js';
/** Symbolic tensors, operators with their gradients, ONNX models and the sessions that run them. */
export * as graph from './graph/index.js';
export type { AugmentOptions } from './images/augment.js';
export { type ContactSheetOptions, type ContactSheetRow, writeContactSheet } from './images/contactSheet.js';
export type { Fit } from './images/fit.js';
export { ImageLoader, type LoaderOptions, type Rgb, type SkippedImage } from './images/loader.js';
export { type Matrix, readNpy, writeNpy } from './io/npy.js';
export {
  type HierInputs,
  type HierLoss,
  type HierOptions,
  hierInitial,
  hierLoss,
  nodeDistances,
  type PassRandomness,
} from './losses/hier.js';
export { type LcaNoise, type LcaOptions, type LcaTerm, lcaTerm } from './losses/lca.js';
export {
  drawTriplets,
  miningSimilarity,
  type Neighbourhood,
  reciprocalNeighbours,
  type Share,
  type Triplets,
} from './losses/mining.js';
export { type ProxyAnchorOptions, proxyAnchor, proxyAnchorInitial } from './losses/proxyAnchor.js';
export {
  type ArraySpec,
  type BallSettings,
  batchNorm,
  convolution,
  type HeadOptions,
  head,
  type Initializer,
  initialize,
  layerNorm,
  linear,
  type Observation,
  Scope,
  selfAttention,
  toManifold,
  transformerBlock,
} from './nn/index.js';
export { type KeyPart, type RandomStream, randomStream } from './random.js';
export {
  type EvaluateOptions,
  evaluateRetrieval,
  type LabelledEmbeddings,
  METRICS,
  type Metric,
  type NeighbourOptions,
  type Neighbours,
  nearestNeighbours,
  type ParallelOptions,
  type PerQuery,
  pixelFeatures,
  type RetrievalMetrics,
  type RetrievalResult,
} from './retrieval/index.js';
export { type Checkpoint, readCheckpoint } from './training/checkpoint.js';
export { openImages, type Preprocessing, preprocessingOf } from './training/imageLoader.js';
export { type MetricsRow, readMetrics } from './training/metricsLog.js';
export {
  type Embedded,
  type EmbedOptions,
  type ModelInfo,
  openModel,
  readModelInfo,
  type TrainedModel,
} from './training/model.js';
export {
  checkRecipe,
  loadRecipe,
  type Recipe,
  type RecipeField,
  recipeFields,
  recipeNames,
  recipeToYaml,
} from './training/recipe.js';
export { type RunMode, type RunStatus, readRunStatus } from './training/runFolder.js';
export { type TrainOptions, type TrainResult, train } from './training/train.js';
