/** Geometry of the Poincaré ball: `numbers` of plain numbers in double precision, `tensors` of graph tensors. */
export { HIER_CLIP_RADIUS, HIER_CURVATURE } from './constants.js';
/** The ball on plain numbers: maps, distances, other models of the same space. */
export * as numbers from './numbers.js';
/** The ball on rows of graph tensors, with gradients. */
export * as tensors from './tensors.js';
