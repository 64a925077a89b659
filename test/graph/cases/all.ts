/** All cases of all operators, by name of the exported function. */
import type { OperatorCases } from '../operatorCase.js';
import { cases as activations } from './activations.js';
import { cases as arithmetic } from './arithmetic.js';
import { cases as batchNormalization } from './batchNormalization.js';
import { cases as control } from './control.js';
import { cases as convolution } from './convolution.js';
import { cases as einsum } from './einsum.js';
import { cases as linear } from './linear.js';
import { cases as logic } from './logic.js';
import { cases as normalization } from './normalization.js';
import { cases as padding } from './padding.js';
import { cases as pooling } from './pooling.js';
import { cases as rearrange } from './rearrange.js';
import { cases as reduce } from './reduce.js';
import { cases as resize } from './resize.js';
import { cases as rounding } from './rounding.js';
import { cases as select } from './select.js';
import { cases as shape } from './shape.js';
import { cases as softmax } from './softmax.js';
import { cases as top } from './top.js';

/** The tables joined. */
export const allCases: OperatorCases = {
  ...activations,
  ...arithmetic,
  ...batchNormalization,
  ...control,
  ...convolution,
  ...einsum,
  ...linear,
  ...logic,
  ...normalization,
  ...padding,
  ...pooling,
  ...rearrange,
  ...reduce,
  ...resize,
  ...rounding,
  ...select,
  ...shape,
  ...softmax,
  ...top,
};
