/** Backbones: networks from an image to a feature vector, each with its settings and its weights. */
export { type Backbone, type BackboneImages, backbone, type FeatureExtractor } from './backbone.js';
export { type Block, type BlockPlan, blocksOf, depthsOf, planOf, trainedArrays } from './blocks.js';
export type { ImageNormalisation, PublishedWeights } from './published.js';
export {
  BACKBONE_NAMES,
  BACKBONES,
  type BackboneChoice,
  type BackboneMake,
  type BackboneName,
  type BackboneOptions,
  backboneMake,
  chosenBackbone,
  createBackbone,
  isPublished,
  PUBLISHED_NAMES,
  type PublishedName,
  publishedWeights,
} from './registry.js';
export { type ResidualCnnOptions, residualCnn } from './residualCnn.js';
export { RESNET_50, type ResnetOptions, resnet } from './resnet.js';
export { DISTILLED_FEATURES, type DistilledFeature, VIT_SMALL, type VitOptions, vit } from './vit.js';
