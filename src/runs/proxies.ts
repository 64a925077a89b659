/**
 * Hierarchical proxies as points: those that a run has trained, and first places taken from the data, centres of clusters
 * of training embeddings in the tangent space where the proxies are parameters. Random directions of a high-dimensional
 * space are about equally far from everything and hardly ever learn; a centre starts among the images that it is to be
 * the ancestor of. No label is used, and nothing is trained. Ours; the paper draws them at random.
 */
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { logmap0, toBall } from '../geometry/numbers.js';
import { clusterCentres } from '../hierarchy/clusterCentres.js';
import { readSafetensors } from '../io/safetensors.js';
import { randomStream } from '../random.js';
import { HIERARCHICAL_PROXIES } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { checkpointOfModel } from './checkpoint.js';

/** Images that one cluster has on average: more of them cost time and hardly move the centres. */
const IMAGES_A_CLUSTER = 16;
/**
 * The hierarchical proxies of a run as points of its space, `[P, d]`, from the checkpoint that the network is of;
 * undefined for a run without. Throws DataError when the checkpoint is missing or damaged.
 */
export function proxiesOf(run: string, recipe: Recipe): Float32Array | undefined {
  if (recipe.losses.hier.weight === 0) return undefined;
  const file = checkpointOfModel(run);
  if (!existsSync(file))
    throw new DataError(
      `The hierarchical proxies of ${run} are in its checkpoint ${file}, which is missing. Build the tree without them: --by linkage.`,
    );
  const name = `parameter/${HIERARCHICAL_PROXIES}`;
  const { data } = readSafetensors(file, { names: [name] }).tensors.get(name)!;
  return proxyPoints(data as Float32Array, recipe);
}

/** Hierarchical proxies, parameters in the tangent space, as points of the recipe's space. */
export function proxyPoints(parameters: Float32Array | undefined, { losses, head }: Recipe): Float32Array {
  if (!parameters || losses.hier.weight === 0) return new Float32Array(0);
  return tangentPoints(parameters, head);
}

/** Tangent vectors at the origin, rows of `[N, d]`, as points of the space that a head embeds into. */
export function tangentPoints(parameters: Float32Array, head: Recipe['head']): Float32Array {
  const { embeddingSize: dim, curvature: c, clipRadius } = head;
  const points = new Float32Array(parameters.length);
  for (let at = 0; at < parameters.length; at += dim) {
    const tangent = Float64Array.from(parameters.subarray(at, at + dim));
    const length = Math.hypot(...tangent) || 1;
    points.set(c > 0 ? toBall(tangent, { c, clipRadius }) : tangent.map((value) => value / length), at);
  }
  return points;
}

/** Items whose embeddings the proxies of a recipe are placed by: a random part of `items`, ascending. */
export function clusterItems(items: readonly number[], { losses, seed }: Recipe): number[] {
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
export async function clusterProxies(embeddings: Float32Array, recipe: Recipe): Promise<Float32Array> {
  const { embeddingSize: dim, curvature: c } = recipe.head;
  const tangent = embeddings.slice();
  if (c > 0)
    for (let at = 0; at < tangent.length; at += dim)
      tangent.set(logmap0(embeddings.subarray(at, at + dim), c), at);
  const count = Math.min(recipe.losses.hier.proxies, tangent.length / dim);
  return clusterCentres({ values: tangent, dim }, { count, seed: recipe.seed });
}
