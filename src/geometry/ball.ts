/**
 * The Poincaré ball of curvature -c: the open ball of radius 1/√c. Every formula stands here once, written
 * over an algebra, and serves plain numbers and graph tensors alike.
 * c is a static number >= 0; at c = 0 every formula becomes its Euclidean limit (exp₀(v) = v, d = 2‖x - y‖).
 * Formulas: Ganea et al. 2018 (Hyperbolic Neural Networks); Khrulkov et al. 2020 (clipping, distance matrix);
 * Kim et al. 2023 (HIER), whose safety constants are used.
 */
import { type Algebra, norm, rootOfCurvature, rootOrZero, scaledArtanh, scaledTanh } from './algebra.js';
import { CLIP_NORM_OFFSET, MOBIUS_OFFSET, NORM_FLOOR, PROJECTION_MARGIN } from './constants.js';

/** Settings of the map from tangent vectors to the ball. */
export interface BallOptions {
  /** Curvature parameter, >= 0. */
  readonly c: number;
  /** Clip radius r > 0 before the exponential map; null for no clipping. */
  readonly clipRadius: number | null;
  /** Scale gradients by the inverse metric tensor on their way back. Default true, as in HIER. */
  readonly riemannianGradient?: boolean;
}

/** Feature clipping: v · min(1, r/(‖v‖ + 1e-5)). The factor carries gradient, so a clipped v gets none radially. */
export function clip<V, S>(o: Algebra<V, S>, v: V, radius: number): V {
  return o.scale(v, o.atMost(o.div(radius, o.add(norm(o, v), CLIP_NORM_OFFSET)), 1));
}

/** Exponential map at the origin: tanh(√c m) v/(√c m), m = max(‖v‖, 1e-5). No factor ½, so d(0, exp₀(v)) = 2‖v‖. */
export function expmap0<V, S>(o: Algebra<V, S>, v: V, c: number): V {
  const m = flooredNorm(o, v);
  return o.scale(v, o.div(scaledTanh(o, m, c), m));
}

/** Logarithmic map at the origin, the inverse of `expmap0`: artanh(√c m) y/(√c m), m = max(‖y‖, 1e-5). */
export function logmap0<V, S>(o: Algebra<V, S>, y: V, c: number): V {
  const m = flooredNorm(o, y);
  return o.scale(y, o.div(scaledArtanh(o, m, c), m));
}

/** Points outside the radius 0.999/√c are pulled back to it; others stay as they are. */
export function project<V, S>(o: Algebra<V, S>, x: V, c: number): V {
  const root = rootOfCurvature(c);
  if (root === 0) return x;
  return o.scale(x, o.atMost(o.div((1 - PROJECTION_MARGIN) / root, flooredNorm(o, x)), 1));
}

/** Tangent vectors at the origin to points of the ball: clip, exponential map, projection, gradient scale. */
export function toBall<V, S>(
  o: Algebra<V, S>,
  v: V,
  { c, clipRadius, riemannianGradient = true }: BallOptions,
): V {
  const clipped = clipRadius === null ? v : clip(o, v, clipRadius);
  const z = project(o, expmap0(o, clipped, c), c);
  return riemannianGradient ? riemannianScale(o, z, c) : z;
}

/** λ(x) = 2/(1 - c‖x‖²), by which lengths at x are stretched. */
export function conformalFactor<V, S>(o: Algebra<V, S>, x: V, c: number): S {
  return o.div(2, o.sub(1, o.mul(o.dot(x, x), c)));
}

/** (1 - c‖x‖²)²/4 = 1/λ(x)², the inverse metric tensor at x. */
export function riemannianFactor<V, S>(o: Algebra<V, S>, x: V, c: number): S {
  const half = o.mul(o.sub(1, o.mul(o.dot(x, x), c)), 0.5);
  return o.mul(half, half);
}

/** x itself; the gradient on its way back is multiplied by `riemannianFactor`, which makes it Riemannian. */
export function riemannianScale<V, S>(o: Algebra<V, S>, x: V, c: number): V {
  return o.scaleGradient(x, riemannianFactor(o, x, c));
}

/** Möbius addition x ⊕ y; 1e-5 is added to the denominator. */
export function mobiusAdd<V, S>(o: Algebra<V, S>, x: V, y: V, c: number): V {
  const [xx, yy, xy] = [o.dot(x, x), o.dot(y, y), o.dot(x, y)];
  const ofX = o.add(o.add(o.mul(xy, 2 * c), o.mul(yy, c)), 1);
  const ofY = o.sub(1, o.mul(xx, c));
  const over = o.add(o.add(o.mul(o.mul(xx, yy), c * c), o.mul(xy, 2 * c)), 1 + MOBIUS_OFFSET);
  return o.plus(o.scale(x, o.div(ofX, over)), o.scale(y, o.div(ofY, over)));
}

/** The linear map M (given as a function of rows) carried to the ball: exp₀(M log₀(x)), Möbius matrix product. */
export function mobiusMatvec<V, S>(o: Algebra<V, S>, matrix: (x: V) => V, x: V, c: number): V {
  return project(o, expmap0(o, matrix(logmap0(o, x, c)), c), c);
}

/** Distance of x and y, row by row: (2/√c) artanh(√c ‖(-x) ⊕ y‖). */
export function distance<V, S>(o: Algebra<V, S>, x: V, y: V, c: number): S {
  const w = norm(o, mobiusAdd(o, o.scale(x, -1), y, c));
  return o.mul(scaledArtanh(o, w, c), 2);
}

/** Distance of x to the origin: (2/√c) artanh(√c ‖x‖). */
export function distance0<V, S>(o: Algebra<V, S>, x: V, c: number): S {
  return o.mul(scaledArtanh(o, norm(o, x), c), 2);
}

/**
 * Distance from inner products alone, so that all pairs of two sets need no N × M × D tensor:
 * S = ‖x - y‖² = xx + yy - 2xy, D = 1 - 2c xy + c² xx yy, ‖(-x) ⊕ y‖ = √(S D)/(D + 1e-5).
 * S loses digits where x and y nearly coincide (about 1e-3 in a float32 distance); it is kept >= 0.
 */
export function distanceFromProducts<V, S>(o: Algebra<V, S>, xx: S, yy: S, xy: S, c: number): S {
  const square = o.atLeast(o.add(o.add(o.mul(xy, -2), xx), yy), 0);
  const denominator = o.add(o.sub(o.mul(o.mul(xx, yy), c * c), o.mul(xy, 2 * c)), 1);
  const w = o.div(rootOrZero(o, o.mul(square, denominator)), o.add(denominator, MOBIUS_OFFSET));
  return o.mul(scaledArtanh(o, w, c), 2);
}

/** Exponential map at x: x ⊕ tanh(√c λ(x)‖u‖/2) u/(√c‖u‖). */
export function expmap<V, S>(o: Algebra<V, S>, x: V, u: V, c: number): V {
  const m = flooredNorm(o, u);
  const length = o.mul(o.mul(conformalFactor(o, x, c), m), 0.5);
  return mobiusAdd(o, x, o.scale(u, o.div(scaledTanh(o, length, c), m)), c);
}

/** Logarithmic map at x: (2/(√c λ(x))) artanh(√c‖w‖) w/‖w‖ with w = (-x) ⊕ y. */
export function logmap<V, S>(o: Algebra<V, S>, x: V, y: V, c: number): V {
  const w = mobiusAdd(o, o.scale(x, -1), y, c);
  const m = flooredNorm(o, w);
  return o.scale(w, o.div(o.div(o.mul(scaledArtanh(o, m, c), 2), conformalFactor(o, x, c)), m));
}

/** max(‖x‖, 1e-5); no gradient where the floor wins. */
function flooredNorm<V, S>(o: Algebra<V, S>, x: V): S {
  return o.atLeast(norm(o, x), NORM_FLOOR);
}
