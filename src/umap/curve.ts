/**
 * The curve that turns a distance in the picture into a likeness, w(d) = 1 / (1 + a d^2b), and its parameters
 * from what a reader understands: how close points may lie, and over what distance likeness fades (McInnes,
 * Healy and Melville 2018, UMAP, section 3.2).
 */
import { UsageError } from '../errors.js';

/** Parameters of the curve. */
export interface Curve {
  readonly a: number;
  readonly b: number;
}

/** Distances at which the curve is fitted, over [0, 3 spread]. */
const SAMPLES = 300;
const STEPS = 100;

/**
 * The curve nearest (least squares, Levenberg–Marquardt) to one that is 1 up to `minDist` and falls as
 * exp(-(d - minDist) / spread) after it. `minDist` 0.1 and `spread` 1 give a ≈ 1.577, b ≈ 0.895.
 */
export function fitCurve(minDist: number, spread: number): Curve {
  if (!(spread > 0 && minDist >= 0 && minDist < 3 * spread))
    throw new UsageError(
      `minDist ${minDist} and spread ${spread} were given: spread must be above 0, and minDist between 0 and 3 spread.`,
    );
  const distances = Array.from({ length: SAMPLES }, (_, i) => (3 * spread * i) / (SAMPLES - 1));
  const wanted = distances.map((d) => (d < minDist ? 1 : Math.exp(-(d - minDist) / spread)));
  const errorOf = ({ a, b }: Curve) =>
    distances.reduce((sum, d, i) => sum + (likeness({ a, b }, d) - wanted[i]) ** 2, 0);
  let curve: Curve = { a: spread ** -2, b: 1 };
  let error = errorOf(curve);
  let damping = 1e-3;
  for (let step = 0; step < STEPS; step++) {
    // In log a and log b, so that both stay positive.
    let [haa, hab, hbb, ga, gb] = [0, 0, 0, 0, 0];
    distances.forEach((d, i) => {
      if (d === 0) return;
      const w = likeness(curve, d);
      const slope = -w * (1 - w);
      const [ja, jb] = [slope, slope * 2 * curve.b * Math.log(d)];
      const rest = w - wanted[i];
      haa += ja * ja;
      hab += ja * jb;
      hbb += jb * jb;
      ga += ja * rest;
      gb += jb * rest;
    });
    const [paa, pbb] = [haa * (1 + damping), hbb * (1 + damping)];
    const determinant = paa * pbb - hab * hab;
    const next = {
      a: curve.a * Math.exp(-(pbb * ga - hab * gb) / determinant),
      b: curve.b * Math.exp(-(paa * gb - hab * ga) / determinant),
    };
    const nextError = errorOf(next);
    if (nextError < error) {
      [curve, error] = [next, nextError];
      damping = Math.max(damping / 10, 1e-12);
    } else {
      damping *= 10;
    }
  }
  return curve;
}

/** w(d) in (0, 1]. */
export function likeness({ a, b }: Curve, d: number): number {
  return d > 0 ? 1 / (1 + a * d ** (2 * b)) : 1;
}
