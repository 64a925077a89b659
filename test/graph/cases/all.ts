/** All cases of all operators, by name of the exported function. */
import type { OperatorCases } from '../operatorCase.js';
import { cases as arithmetic } from './arithmetic.js';
import { cases as control } from './control.js';
import { cases as convolution } from './convolution.js';
import { cases as linear } from './linear.js';
import { cases as logic } from './logic.js';
import { cases as reduce } from './reduce.js';
import { cases as select } from './select.js';
import { cases as shape } from './shape.js';
import { cases as softmax } from './softmax.js';

/** The tables joined. */
export const allCases: OperatorCases = {
  ...arithmetic,
  ...control,
  ...convolution,
  ...linear,
  ...logic,
  ...reduce,
  ...select,
  ...shape,
  ...softmax,
};
