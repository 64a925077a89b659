/**
 * The ball over one algebra: the formulas of the ball and of the other models as functions of points alone, for one
 * kind of numbers. Plain numbers and graph tensors are both made by it; no formula stands here.
 */
import { type Algebra, scaledArtanh, scaledTanh } from './algebra.js';
import * as ball from './ball.js';
import * as models from './models.js';

/**
 * All formulas over the algebra `o`.
 *
 * @param own makes the result `R` from a vector `V` of the algebra, which may be an argument that was passed
 * through unchanged
 */
export function ballOver<V, S, R extends V>(o: Algebra<V, S>, own: (x: V) => R) {
  type OnSheet = models.Lorentz<V, S>;
  return {
    clip: (v: V, radius: number): R => own(ball.clip(o, v, radius)),
    expmap0: (v: V, c: number): R => own(ball.expmap0(o, v, c)),
    logmap0: (y: V, c: number): R => own(ball.logmap0(o, y, c)),
    project: (x: V, c: number): R => own(ball.project(o, x, c)),
    toBall: (v: V, options: ball.BallOptions): R => own(ball.toBall(o, v, options)),
    conformalFactor: (x: V, c: number): S => ball.conformalFactor(o, x, c),
    riemannianFactor: (x: V, c: number): S => ball.riemannianFactor(o, x, c),
    riemannianScale: (x: V, c: number): R => own(ball.riemannianScale(o, x, c)),
    mobiusAdd: (x: V, y: V, c: number): R => own(ball.mobiusAdd(o, x, y, c)),
    distance: (x: V, y: V, c: number): S => ball.distance(o, x, y, c),
    distance0: (x: V, c: number): S => ball.distance0(o, x, c),
    expmap: (x: V, u: V, c: number): R => own(ball.expmap(o, x, u, c)),
    logmap: (x: V, y: V, c: number): R => own(ball.logmap(o, x, y, c)),
    scaledTanh: (m: S, c: number): S => scaledTanh(o, m, c),
    scaledArtanh: (w: S, c: number): S => scaledArtanh(o, w, c),
    poincareToLorentz: (x: V, c: number): OnSheet => models.poincareToLorentz(o, x, c),
    lorentzToPoincare: (point: OnSheet, c: number): R => own(models.lorentzToPoincare(o, point, c)),
    lorentzProduct: (u: OnSheet, v: OnSheet): S => models.lorentzProduct(o, u, v),
    lorentzDistance: (u: OnSheet, v: OnSheet, c: number): S => models.lorentzDistance(o, u, v, c),
    poincareToKlein: (x: V, c: number): R => own(models.poincareToKlein(o, x, c)),
    kleinToPoincare: (k: V, c: number): R => own(models.kleinToPoincare(o, k, c)),
  };
}
