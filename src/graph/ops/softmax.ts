/** Soft-max and its logarithm, with closed-form gradients. The log-sum-exp stands beside the reductions. */
import { axisOf, makeTensor, type Tensor } from '../tensor.js';
import { exp, mul, sub } from './arithmetic.js';
import { customGradient } from './control.js';
import { logSumExp, sum } from './reduce.js';

/** Soft-max along an axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  const along = axisOf('Softmax', axis, x.shape.length);
  const y: Tensor = makeTensor(
    'Softmax',
    [x],
    x.shape,
    x.dtype,
    ([g]) => [mul(y, sub(g!, sum(mul(g!, y), { axes: [along], keepDims: true })))],
    { axis: { int: along } },
  );
  return y;
}

/**
 * Logarithm of the soft-max along an axis, x − ln Σ e^x (the ONNX operator does not run on every engine). Exact where
 * the soft-max itself would be 0.
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const rows = { axes: [axisOf('LogSoftmax', axis, x.shape.length)], keepDims: true };
  const y = sub(x, logSumExp(x, rows));
  return customGradient(y, [x], ([g]) => [sub(g!, mul(exp(y), sum(g!, rows)))]);
}
