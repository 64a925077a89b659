/** Composites that engines run as one operator, with closed-form gradients: soft-max, layer normalisation, GELU. */
import { axisOf, constant, GraphError, makeTensor, show, type Tensor } from '../tensor.js';
import { add, clip, div, erf, exp, mul, sqrt, square, sub } from './arithmetic.js';
import { customGradient } from './control.js';
import { mean, sum, sumSquares, sumTo } from './reduce.js';

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
 * Normalises the last axis to mean 0 and variance 1 (biased, + epsilon), then scales and shifts it when
 * `weight` and `bias` `[D]` are given.
 */
export function layerNormalization(
  x: Tensor,
  { weight, bias, epsilon = 1e-5 }: { weight?: Tensor; bias?: Tensor; epsilon?: number } = {},
): Tensor {
  if (x.shape.length === 0) throw new GraphError('LayerNormalization: a scalar has no last axis');
  const width = x.shape[x.shape.length - 1];
  for (const [name, p] of Object.entries({ weight, bias }))
    if (p && (p.shape.length !== 1 || p.shape[0] !== width))
      throw new GraphError(
        `LayerNormalization: ${name} ${show(p.shape)} for input ${show(x.shape)}; expected [${width}]`,
      );
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  const one = constant(1, [width], x.dtype);
  const normal: Tensor = makeTensor(
    'LayerNormalization',
    [x, one],
    x.shape,
    x.dtype,
    ([g]) => {
      const axes = [x.shape.length - 1];
      const centred = sub(x, mean(x, { axes, keepDims: true }));
      const variance = mean(square(centred), { axes, keepDims: true });
      const inverse = makeTensor(
        'Reciprocal',
        [root(add(variance, epsilon))],
        variance.shape,
        x.dtype,
        undefined,
      );
      const inner = sub(g!, mean(g!, { axes, keepDims: true }));
      const along = mean(mul(g!, normal), { axes, keepDims: true });
      return [mul(inverse, sub(inner, mul(normal, along))), null];
    },
    attributes,
  );
  if (!weight) return bias ? add(normal, bias) : normal;
  const inputs = bias ? [x, weight, bias] : [x, weight];
  const fused = makeTensor('LayerNormalization', inputs, x.shape, x.dtype, undefined, attributes);
  return customGradient(fused, [normal, weight, ...(bias ? [bias] : [])], ([g]) => [
    mul(g!, weight),
    sumTo(mul(g!, normal), weight.shape),
    ...(bias ? [sumTo(g!, bias.shape)] : []),
  ]);
}

const root = (x: Tensor): Tensor => makeTensor('Sqrt', [x], x.shape, x.dtype, undefined);

/**
 * Gaussian error linear unit in its exact form, x·Φ(x), written in the order that engines recognise and run as one
 * operator.
 */
export function gelu(x: Tensor): Tensor {
  const u = div(x, Math.SQRT2);
  const twicePhi = add(erf(u), 1);
  return customGradient(mul(mul(x, twicePhi), 0.5), [x], ([g]) => {
    // Φ(x) + x·φ(x), where x·φ(x) = u·exp(−u² − ln √π)
    const density = mul(u, exp(sub(-0.5 * Math.log(Math.PI), square(u))));
    return [mul(g!, add(mul(twicePhi, 0.5), density))];
  });
}

/** Rows of x over their Euclidean norm, which is floored at 1e-12. */
export function l2Normalize(x: Tensor): Tensor {
  const rows = { axes: [x.shape.length - 1], keepDims: true };
  const tiny = 1e-24;
  return div(x, sqrt(clip(sumSquares(x, rows), tiny, Number.POSITIVE_INFINITY)));
}
