/** Every ONNX operator that an imported network may have, by name; docs/backbones-onnx.md lists them. */
import type { OperatorRules } from '../call.js';
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { convolutions } from './convolution.js';
import { indexing } from './indexing.js';
import { layout } from './layout.js';
import { linear } from './linear.js';
import { logic } from './logic.js';
import { normalisations } from './normalisation.js';
import { reductions } from './reduction.js';
import { resampling } from './resize.js';
import { shapes } from './shape.js';

/** The operators by family, in the order of the documentation. */
export const OPERATOR_FAMILIES: Readonly<Record<string, OperatorRules>> = {
  'Convolution and pooling': convolutions,
  'Matrix products': linear,
  Normalisation: normalisations,
  Activations: activations,
  Arithmetic: arithmetic,
  Reductions: reductions,
  Shapes: shapes,
  'Joining, cutting, padding': layout,
  Indices: indexing,
  'Logic and types': logic,
  Resampling: resampling,
};

/** The operators by name. */
export const IMPORTED_OPERATORS: OperatorRules = Object.assign({}, ...Object.values(OPERATOR_FAMILIES));
