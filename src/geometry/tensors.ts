/**
 * Ball geometry on symbolic graph tensors: rows of a `[N, D]` tensor are points, a scalar a row is `[N, 1]`.
 * Everything is built from ordinary graph operators and has gradients; float32 in training, float64 for
 * checks. The formulas are those of ball.ts and models.ts, and so are the names.
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
import * as functions from './algebra.js';
import * as ball from './ball.js';
import * as models from './models.js';
import type { DistanceMatrixOptions } from './numbers.js';

const ROWS = { axes: [-1], keepDims: true };

/** The algebra of rows: vectors are `[.., D]`, scalars `[.., 1]`. */
export const tensors: Algebra<Tensor, Tensor> = {
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

/** Feature clipping of each row to the Euclidean norm `radius`; see `ball.ts`. */
export const clip = (v: Tensor, radius: number): Tensor => ball.clip(tensors, v, radius);

/** Exponential map at the origin, `[N, D]`. */
export const expmap0 = (v: Tensor, c: number): Tensor => ball.expmap0(tensors, v, c);

/** Logarithmic map at the origin, `[N, D]`. */
export const logmap0 = (y: Tensor, c: number): Tensor => ball.logmap0(tensors, y, c);

/** Rows outside the radius 0.999/√c pulled back to it. */
export const project = (x: Tensor, c: number): Tensor => ball.project(tensors, x, c);

/** Tangent vectors at the origin to points of the ball: clip, exponential map, projection, gradient scale. */
export const toBall = (v: Tensor, options: ball.BallOptions): Tensor => ball.toBall(tensors, v, options);

/** λ(x) = 2/(1 - c‖x‖²), `[N, 1]`. */
export const conformalFactor = (x: Tensor, c: number): Tensor => ball.conformalFactor(tensors, x, c);

/** x itself; its gradient is multiplied by (1 - c‖x‖²)²/4, row by row. */
export const riemannianScale = (x: Tensor, c: number): Tensor => ball.riemannianScale(tensors, x, c);

/** Möbius addition x ⊕ y, row by row. */
export const mobiusAdd = (x: Tensor, y: Tensor, c: number): Tensor => ball.mobiusAdd(tensors, x, y, c);

/** Möbius matrix-vector product of each row with `matrix` `[E, D]`: `[N, D]` → `[N, E]`. */
export const mobiusMatvec = (matrix: Tensor, x: Tensor, c: number): Tensor =>
  ball.mobiusMatvec(tensors, (v) => gemm(v, matrix, { transB: true }), x, c);

/** Distance of row i of x and row i of y, `[N, 1]`. */
export const distance = (x: Tensor, y: Tensor, c: number): Tensor => ball.distance(tensors, x, y, c);

/** Distance of each row to the origin, `[N, 1]`. */
export const distance0 = (x: Tensor, c: number): Tensor => ball.distance0(tensors, x, c);

/** Exponential map at the rows of x. */
export const expmap = (x: Tensor, u: Tensor, c: number): Tensor => ball.expmap(tensors, x, u, c);

/** Logarithmic map at the rows of x. */
export const logmap = (x: Tensor, y: Tensor, c: number): Tensor => ball.logmap(tensors, x, y, c);

/** tanh(√c m)/√c as the exponential maps use it: clamped, with the limit m at c = 0. */
export const scaledTanh = (m: Tensor, c: number): Tensor => functions.scaledTanh(tensors, m, c);

/** artanh(√c w)/√c, clamped, as distances use it; its derivative is 1/(1 - t²) at the clamped argument t. */
export const scaledArtanh = (w: Tensor, c: number): Tensor => functions.scaledArtanh(tensors, w, c);

/** Poincaré to Lorentz (hyperboloid) coordinates. Throws `UsageError` at c = 0. */
export const poincareToLorentz = (x: Tensor, c: number): models.Lorentz<Tensor, Tensor> =>
  models.poincareToLorentz(tensors, x, c);

/** Lorentz (hyperboloid) to Poincaré coordinates. Throws `UsageError` at c = 0. */
export const lorentzToPoincare = (point: models.Lorentz<Tensor, Tensor>, c: number): Tensor =>
  models.lorentzToPoincare(tensors, point, c);

/** Distance on the hyperboloid, row by row, `[N, 1]`. Throws `UsageError` at c = 0. */
export const lorentzDistance = (
  u: models.Lorentz<Tensor, Tensor>,
  v: models.Lorentz<Tensor, Tensor>,
  c: number,
): Tensor => models.lorentzDistance(tensors, u, v, c);

/** Poincaré to Klein coordinates. */
export const poincareToKlein = (x: Tensor, c: number): Tensor => models.poincareToKlein(tensors, x, c);

/** Klein to Poincaré coordinates. */
export const kleinToPoincare = (k: Tensor, c: number): Tensor => models.kleinToPoincare(tensors, k, c);

/** Einstein midpoint of the rows (the "Poincaré mean"): `[N, D]` → `[1, D]`. */
export function poincareMean(x: Tensor, c: number): Tensor {
  const klein = poincareToKlein(x, c);
  const weights = models.lorentzFactor(tensors, klein, c);
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
  const xx = tensors.dot(x, x);
  const yy = reshape(tensors.dot(y, y), [1, m]);
  const distances = ball.distanceFromProducts(tensors, xx, yy, gemm(x, y, { transB: true }), c);
  if (!sameNodes) return distances;
  return where(diagonal(n), 0, distances);
}
