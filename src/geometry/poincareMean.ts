/** The mean of points of the ball, on plain numbers. Means of other spaces are not here. */
import { UsageError } from '../errors.js';
import { kleinToPoincare, lorentzFactor, poincareToKlein } from './models.js';
import { numberAlgebra, own, type Point } from './numberAlgebra.js';

/** Einstein midpoint of points of the ball (the "Poincaré mean"). Throws `UsageError` without points. */
export function poincareMean(points: readonly Point[], c: number): Float64Array {
  if (points.length === 0) throw new UsageError('The mean of no points was asked for. Give at least one.');
  const klein = points.map((x) => poincareToKlein(numberAlgebra, x, c));
  const weights = klein.map((k) => lorentzFactor(numberAlgebra, k, c));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sum = klein.map((k, i) => numberAlgebra.scale(k, weights[i] / total)).reduce(numberAlgebra.plus);
  return own(kleinToPoincare(numberAlgebra, sum, c));
}
