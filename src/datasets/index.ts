/**
 * Labelled collections of images and vectors: opened, checked, fingerprinted, split, fetched by name, and stand-ins for the published
 * ones. Images are listed here, not decoded.
 */
export type { BenchmarkName } from './benchmark.js';
export {
  type CheckOptions,
  checkData,
  type DataReport,
  type DuplicateReport,
  type SplitReport,
} from './check.js';
export type { Dataset, DatasetItem, Taxonomy } from './dataset.js';
export { type Fingerprint, fingerprint, type SplitSize } from './fingerprint.js';
export {
  FETCHED_NAMES,
  type FetchedName,
  type GetDatasetOptions,
  getDataset,
  type KeptDataset,
} from './get.js';
export { builtInDatasets, datasetKinds, type OpenOptions, openDataset } from './open.js';
export { makeStandIn, standInNames } from './standIns/index.js';
export type { StandInOptions } from './standIns/standIn.js';
export { holdOutValidation, type TrainingSplits } from './validation.js';
export { isVectorDataset, openVectors, type VectorDataset, type VectorOptions } from './vectors.js';
