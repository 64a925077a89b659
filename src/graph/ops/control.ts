/** Operators that change only how gradients flow: stop, scale, replace by a rule of one's own. */
import {
  broadcast,
  type GradientRule,
  GraphError,
  isFloat,
  makeNode,
  makeTensor,
  NO_GRADIENT,
  sameShape,
  show,
  type Tensor,
} from '../tensor.js';
import { mul, requireSameShape } from './arithmetic.js';

/** x, without a gradient. */
export function stopGradient(x: Tensor): Tensor {
  return makeTensor('Identity', [x], x.shape, x.dtype, NO_GRADIENT);
}

/** x, whose gradient is multiplied by `factor` (broadcasting to x) on the way back; `factor` itself gets none. */
export function scaleGradient(x: Tensor, factor: Tensor): Tensor {
  if (!sameShape(broadcast('scaleGradient', x.shape, factor.shape), x.shape))
    throw new GraphError(
      `scaleGradient: factor ${show(factor.shape)} does not broadcast to ${show(x.shape)} of the value`,
    );
  return makeTensor('Identity', [x], x.shape, x.dtype, ([g]) => [mul(g!, factor)]);
}

/** The value of `forward` with the gradient of `backward`, which has the same shape (straight-through). */
export function straightThrough(forward: Tensor, backward: Tensor): Tensor {
  requireSameShape('straightThrough', forward, backward);
  return customGradient(forward, [backward], ([g]) => [g!]);
}

/**
 * The value of `result`, computed any way, with a gradient rule of its own with respect to `inputs`. The graph
 * inside `result` gets no gradient. Used where a derived formula is exact and far cheaper than the
 * operator-by-operator one.
 */
export function customGradient(result: Tensor, inputs: readonly Tensor[], rule: GradientRule): Tensor {
  if (!isFloat(result.dtype)) throw new GraphError(`customGradient: ${result.dtype} is not a float type`);
  return makeNode({
    op: 'Identity',
    inputs: [stopGradient(result), ...inputs],
    computes: 1,
    outputs: [{ shape: result.shape, dtype: result.dtype }],
    gradient: (grads) => [null, ...rule(grads)],
  })[0];
}
