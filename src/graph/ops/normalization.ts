/**
 * Normalisation within one image or token: by layer, instance, group, root mean square and vector norm. What needs
 * statistics of a batch is batch normalisation, and stands beside.
 */
import {
  axisOf,
  constant,
  GraphError,
  makeTensor,
  type Shape,
  sameShape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor.js';
import { add, clip, div, mul, reciprocal, sqrt, square, sub } from './arithmetic.js';
import { customGradient } from './control.js';
import { equal, where } from './logic.js';
import { mean, reduceL1, reduceL2, sumSquares, sumTo } from './reduce.js';
import { reshape } from './shape.js';

/** Scale and shift after a normalisation, and what is added to the variance. */
export interface NormalizationOptions {
  readonly weight?: Tensor | undefined;
  readonly bias?: Tensor | undefined;
  readonly epsilon?: number;
}

/**
 * Normalises the axes from `axis` on (the last one by default) to mean 0 and variance 1 (biased, + epsilon), then scales
 * and shifts when `weight` and `bias`, of the shape of these axes, are given.
 */
export function layerNormalization(
  x: Tensor,
  { weight, bias, epsilon = 1e-5, axis = -1 }: NormalizationOptions & { axis?: number } = {},
): Tensor {
  if (x.shape.length === 0) throw new GraphError('LayerNormalization: a scalar has no last axis');
  const rest = x.shape.slice(axisOf('LayerNormalization', axis, x.shape.length));
  if (rest.length < 2) return normalizeLast(x, { weight, bias, epsilon });
  for (const [name, p] of Object.entries({ weight, bias }))
    if (p && !sameShape(p.shape, rest))
      throw new GraphError(
        `LayerNormalization: ${name} ${show(p.shape)} for input ${show(x.shape)}; expected ${show(rest)}`,
      );
  const flat = (p?: Tensor) => p && reshape(p, [sizeOf(rest)]);
  const rows = reshape(x, [...x.shape.slice(0, -rest.length), sizeOf(rest)]);
  return reshape(normalizeLast(rows, { weight: flat(weight), bias: flat(bias), epsilon }), x.shape);
}

/** Layer normalisation of the last axis, `weight` and `bias` `[D]`. */
function normalizeLast(x: Tensor, { weight, bias, epsilon = 1e-5 }: NormalizationOptions): Tensor {
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

/** Rows of x over their Euclidean norm, which is floored at 1e-12. */
export function l2Normalize(x: Tensor): Tensor {
  const rows = { axes: [x.shape.length - 1], keepDims: true };
  const tiny = 1e-24;
  return div(x, sqrt(clip(sumSquares(x, rows), tiny, Number.POSITIVE_INFINITY)));
}

/**
 * The last axes, from `axis` on, over their root mean square √(mean x² + epsilon), times `weight` of the shape of these
 * axes when it is given.
 */
export function rmsNormalization(
  x: Tensor,
  { weight, epsilon = 1e-5, axis = -1 }: Omit<NormalizationOptions, 'bias'> & { axis?: number } = {},
): Tensor {
  const first = axisOf('rmsNormalization', axis, x.shape.length);
  const rows = { axes: x.shape.map((_, i) => i).slice(first), keepDims: true };
  const inverse = reciprocal(sqrt(add(mean(square(x), rows), epsilon)));
  const normal = customGradient(mul(x, inverse), [x], ([g]) => {
    const along = mean(mul(g!, x), rows);
    return [mul(inverse, sub(g!, mul(x, mul(square(inverse), along))))];
  });
  return weight ? mul(normal, weight) : normal;
}

/** Each channel of each image `[B, C, …]` to mean 0 and variance 1; `weight` and `bias` are `[C]`. */
export function instanceNormalization(x: Tensor, options: NormalizationOptions = {}): Tensor {
  return groupNormalization(x, x.shape[1], options);
}

/**
 * The channels of each image `[B, C, …]` in `groups` equal groups, each to mean 0 and variance 1; `weight` and `bias` are
 * `[C]`.
 */
export function groupNormalization(
  x: Tensor,
  groups: number,
  { weight, bias, epsilon = 1e-5 }: NormalizationOptions = {},
): Tensor {
  const [b, c] = x.shape;
  if (x.shape.length < 3 || !(Number.isInteger(groups) && groups >= 1 && c % groups === 0))
    throw new GraphError(
      `groupNormalization: ${groups} groups for ${show(x.shape)}; expected [B, C, …] with a number of groups that divides C`,
    );
  for (const [name, p] of Object.entries({ weight, bias }))
    if (p && !sameShape(p.shape, [c]))
      throw new GraphError(
        `groupNormalization: ${name} ${show(p.shape)} for input ${show(x.shape)}; expected [${c}]`,
      );
  const normal = reshape(layerNormalization(reshape(x, [b, groups, -1]), { epsilon }), x.shape);
  const perChannel = (p: Tensor) => reshape(p, [c, ...x.shape.slice(2).map(() => 1)] as Shape);
  const scaled = weight ? mul(normal, perChannel(weight)) : normal;
  return bias ? add(scaled, perChannel(bias)) : scaled;
}

/** x over its vector norm (p = 1: sum of magnitudes, p = 2: Euclidean) along an axis; zeros stay zeros. */
export function lpNormalize(x: Tensor, { p = 2, axis = -1 }: { p?: number; axis?: number } = {}): Tensor {
  if (p !== 1 && p !== 2) throw new GraphError(`lpNormalize: p = ${p}; expected 1 or 2`);
  const options = { axes: [axis], keepDims: true };
  const norm = p === 1 ? reduceL1(x, options) : reduceL2(x, options);
  return div(x, where(equal(norm, 0), 1, norm));
}
