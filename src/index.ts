/**
 * The public interface of hier: the jobs, a trained run, what recipes and data are read with, the parts that can come from
 * outside, and errors. What the jobs are made of stands under the subpaths `/graph`, `/ball`, `/nn`, `/losses`,
 * `/backbones`, `/backbones/onnx`, `/datasets`, `/retrieval`, `/hierarchy`, `/umap`, `/store`, `/fleet`, `/server` and `/prepare`. What none of
 * them exports may change in any release.
 */

// Training, with parts of hier's own or from outside.
export { type Backbone, backbone } from './backbones/backbone.js';
export { type GetNetworkOptions, getNetwork } from './backbones/hub/index.js';
export { getWeights } from './backbones/weights/index.js';
// Recipes and data.
export { type Dataset, type OpenOptions, openDataset } from './datasets/index.js';
// Errors.
export { DataError, HierError, UsageError } from './errors.js';
// Many runs.
export { type Cell, compareCells, planCells } from './experiments/cells.js';
export { type CompareOptions, compareLosses } from './experiments/compare.js';
export type { Comparison } from './experiments/comparison.js';
export { planReproduction, type ReproductionPlan } from './experiments/plan.js';
export { type ReproduceOptions, type Reproduction, reproduce } from './experiments/reproduce.js';
export { type Augmentation, augmentation } from './images/augmentation.js';
export { type MetricLoss, metricLoss } from './losses/metricLoss.js';
// A trained network, and a trained run.
export type { EmbedCallOptions, Embedder, EmbedderLimits } from './model/embedder.js';
export type { ModelInfo } from './model/files.js';
export type { ImageInput } from './model/imageBytes.js';
export { openImages } from './model/inputs.js';
export { openModel, type TrainedModel } from './model/trained.js';
export { checkRecipe, loadRecipe, type Recipe, recipeFields, recipeToYaml } from './recipe/load.js';
export type { Parts } from './recipe/parts.js';
export type { Collection } from './runs/collection.js';
// What is done with a run.
export { type EvaluateRunOptions, evaluateRun, type RunEvaluation } from './runs/evaluation/evaluate.js';
export { type SearchResult, type SearchRunOptions, searchRun } from './runs/evaluation/search.js';
export { type ExportOptions, type ExportResult, exportRun } from './runs/export/export.js';
export { exportInto, type IntoOptions, type IntoResult } from './runs/export/intoOnnx.js';
export { type OpenNetworkOptions, openNetwork } from './runs/openNetwork.js';
export type { ProgressReporter } from './runs/progress.js';
export { type FiguresOptions, figuresOfRun, type RunFigures } from './runs/report/figures.js';
export { type ReportOptions, writeReport } from './runs/report/report.js';
export { openRun, type Run, withRun } from './runs/run.js';
export { type RunTree, type TreeRunOptions, treeOfRun } from './runs/tree/build.js';
export type { LeafKind, TreeShape } from './runs/tree/ofItems.js';
export { type PlacedImage, placeInRun } from './runs/tree/place.js';
export { type ScoreRunOptions, scoreTreeOfRun } from './runs/tree/score.js';
export type { RunTreeScores } from './runs/tree/scoreSpaces.js';
// Tables, and a service over one.
export { type RunningServer, type ServerOptions, startServer } from './server/server.js';
export { type IndexTableOptions, type IndexTableResult, indexTable } from './tables/index.js';
export { type OpenEmbedderOptions, openEmbedder } from './tables/openEmbedder.js';
export { type SearchTableOptions, searchTable, type TableSearchResult } from './tables/search.js';
export {
  type ItemsTree,
  treeOfTable,
  treeOfVectors,
  type VectorTreeOptions,
} from './tables/treeOf.js';
export { type TrainOptions, type TrainResult, train } from './training/train.js';
