/**
 * Other models of the same hyperbolic space: the hyperboloid (Lorentz) and the Klein ball, as maps from and to
 * the Poincaré ball, written once over an algebra. A Lorentz point is kept as its time and space
 * parts, so no tensor is joined or cut.
 */
import { UsageError } from '../errors.js';
import { type Algebra, rootOfCurvature, rootOrZero, scaledArtanh } from './algebra.js';

/** Points (t, s) of the hyperboloid -t² + ‖s‖² = -1/c, t > 0. */
export interface Lorentz<V, S> {
  /** Time coordinate, >= 1/√c. */
  readonly time: S;
  /** Space coordinates. */
  readonly space: V;
}

/** Poincaré to Lorentz: t = (1/√c)(1 + c‖x‖²)/(1 - c‖x‖²), s = 2x/(1 - c‖x‖²). Throws `UsageError` at c = 0. */
export function poincareToLorentz<V, S>(o: Algebra<V, S>, x: V, c: number): Lorentz<V, S> {
  const root = rootForLorentz(c);
  const cxx = o.mul(o.dot(x, x), c);
  const below = o.sub(1, cxx);
  return { time: o.div(o.mul(o.add(cxx, 1), 1 / root), below), space: o.scale(x, o.div(2, below)) };
}

/** Lorentz to Poincaré: x = s/(1 + √c t). Throws `UsageError` at c = 0. */
export function lorentzToPoincare<V, S>(o: Algebra<V, S>, point: Lorentz<V, S>, c: number): V {
  return o.scale(point.space, o.div(1, o.add(o.mul(point.time, rootForLorentz(c)), 1)));
}

/** Lorentz inner product -t₁t₂ + <s₁, s₂>; -1/c for a point with itself. */
export function lorentzProduct<V, S>(o: Algebra<V, S>, u: Lorentz<V, S>, v: Lorentz<V, S>): S {
  return o.sub(o.dot(u.space, v.space), o.mul(u.time, v.time));
}

/**
 * Distance on the hyperboloid, (1/√c) arccosh(-c <u, v>), computed from the Lorentz square q of u - v as
 * (2/√c) artanh(√(c q/(4 + c q))): the same number without arccosh's loss of digits at close points.
 */
export function lorentzDistance<V, S>(o: Algebra<V, S>, u: Lorentz<V, S>, v: Lorentz<V, S>, c: number): S {
  rootForLorentz(c);
  const space = o.minus(u.space, v.space);
  const time = o.sub(u.time, v.time);
  const q = o.atLeast(o.sub(o.dot(space, space), o.mul(time, time)), 0);
  return o.mul(scaledArtanh(o, rootOrZero(o, o.div(q, o.add(o.mul(q, c), 4))), c), 2);
}

/** Poincaré to Klein: 2x/(1 + c‖x‖²). */
export function poincareToKlein<V, S>(o: Algebra<V, S>, x: V, c: number): V {
  return o.scale(x, o.div(2, o.add(o.mul(o.dot(x, x), c), 1)));
}

/** Klein to Poincaré: k/(1 + √(1 - c‖k‖²)). */
export function kleinToPoincare<V, S>(o: Algebra<V, S>, k: V, c: number): V {
  return o.scale(k, o.div(1, o.add(rootOrZero(o, o.sub(1, o.mul(o.dot(k, k), c))), 1)));
}

/** Lorentz factor 1/√(1 - c‖k‖²) of Klein points: their weights in the Einstein midpoint. */
export function lorentzFactor<V, S>(o: Algebra<V, S>, k: V, c: number): S {
  return o.div(1, o.sqrt(o.sub(1, o.mul(o.dot(k, k), c))));
}

/** √c, refusing the flat limit, in which the hyperboloid runs off to infinity. */
function rootForLorentz(c: number): number {
  const root = rootOfCurvature(c);
  if (root === 0)
    throw new UsageError('The Lorentz model does not exist at c = 0. Use the ball coordinates.');
  return root;
}
