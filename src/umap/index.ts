/** Hyperbolic UMAP: places in the Poincaré disk for points of any number of coordinates. Drawing them is not done here. */
export type { LikenessGraph } from './fuzzy.js';
export { fromDisk, toDisk } from './hyperboloid.js';
export { layOutMany } from './many.js';
export { hyperbolicUmap, type UmapLayout, type UmapOptions } from './umap.js';
