/**
 * The heart of HIER: for each triplet one proxy is chosen as the lowest common ancestor of the related pair and
 * one as that of all three, and hinges ask that the pair is closer to its own ancestor than to the common one
 * (HIER supplement; official code; the three-hinge form is that of gradient-based hyperbolic hierarchical
 * clustering, Monath et al. 2019). It sees distances only; who is a node and how triplets are found is
 * not decided here.
 *
 * The gradient is the exact one of hard Gumbel-softmax with the straight-through estimator, in closed form. Both are one
 * custom operator: as standard ones they would be two dozen walks over T × P numbers.
 */
import {
  applyOperator,
  cast,
  clip,
  customGradient,
  defineOperator,
  mul,
  reciprocal,
  sum,
  type Tensor,
} from '../graph/index.js';
import { computeLca } from './lcaCompute.js';
import type { Reals } from './lcaMemory.js';
import type { Triplets } from './mining.js';

/** Gumbel noise of the two choices of each triplet. */
export type LcaNoise =
  /** The noise itself, `[T, P]` each. */
  | { readonly pair: Tensor; readonly triple: Tensor }
  /**
   * Rows of a pool `[R, P]`, by index `[T]` int32 each. Pools up to 64 MiB are kept for the next run: the array that is fed
   * is known again by itself and by one number of each row, so draw a new pool whole.
   */
  | { readonly pool: Tensor; readonly pairRows: Tensor; readonly tripleRows: Tensor };

/** Options of {@link lcaTerm}. */
export interface LcaOptions {
  readonly margin: number;
  /** τ: distances are divided by it before noise is added. */
  readonly temperature: number;
}

/** The loss term and which ancestors were chosen. */
export interface LcaTerm {
  /** Mean over all weighted triplets of the three hinges; 0 when no triplet has weight. */
  readonly loss: Tensor;
  /** Chosen ancestors of the pairs and of the triples, `[T]` int64 each; 0 where a triplet has no weight. */
  readonly pairAncestors: Tensor;
  readonly tripleAncestors: Tensor;
}

/**
 * Distances, nodes i, j and k, weights, then the noise of both choices: a matrix each, or a pool with the rows of each. Gives
 * the sum of the hinges, its gradient by the distances, and both ancestors.
 */
const LCA = defineOperator('hier: lowest common ancestors', (inputs, { margin, temperature }) => {
  const [distances, i, j, k, weight, ...noise] = inputs.map(({ data }) => data);
  const reals = distances as Reals;
  const [first, second, third] = noise as [Reals, Reals | Int32Array, Int32Array | undefined];
  const { total, slopes, pairs, triples } = computeLca({
    ...{ distances: reals, proxies: inputs[0].shape[1], temperature, margin, weight: weight as Reals },
    nodes: [i as Int32Array, j as Int32Array, k as Int32Array],
    noise: third
      ? [
          { values: first, rows: second as Int32Array },
          { values: first, rows: third },
        ]
      : [{ values: first }, { values: second as Reals }],
  });
  const sum = reals instanceof Float32Array ? Float32Array.of(total) : Float64Array.of(total);
  return [sum, slopes, pairs, triples];
});

/**
 * One term of HIER.
 * @param distances of the N nodes to the P proxies, `[N, P]`; the only input that gets a gradient
 */
export function lcaTerm(
  distances: Tensor,
  triplets: Triplets,
  noise: LcaNoise,
  { margin, temperature }: LcaOptions,
): LcaTerm {
  const { i, j, k, weight } = triplets;
  const { dtype } = distances;
  const noises =
    'pool' in noise ? [noise.pool, noise.pairRows, noise.tripleRows] : [noise.pair, noise.triple];
  const chosen = { shape: i.shape, dtype: 'int32' } as const;
  const [total, slopes, ...ancestors] = applyOperator(
    LCA,
    [distances, i, j, k, weight, ...noises],
    { margin, temperature },
    [{ shape: [], dtype }, { shape: distances.shape, dtype }, chosen, chosen],
  );
  const inverse = reciprocal(clip(triplets.total ?? sum(weight), 1, Number.POSITIVE_INFINITY));
  const loss = customGradient(mul(total, inverse), [distances], ([g]) => [mul(slopes, mul(g!, inverse))]);
  const [pairAncestors, tripleAncestors] = ancestors.map((places) => cast(places, 'int64'));
  return { loss, pairAncestors, tripleAncestors };
}
