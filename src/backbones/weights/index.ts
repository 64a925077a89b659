/** Pretrained weights: names, files, the folder they are kept in. */
export { type LoadedWeights, type LoadOptions, loadWeights } from './load.js';
export { type Belonging, belonging } from './names.js';
export { type Filling, planWeights, type WantedArray, type WeightsPlan } from './plan.js';
export { type GridResize, resizePositions } from './positions.js';
export {
  isWeightsName,
  SOURCES,
  WEIGHTS_NAMES,
  type WeightsSource,
  weightsAddress,
} from './sources.js';
export {
  type GetOptions,
  getWeights,
  type KeptWeights,
  keptPath,
  listWeights,
  type WeightsEntry,
} from './weightsFolder.js';
