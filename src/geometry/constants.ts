/**
 * The numbers that keep ball geometry finite, and the method's two settings. They are HIER's (official code,
 * hyptorch/pmath), so that values agree with published checkpoints and oracles to rounding. Other libraries
 * differ: geoopt clamps artanh at 1e-7 and floors norms and denominators at 1e-15.
 */

/** Curvature parameter c of HIER: sectional curvature -c, ball radius 1/√c = 3.1623. */
export const HIER_CURVATURE = 0.1;

/** Radius r to which tangent vectors are clipped before the exponential map (feature clipping). */
export const HIER_CLIP_RADIUS = 2.3;

/** Added to the Euclidean norm when a vector is clipped: factor = min(1, r / (‖v‖ + 1e-5)). */
export const CLIP_NORM_OFFSET = 1e-5;

/** Smallest norm used as a divisor. Below it a norm counts as this constant and passes no gradient. */
export const NORM_FLOOR = 1e-5;

/** Points are kept inside the radius (1 - 1e-3)/√c. Never active with c = 0.1 and r = 2.3. */
export const PROJECTION_MARGIN = 1e-3;

/** tanh(t) is evaluated with t clamped to [-15, 15]. */
export const TANH_LIMIT = 15;

/** artanh(t) is evaluated with t clamped to [-(1 - 1e-5), 1 - 1e-5]: distances saturate at 12.2/√c. */
export const ARTANH_LIMIT = 1 - 1e-5;

/** Added to the denominator of Möbius addition. */
export const MOBIUS_OFFSET = 1e-5;

/** Below this value of √c · norm, tanh and artanh are replaced by their Taylor series, so that c → 0 works. */
export const SERIES_BOUND = 1e-3;

/** Curvatures below this count as 0: the ball's radius 1/√c and its reciprocal must fit float32 arithmetic. */
export const FLAT_CURVATURE = 1e-30;

/** A squared length below this counts as 0 where its root is differentiated: the gradient there is 0. */
export const TINY_SQUARE = 1e-30;
