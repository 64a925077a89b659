/** Layers and the scope that holds their parameters. */
export { type AdapterSettings, type Adapters, isAdapter, matrixOf, mergeAdapters } from './adapters.js';
export { selfAttention, transformerBlock } from './attention.js';
export { type BallSettings, type HeadOptions, head, toManifold } from './head.js';
export { heNormal, type Initializer, initialize, ones, zeros } from './initialize.js';
export { batchNorm, convolution, layerNorm, linear, normalizedConvolution } from './layers.js';
export { type ArraySpec, type Observation, Scope, type ScopeOptions } from './scope.js';
