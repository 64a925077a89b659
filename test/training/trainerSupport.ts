/** Tiny recipes and batches for tests of training. */
import { randomStream } from '../../src/random.js';
import { checkRecipe, type Recipe } from '../../src/recipe/load.js';
import { mergeTrees, type RecipeTree } from '../../src/recipe/merge.js';

/** A vision transformer without batch norm; its gradients do not depend on how a batch is spread. */
export const TINY_VIT = { name: 'tiny-vit', patch: 8, width: 12, depth: 1, heads: 2, mlpRatio: 2 };
/** A residual network with batch norm. */
export const TINY_CNN = {
  name: 'residual-cnn',
  patch: 4,
  stem: 6,
  widths: [8],
  blocks: [1],
  bottleneck: [4],
};

/** A recipe that trains in milliseconds, with `changes` laid over it. */
export function tinyRecipe(changes: RecipeTree = {}, backbone: RecipeTree = TINY_VIT): Recipe {
  const base: RecipeTree = {
    name: 'tiny',
    seed: 3,
    data: { validation: 0.3 },
    images: { size: 16, store: 20, fit: 'contain', augment: { kind: 'warp' } },
    backbone,
    head: { embeddingSize: 6 },
    losses: { hier: { proxies: 10, neighbours: 5, triplets: 3, poolRows: 32 } },
    batch: { size: 12 },
    optimizer: {
      learningRate: 5e-3,
      referenceBatch: null,
      multipliers: { classProxies: 10, hierarchicalProxies: 5 },
    },
    schedule: { epochs: 4, warmupEpochs: 0 },
    engine: { threads: 2, replicas: 2 },
    evaluation: { everyEpochs: 1, recallAt: [1, 2], batch: 16 },
  };
  return checkRecipe(mergeTrees(base, changes));
}

/** A batch of noisy images, one pattern a class, two images of each in turn. */
export function tinyBatch(recipe: Recipe, classes: number, key = 0) {
  const { batch, images } = recipe;
  const length = 3 * images.size ** 2;
  const labels = Int32Array.from({ length: batch.size }, (_, i) => Math.floor(i / 2) % classes);
  const pixels = new Float32Array(batch.size * length);
  labels.forEach((label, i) => {
    const [pattern, noise] = [randomStream(1, 'pattern', label), randomStream(1, 'noise', key, i)];
    for (let at = 0; at < length; at++) pixels[i * length + at] = pattern.normal() + 0.3 * noise.normal();
  });
  return { images: pixels, labels };
}
