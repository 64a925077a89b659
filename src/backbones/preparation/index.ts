/** How images are prepared for a network from outside: read from the files that lie beside it. */
export { huggingFacePreparation } from './huggingFace.js';
export { type FoundPreparation, type Preparation, preparationBeside } from './preparation.js';
export { timmPreparation } from './timm.js';
