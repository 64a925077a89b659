/** Random shapes for property tests (fast-check). */
import fc from 'fast-check';

/** Shapes of rank `minRank` to `maxRank` with dimensions 1 to `largest`. */
export function shapes(minRank = 0, maxRank = 4, largest = 3): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: largest }), { minLength: minRank, maxLength: maxRank });
}

/** `count` shapes that broadcast together: a common shape with leading axes dropped and others set to 1. */
export function broadcasting(count: number): fc.Arbitrary<number[][]> {
  return shapes().chain((full) =>
    fc.array(
      fc
        .tuple(
          fc.nat(full.length),
          fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
        )
        .map(([dropped, ones]) => full.map((n, i) => (ones[i] ? 1 : n)).slice(dropped)),
      { minLength: count, maxLength: count },
    ),
  );
}

/** Settings of a property: a fixed seed, so that a failure in one run is a failure in all. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  return { numRuns, seed: 20230618 };
}
