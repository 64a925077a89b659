/** Comparison of numbers within a tolerance, with a message that leads to the worst one. */
import assert from 'node:assert/strict';

/** What may differ: |actual − expected| ≤ atol + rtol · |expected|. */
export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

/** Numbers to compare: an array of any kind. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint>;

/**
 * Throws unless every element of `actual` is close to that of `expected`. NaN equals NaN and an infinity
 * equals itself alone. The message names the worst element, its index, both values and how many are off.
 */
export function assertAllclose(
  actual: Numbers,
  expected: Numbers,
  { rtol = 1e-7, atol = 0 }: Tolerance = {},
  label = 'values',
): void {
  assert.equal(actual.length, expected.length, `${label}: number of elements`);
  let [off, worst, worstExcess] = [0, -1, 0];
  for (let i = 0; i < expected.length; i++) {
    const excess = excessOf(Number(actual[i]), Number(expected[i]), rtol, atol);
    if (excess > 0) off++;
    if (excess > worstExcess) [worst, worstExcess] = [i, excess];
  }
  if (off === 0) return;
  const [a, e] = [Number(actual[worst]), Number(expected[worst])];
  assert.fail(
    `${label}: ${off} of ${expected.length} elements are off; the worst, at ${worst}, is ${a}, expected ${e} ` +
      `(difference ${Math.abs(a - e).toExponential(2)}, allowed ${(atol + rtol * Math.abs(e)).toExponential(2)})`,
  );
}

/** How far a difference is beyond what is allowed; 0 when it is not. */
function excessOf(a: number, e: number, rtol: number, atol: number): number {
  if (Object.is(a, e) || a === e) return 0;
  const difference = Math.abs(a - e);
  const allowed = atol + rtol * Math.abs(e);
  if (!Number.isFinite(difference) || !Number.isFinite(allowed)) return Number.POSITIVE_INFINITY;
  return difference > allowed ? difference - allowed : 0;
}
