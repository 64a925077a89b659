/**
 * Ball geometry on symbolic graph tensors: rows of a `[N, D]` tensor are points, a scalar a row is `[N, 1]`.
 * Everything is built from ordinary graph operators and has gradients; float32 in training, float64 for
 * checks. The names are those of the functions of plain numbers.
 */
import {
  add,
  clip as clamp,
  customGradient,
  diagonal,
  div,
  GraphError,
  gemm,
  less,
  log,
  mul,
  reshape,
  scaleGradient,
  show,
  sqrt,
  sub,
  sum,
  sumSquares,
  type Tensor,
  tanh,
  where,
} from '../graph/index.js';
import type { Algebra } from './algebra.js';
import * as ball from './ball.js';
import { ballOver } from './ballOver.js';
import { lorentzFactor } from './models.js';
import type { DistanceMatrixOptions } from './numbers.js';

const ROWS = { axes: [-1], keepDims: true };

/** The algebra of rows: vectors are `[.., D]`, scalars `[.., 1]`. */
const tensorAlgebra: Algebra<Tensor, Tensor> = {
  plus: add,
  minus: sub,
  scale: mul,
  dot: (x, y) => (x === y ? sumSquares(x, ROWS) : sum(mul(x, y), ROWS)),
  add,
  sub,
  mul,
  div,
  atLeast: (a, bound) => clamp(a, bound, Number.POSITIVE_INFINITY),
  atMost: (a, bound) => clamp(a, Number.NEGATIVE_INFINITY, bound),
  sqrt,
  log,
  tanh,
  whereLess: (a, bound, yes, no) => where(less(a, bound), yes, no),
  withDerivative: (x, value, derivative) => {
    const y = value(x);
    return customGradient(y, [x], ([g]) => [mul(g!, derivative(x, y))]);
  },
  scaleGradient,
};

export const {
  /** Feature clipping of each row to the Euclidean norm `radius`: v · min(1, radius/(‖v‖ + 1e-5)). */
  clip,
  /** Exponential map at the origin, `[N, D]`. */
  expmap0,
  /** Logarithmic map at the origin, `[N, D]`. */
  logmap0,
  /** Rows outside the radius 0.999/√c pulled back to it. */
  project,
  /** Tangent vectors at the origin to points of the ball: clip, exponential map, projection, gradient scale. */
  toBall,
  /** λ(x) = 2/(1 - c‖x‖²), `[N, 1]`. */
  conformalFactor,
  /** x itself; its gradient is multiplied by (1 - c‖x‖²)²/4, row by row. */
  riemannianScale,
  /** Möbius addition x ⊕ y, row by row. */
  mobiusAdd,
  /** Distance of row i of x and row i of y, `[N, 1]`. */
  distance,
  /** Distance of each row to the origin, `[N, 1]`. */
  distance0,
  /** Exponential map at the rows of x. */
  expmap,
  /** Logarithmic map at the rows of x. */
  logmap,
  /** tanh(√c m)/√c as the exponential maps use it: clamped, with the limit m at c = 0. */
  scaledTanh,
  /** artanh(√c w)/√c, clamped, as distances use it; its derivative is 1/(1 - t²) at the clamped argument t. */
  scaledArtanh,
  /** Poincaré to Lorentz (hyperboloid) coordinates. Throws `UsageError` at c = 0. */
  poincareToLorentz,
  /** Lorentz (hyperboloid) to Poincaré coordinates. Throws `UsageError` at c = 0. */
  lorentzToPoincare,
  /** Distance on the hyperboloid, row by row, `[N, 1]`. Throws `UsageError` at c = 0. */
  lorentzDistance,
  /** Poincaré to Klein coordinates. */
  poincareToKlein,
  /** Klein to Poincaré coordinates. */
  kleinToPoincare,
} = ballOver(tensorAlgebra, (x: Tensor) => x);

/** Möbius matrix-vector product of each row with `matrix` `[E, D]`: `[N, D]` → `[N, E]`. */
export const mobiusMatvec = (matrix: Tensor, x: Tensor, c: number): Tensor =>
  ball.mobiusMatvec(tensorAlgebra, (v) => gemm(v, matrix, { transB: true }), x, c);

/** Einstein midpoint of the rows (the "Poincaré mean"): `[N, D]` → `[1, D]`. */
export function poincareMean(x: Tensor, c: number): Tensor {
  const klein = poincareToKlein(x, c);
  const weights = lorentzFactor(tensorAlgebra, klein, c);
  const over = { axes: [0], keepDims: true };
  return kleinToPoincare(div(sum(mul(klein, weights), over), sum(weights, over)), c);
}

/**
 * All distances of the rows of x `[N, D]` and y `[M, D]`, as `[N, M]`, from inner products: no N × M × D tensor.
 * Where both sides are one node set, the diagonal has value 0 and gradient 0.
 * @throws GraphError when the shapes do not fit
 */
export function distanceMatrix(
  x: Tensor,
  y: Tensor,
  { c, sameNodes = x === y }: DistanceMatrixOptions,
): Tensor {
  const [n, m] = [x.shape[0], y.shape[0]];
  if (x.shape.length !== 2 || y.shape.length !== 2 || (sameNodes && n !== m))
    throw new GraphError(
      `distanceMatrix: ${show(x.shape)} and ${show(y.shape)} were given; expected [N, D] and [M, D]${sameNodes ? ' with M = N, the same nodes' : ''}`,
    );
  const xx = tensorAlgebra.dot(x, x);
  const yy = reshape(tensorAlgebra.dot(y, y), [1, m]);
  const distances = ball.distanceFromProducts(tensorAlgebra, xx, yy, gemm(x, y, { transB: true }), c);
  if (!sameNodes) return distances;
  return where(diagonal(n), 0, distances);
}
