/**
 * First places of hierarchical proxies taken from the data: centres of clusters of training embeddings, in the
 * tangent space where the proxies are parameters. Random directions of a high-dimensional space are about
 * equally far from everything and hardly ever learn; a centre starts among the images that it is to be the
 * ancestor of. No label is used, and nothing is trained. Ours; the paper draws them at random.
 */
import { UsageError } from '../errors.js';
import { logmap0 } from '../geometry/numbers.js';
import { randomStream } from '../random.js';
import { joinParts, nearestNeighbours } from '../retrieval/index.js';
import { HIERARCHICAL_PROXIES, hierStart } from './lossGraph.js';
import type { Recipe } from './recipe.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** Images that one cluster has on average: more of them cost time and hardly move the centres. */
const IMAGES_A_CLUSTER = 16;
/** Rounds of assigning and averaging. */
const ROUNDS = 6;

/** Before the epoch in which HIER starts: its proxies take their places from the data, where the recipe wants that. */
export async function placeProxies(
  trainer: Trainer,
  at: {
    readonly epoch: number;
    readonly recipe: Recipe;
    readonly inputs: TrainingData;
    /** Training items by index into the data set. */
    readonly items: readonly number[];
  },
): Promise<void> {
  const { epoch, recipe, inputs, items } = at;
  const { weight, initial } = recipe.losses.hier;
  if (weight === 0 || initial === 'random' || epoch !== hierStart(recipe)) return;
  const chosen = placingItems(items, recipe);
  const embeddings = joinParts(await trainer.embed(inputs.plain(chosen, recipe.evaluation.batch)));
  trainer.state.parameters[HIERARCHICAL_PROXIES].set(await placedProxies(embeddings, recipe));
}

/** Items whose embeddings the proxies of a recipe are placed by: a random part of `items`, ascending. */
export function placingItems(items: readonly number[], { losses, seed }: Recipe): number[] {
  const { choose } = randomStream(seed, 'placing proxies');
  const count = Math.min(items.length, losses.hier.proxies * IMAGES_A_CLUSTER);
  return choose(items.length, count)
    .map((place) => items[place])
    .sort((a, b) => a - b);
}

/**
 * Tangent vectors for the hierarchical proxies of a recipe, `[min(P, N), d]`: of few images only as many proxies get a
 * place as there are images.
 *
 * @param embeddings `[N, d]`, points of the recipe's ball, or of the unit sphere
 */
export async function placedProxies(embeddings: Float32Array, recipe: Recipe): Promise<Float32Array> {
  const { embeddingSize: dim, curvature: c } = recipe.head;
  const tangent = embeddings.slice();
  if (c > 0)
    for (let at = 0; at < tangent.length; at += dim)
      tangent.set(logmap0(embeddings.subarray(at, at + dim), c), at);
  const count = Math.min(recipe.losses.hier.proxies, tangent.length / dim);
  return clusterCentres(tangent, { dim, count, seed: recipe.seed });
}

/**
 * Centres of `count` clusters of rows by Lloyd's algorithm from random rows, `[count, dim]`. A cluster that
 * loses all its rows keeps its centre.
 *
 * @throws UsageError when there are fewer rows than clusters
 */
export async function clusterCentres(
  rows: Float32Array,
  { dim, count, seed = 0 }: { readonly dim: number; readonly count: number; readonly seed?: number },
): Promise<Float32Array> {
  const total = rows.length / dim;
  if (total < count)
    throw new UsageError(`${count} clusters of ${total} rows were asked for. Ask for ${total} at most.`);
  const centres = new Float32Array(count * dim);
  const chosen = randomStream(seed, 'cluster centres').choose(total, count);
  chosen.forEach((row, k) => {
    centres.set(rows.subarray(row * dim, (row + 1) * dim), k * dim);
  });
  for (let round = 0; round < ROUNDS; round++) {
    const near = await nearestNeighbours({ queries: rows, gallery: centres, dim, k: 1, metric: 'euclidean' });
    const sums = new Float64Array(count * dim);
    const sizes = new Int32Array(count);
    near.indices.forEach((centre, row) => {
      sizes[centre]++;
      for (let i = 0; i < dim; i++) sums[centre * dim + i] += rows[row * dim + i];
    });
    sizes.forEach((size, k) => {
      if (size > 0) for (let i = k * dim; i < (k + 1) * dim; i++) centres[i] = sums[i] / size;
    });
  }
  return centres;
}
