/**
 * One step of the HIER loss at the paper's size beside PyTorch in Gram form: B = 180, P = 512, d = 128, k = 20,
 * 50 triplets an anchor; mining, both terms, gradients of the embeddings and the proxies. Ours spreads two
 * shares over two threads, as training does, with noise from the pool; PyTorch draws all noise anew, and once
 * more with a pool like ours, which shows how much of the difference is the noise. With proxies as they are at first, 81 % of
 * the samples' triplets that count and 66 % of the proxies' have a hinge that pulls: what the way back is walked for.
 */
import { toBall } from '../src/geometry/numbers.js';
import { buildModel } from '../src/graph/index.js';
import { initialize } from '../src/nn/index.js';
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { lossModel } from '../src/training/lossGraph.js';
import { lossShares } from '../src/training/lossShares.js';
import { Replicas } from '../src/training/replicas/replicas.js';
import { compare, timeSteps } from './sideBySide.js';

const [BATCH, DIM, SHARES] = [180, 128, 2];

const recipe = checkRecipe({
  name: 'bench-hier',
  backbone: { name: 'tiny-vit' },
  batch: { size: BATCH },
  losses: { metric: { name: 'proxy-anchor', weight: 0 }, hier: { weight: 1 } },
});

/** Embeddings of 90 classes of two on the clip sphere, as training has them. */
function makeBatch() {
  const random = randomStream(1, 'hier benchmark');
  const embeddings = new Float32Array(BATCH * DIM);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => Math.floor(i / 2));
  let centre: number[] = [];
  for (let row = 0; row < BATCH; row++) {
    if (row % 2 === 0) centre = Array.from({ length: DIM }, () => random.normal());
    const tangent = centre.map((value) => value + random.normal());
    embeddings.set(
      toBall(tangent, { c: recipe.head.curvature, clipRadius: recipe.head.clipRadius }),
      row * DIM,
    );
  }
  return { embeddings, labels };
}

async function ours(steps: number) {
  // Proxy Anchor comes with a loss model; with one class and weight 0 it costs next to nothing.
  const losses = lossShares(recipe, 1, SHARES).map((share) => ({
    share,
    ...lossModel(recipe, 1, { share }),
  }));
  const unused = buildModel({ outputs: {} });
  const replicas = new Replicas({
    recipe,
    arrays: losses[0].arrays,
    models: { forward: unused, backward: unused, evaluate: unused },
    losses,
    threads: 1,
  });
  for (const { name, shape, initial } of losses[0].arrays)
    replicas.values[name].set(initialize(initial, shape, recipe.seed, name));
  const batch = makeBatch();
  const outcome = await timeSteps(async (step) => {
    await replicas.forward([]); // the replicas fetch the proxies
    await replicas.loss({ ...batch, epoch: 0, step });
    await replicas.backward([]); // sums of the proxies' gradients
  }, steps);
  await replicas.close();
  return outcome;
}

await compare({
  what: `HIER loss step, B = ${BATCH}, P = ${recipe.losses.hier.proxies}, d = ${DIM}, ${recipe.losses.hier.triplets} triplets an anchor`,
  file: import.meta.url,
  ours,
  peers: {
    'PyTorch, all triplets at once': ['hierLoss.py', 'exact', '0'],
    'PyTorch, pieces of 1,024 triplets': ['hierLoss.py', 'exact', '1024'],
  },
  asides: { 'PyTorch, pieces of 1,024, noise from a pool': ['hierLoss.py', 'pool', '1024'] },
  bars: { ratio: 0.3, seconds: 0.1 },
  steps: 9,
});
