/** Operators whose result is constant between steps, so that no gradient passes: rounding, sign, remainder, tests. */
import { GraphError, isFloat, makeTensor, NO_GRADIENT, type Tensor } from '../tensor.js';
import { div, mul, type Operand, pair, sub } from './arithmetic.js';
import { stopGradient } from './control.js';
import { greater, oneWhere } from './logic.js';

function stepwise(op: string, x: Tensor): Tensor {
  if (!isFloat(x.dtype)) throw new GraphError(`${op}: ${x.dtype} is not a float type`);
  return makeTensor(op, [x], x.shape, x.dtype, NO_GRADIENT);
}

/** The largest whole number not above x. No gradient. */
export const floor = (x: Tensor): Tensor => stepwise('Floor', x);
/** The smallest whole number not below x. No gradient. */
export const ceil = (x: Tensor): Tensor => stepwise('Ceil', x);
/** The nearest whole number, of two equally near the even one. No gradient. */
export const round = (x: Tensor): Tensor => stepwise('Round', x);

/** −1, 0 or 1, by selection (the ONNX operator does not run on every engine). No gradient. */
export function sign(x: Tensor): Tensor {
  return sub(oneWhere(greater(x, 0), x.dtype), oneWhere(greater(0, x), x.dtype));
}

/**
 * The remainder of a over b with the sign of b, as in Python: a − b·⌊a/b⌋, of floats (the ONNX operator does not run
 * on every engine). The gradient takes the quotient's whole part as constant.
 */
export function mod(a: Operand, b: Operand): Tensor {
  const [x, y] = pair('mod', a, b);
  return sub(x, mul(y, floor(stopGradient(div(x, y)))));
}

/** Whether each element is not a number, as bool. No gradient. */
export function notANumber(x: Tensor): Tensor {
  if (!isFloat(x.dtype)) throw new GraphError(`IsNaN: ${x.dtype} is not a float type`);
  return makeTensor('IsNaN', [x], x.shape, 'bool', NO_GRADIENT);
}
