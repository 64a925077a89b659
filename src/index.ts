/**
 * The public interface of hier. Three parts are namespaces, since their names are those of everyday mathematics:
 * `graph` (symbolic tensors, operators, gradients, sessions), `ball` (hyperbolic geometry on plain numbers) and
 * `hierarchy` (trees and their scores).
 * What is not exported here may change in any release.
 */

export {
  type Backbone,
  type BackboneChoice,
  createBackbone,
  DISTILLED_FEATURES,
  type DistilledFeature,
  isPublished,
  PUBLISHED,
  type PublishedBackbone,
  type PublishedName,
  type PublishedOptions,
  RESNET_50,
  type ResidualCnnOptions,
  type ResnetOptions,
  residualCnn,
  resnet,
  VIT_SMALL,
  type VitOptions,
  vit,
} from './backbones/index.js';
export {
  type DownloadOptions,
  type GetOptions,
  type GridResize,
  getWeights,
  type KeptWeights,
  type LoadedWeights,
  type LoadOptions,
  listWeights,
  loadWeights,
  resizePositions,
  type WantedArray,
  type WeightsEntry,
  type WeightsSource,
} from './backbones/weights/index.js';
export type { BenchmarkName } from './datasets/benchmark.js';
export {
  type CheckOptions,
  checkData,
  type DataReport,
  type DuplicateReport,
  type SplitReport,
} from './datasets/check.js';
export type { Dataset, DatasetItem, Taxonomy } from './datasets/dataset.js';
export { type Fingerprint, fingerprint, type SplitSize } from './datasets/fingerprint.js';
export { builtInDatasets, datasetKinds, type OpenOptions, openDataset } from './datasets/open.js';
export { makeReplica, replicaNames } from './datasets/standIns/index.js';
export type { ReplicaOptions } from './datasets/standIns/standIn.js';
export { holdOutValidation, type TrainingSplits } from './datasets/validation.js';
export { isVectorDataset, openVectors, type VectorDataset, type VectorOptions } from './datasets/vectors.js';
export { DataError, HierError, UsageError } from './errors.js';
export {
  type CompareOptions,
  type Comparison,
  type ComparisonRow,
  compareLosses,
  type RunPlan,
  type Spread,
} from './experiments/compare.js';
export type { Spreading, StepCost } from './experiments/cost.js';
export { type PlanOptions, planReproduction, type ReproductionPlan } from './experiments/plan.js';
export {
  findPreset,
  PRESETS,
  type Preset,
  type PublishedFigure,
  presetRecipe,
} from './experiments/presets.js';
export {
  type ReproducedFigure,
  type ReproduceOptions,
  type Reproduction,
  reproduce,
} from './experiments/reproduce.js';
export type { ReproductionTime } from './experiments/time.js';
export {
  type EmbeddedPart,
  type EmbedShardOptions,
  embedShard,
  type ShardResult,
} from './fleet/embedShard.js';
export {
  type BadImage,
  type Fragment,
  type FragmentItem,
  type FragmentModel,
  readFragment,
} from './fleet/fragment.js';
export { type FragmentFolder, type FragmentPart, readFragmentFolder } from './fleet/fragmentFolder.js';
export { parseShard, type Shard, shardOf } from './fleet/shard.js';
export type { ShardItem } from './fleet/shardInputs.js';
export { HIER_CLIP_RADIUS, HIER_CURVATURE } from './geometry/constants.js';
/** The Poincaré ball on plain numbers: maps, distances, other models of the same space. */
export * as ball from './geometry/numbers.js';
export { distanceMatrix, toBall } from './geometry/tensors.js';
/** Symbolic tensors, operators with their gradients, ONNX models and the sessions that run them. */
export * as graph from './graph/index.js';
/** Trees from embeddings and ancestors: built, described, exported, scored beside their controls. */
export * as hierarchy from './hierarchy/index.js';
export type { AugmentOptions } from './images/augment.js';
export { type ContactSheetOptions, type ContactSheetRow, writeContactSheet } from './images/contactSheet.js';
export type { Fit } from './images/fit.js';
export { ImageLoader, type LoaderOptions, type Rgb, type SkippedImage } from './images/loader.js';
export { type InputOptions, type PixelImage, prepareImage } from './images/prepare.js';
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
export {
  hyperbolicMultiSimilarity,
  type MultiSimilarityOptions,
  multiSimilarity,
} from './losses/multiSimilarity.js';
export { type ProxyAnchorOptions, proxyAnchor, proxyAnchorInitial } from './losses/proxyAnchor.js';
export { proxyNca } from './losses/proxyNca.js';
export { METRIC_LOSS_NAMES, type MetricChoice, type MetricLossName } from './losses/registry.js';
export { type SoftTripleOptions, softTriple, softTripleInitial } from './losses/softTriple.js';
export { type SupConOptions, supCon } from './losses/supCon.js';
export { openImages, type Preprocessing, preprocessingOf } from './model/inputs.js';
export {
  type Embedded,
  type EmbedOptions,
  type ModelInfo,
  openModel,
  readModelInfo,
  type TrainedModel,
} from './model/trained.js';
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
  checkRecipe,
  loadRecipe,
  type Recipe,
  type RecipeField,
  recipeFields,
  recipeNames,
  recipeToYaml,
} from './recipe/load.js';
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
export { type Checkpoint, readCheckpoint } from './runs/checkpoint.js';
export { type ExportOptions, type ExportResult, exportRun } from './runs/export/export.js';
export type { Parity, ParityRow } from './runs/export/parity.js';
export { type RunMode, type RunStatus, readRunStatus } from './runs/folder.js';
export { type MetricsRow, readMetrics } from './runs/metrics.js';
export type { Reporter } from './runs/progress.js';
export { hierarchicalProxies } from './runs/proxies.js';
export { type ReportOptions, type WrittenReport, writeReport } from './runs/report/report.js';
export { readSnapshots, type Snapshot } from './runs/snapshots.js';
export { type LeafKind, type RunTree, type TreeRunOptions, treeOfRun } from './runs/tree/build.js';
export { type PlacedImage, placeInRun } from './runs/tree/place.js';
export {
  type RetrievalRow,
  type RunTreeScores,
  type ScoreRunOptions,
  scoreTreeOfRun,
} from './runs/tree/score.js';
export { type IndexCounts, type IndexOptions, indexItems } from './store/indexItems.js';
export type { Manifest, ManifestOptions } from './store/manifest.js';
export { type ObjectStoreSettings, objectStoreSettings } from './store/objectStore.js';
export { admitWriter, createTable, openTable, type TableOptions, tableExists } from './store/open.js';
export type { SqlClient, SqlConnection, SqlPool, SqlRow } from './store/postgres/sql.js';
export { ask, type Group, groupHits, type Question, treeOf } from './store/query.js';
export { type FitOptions, fitSpace, type SearchSpace } from './store/space.js';
export type {
  Filter,
  Hit,
  HnswState,
  IndexState,
  Item,
  ItemFacts,
  MaintainOptions,
  SearchOptions,
  Store,
} from './store/store.js';
export { keepText, readText } from './store/textFiles.js';
export { type NodeTree, parseTree, TREE_FILE, type TreeNode, treeText } from './store/tree.js';
export { type Verification, type VerifyOptions, verifyStore } from './store/verify.js';
export type { Writer } from './store/writer.js';
export { type TrainOptions, type TrainResult, train } from './training/train.js';
export type { LikenessGraph } from './umap/fuzzy.js';
export { hyperbolicUmap, type UmapLayout, type UmapOptions } from './umap/umap.js';
