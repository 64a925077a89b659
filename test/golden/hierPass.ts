/**
 * One pass of HIER's loss (triplets of samples, or of proxies) in golden files: reading its triplets and noise,
 * and holding its mining, logits and chosen ancestors against ours. The loss itself is in hier.ts.
 */
import { constant } from '../../src/graph/index.js';
import type { PassRandomness } from '../../src/losses/hier.js';
import { type Check, compare, compareExactly, type Engine } from './compare.js';
import type { Feeds } from './feeds.js';
import { flat, has, type Json, matrix, number, object, precision, vector } from './fields.js';

/** The two passes of the loss: triplets of samples and of proxies. */
export const PASSES = ['sample', 'proxy'] as const;
/** One of the two passes. */
export type Pass = (typeof PASSES)[number];

/** Mining, given triplets, logits and chosen ancestors of one pass. */
export function passChecks(item: Json, engine: Engine, pass: Pass, ours: Record<string, number[]>): Check[] {
  const checks: Check[] = [];
  const options = { engine, precision: precision(item) };
  const similarity = Object.keys(item).find((key) => key.startsWith(`sim_matrix_${pass}`));
  if (similarity)
    checks.push(compare(similarity, ours[`similarity ${pass}`], flat(item, similarity), options));
  const exact = (key: string, values: number[]) => {
    if (has(item, key)) checks.push(compareExactly(key, values, flat(item, key), options));
  };
  const neighbours = ours[`topk_index_${pass}`];
  exact(`topk_index_${pass}`, sortRows(neighbours, number(item, 'topk')));
  exact(`reciprocal_mask_${pass}`, ours[`reciprocal_mask_${pass}`]);
  exact(`valid_anchor_${pass}`, ours[`valid_anchor_${pass}`]);
  if (!hasTriplets(item, pass)) return checks;

  const n = nodeCount(item, pass);
  const wrong = misplaced(item, pass, ours[`reciprocal_mask_${pass}`], ours[`valid_anchor_${pass}`], n);
  checks.push(compareExactly(`triplets_${pass} that we would not draw`, [wrong], [0], options));
  checks.push(...logitChecks(item, pass, ours[`distances ${pass}`], options));
  const [pair, triple] = [ours[`ancestors ${pass}_ij`], ours[`ancestors ${pass}_ijk`]];
  if (!pair) return checks;
  const gumbel = object(item, 'gumbel');
  for (const [name, chosen] of [
    [`${pass}_ij`, pair],
    [`${pass}_ijk`, triple],
  ] as const)
    if (has(object(gumbel, name), 'onehot_argmax'))
      checks.push(
        compareExactly(
          `gumbel ${name} onehot_argmax`,
          chosen,
          vector(object(gumbel, name), 'onehot_argmax'),
          options,
        ),
      );
  const collisions = pair.filter((value, t) => value === triple[t]).length / pair.length;
  const key = `collision_fraction_${pass}`;
  if (has(item, key))
    checks.push(compare(key, [collisions], [number(item, key)], { ...options, tolerance: 1e-6 }));
  return checks;
}

/** Official logits -m/τ, m the larger of the nodes' distances to each proxy, against our distances. */
function logitChecks(
  item: Json,
  pass: Pass,
  distances: number[],
  options: { engine: Engine; precision: 'float64' | 'float32' },
): Check[] {
  if (!has(item, 'gumbel')) return [];
  const { i, j, k } = tripletLists(item, pass);
  const p = nodeCount(item, 'proxy');
  const tau = number(item, 'tau', 0.1);
  const logits = (nodes: number[][]) =>
    i.flatMap((_, t) =>
      Array.from(
        { length: p },
        (__, rho) => -Math.max(...nodes.map((list) => distances[list[t] * p + rho])) / tau,
      ),
    );
  return (
    [
      [`${pass}_ij`, [i, j]],
      [`${pass}_ijk`, [i, j, k]],
    ] as const
  )
    .filter(
      ([name]) => has(object(item, 'gumbel'), name) && has(object(object(item, 'gumbel'), name), 'logits'),
    )
    .map(([name, nodes]) =>
      compare(
        `gumbel ${name} logits`,
        logits([...nodes]),
        flat(object(object(item, 'gumbel'), name), 'logits'),
        options,
      ),
    );
}

/** Number of self-negatives (k = i) among the given triplets. */
export function tripletChecks(item: Json): Check[] {
  return PASSES.filter((pass) => hasTriplets(item, pass)).flatMap((pass) => {
    const key = `self_negative_count_${pass}(i==k)`;
    if (!has(item, key)) return [];
    const { i, k } = tripletLists(item, pass);
    const count = i.filter((anchor, t) => anchor === k[t]).length;
    return [compareExactly(key, [count], [number(item, key)], { engine: 'plain float64' })];
  });
}

/** Given triplets that our mining could not draw: anchor not valid, j no reciprocal neighbour, or k one. */
function misplaced(item: Json, pass: Pass, mask: number[], valid: number[], n: number): number {
  const { i, j, k } = tripletLists(item, pass);
  return i.filter((a, t) => !valid[a] || mask[a * n + j[t]] !== 1 || mask[a * n + k[t]] !== 0).length;
}

/** Saved triplets and noise of one pass as the loss takes them. */
export function randomness(item: Json, pass: Pass, feeds: Feeds): PassRandomness {
  return passRandomness(
    tripletLists(item, pass),
    ['ij', 'ijk'].map((choice) =>
      matrix(object(object(item, 'gumbel'), `${pass}_${choice}`), 'gumbel_noise'),
    ),
    feeds,
  );
}

/** Lists of triplets. */
export interface TripletLists {
  readonly i: number[];
  readonly j: number[];
  readonly k: number[];
}

/** Given triplets, all of weight 1, and given noise of both choices. */
export function passRandomness({ i, j, k }: TripletLists, noise: number[][][], feeds: Feeds): PassRandomness {
  const [pair, triple] = noise.map(feeds.matrix);
  return {
    mining: {
      i: feeds.indices(i),
      j: feeds.indices(j),
      k: feeds.indices(k),
      weight: constant(1, [i.length], feeds.dtype),
    },
    noise: { pair, triple },
  };
}

/** The saved triplets of a pass. */
export function tripletLists(item: Json, pass: Pass): TripletLists {
  const lists = object(item, `triplets_${pass}`);
  return { i: vector(lists, 'i'), j: vector(lists, 'j'), k: vector(lists, 'k') };
}

const hasTriplets = (item: Json, pass: Pass) => has(item, `triplets_${pass}`);

/** Whether a case holds all that the loss needs of a pass. */
export const hasNoise = (item: Json, pass: Pass) =>
  hasTriplets(item, pass) &&
  has(item, 'gumbel') &&
  ['ij', 'ijk'].every((choice) => {
    const name = `${pass}_${choice}`;
    return has(object(item, 'gumbel'), name) && has(object(object(item, 'gumbel'), name), 'gumbel_noise');
  });

/** Number of nodes of a pass. */
export function nodeCount(item: Json, pass: Pass): number {
  if (pass === 'proxy') return matrix(item, 'lcas_parameter_tangent').length;
  return matrix(item, has(item, 'U_tangent_features') ? 'U_tangent_features' : 'z_ball_embeddings').length;
}

/** Every run of `width` numbers in rising order. */
function sortRows(values: number[], width: number): number[] {
  return values.flatMap((_, at) =>
    at % width === 0 ? values.slice(at, at + width).sort((a, b) => a - b) : [],
  );
}
