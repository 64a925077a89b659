/**
 * One whole training step of the paper beside PyTorch: ViT-S/16 at 224 px, batch 180, Proxy Anchor and HIER at
 * full size (512 proxies, 50 triplets an anchor), gradients of everything, AdamW. Both sides keep the batch's
 * gradient exact in bounded memory (gradient caching): ours with microbatches of 6 images in each of two one-thread
 * replicas, of which 10 of 15 keep their activations for the way back; PyTorch computes 36 images at once with two
 * threads, and all of them again.
 */
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { Trainer } from '../src/training/trainer.js';
import { compare, timeSteps } from './sideBySide.js';

const [BATCH, SIZE, CLASSES] = [180, 224, 100];

const recipe = checkRecipe({
  name: 'bench-full',
  images: { size: SIZE },
  backbone: { name: 'tiny-vit', patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 },
  batch: { size: BATCH },
  schedule: { warmupEpochs: 0 },
  engine: { microbatch: 6, kept: 10 },
});

async function ours(steps: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 1000 });
  const random = randomStream(1, 'full step benchmark');
  const images = new Float32Array(BATCH * 3 * SIZE * SIZE).map(() => random.uniform() * 2 - 1);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => Math.floor(i / 2));
  const outcome = await timeSteps((step) => trainer.step(images, labels, 0, step), steps, 1);
  await trainer.close();
  return outcome;
}

await compare({
  what: `the paper's training step, ViT-S/16, ${BATCH} images at ${SIZE} px, Proxy Anchor + HIER`,
  file: import.meta.url,
  ours,
  peers: { 'PyTorch, eager': ['fullStep.py', 'eager'] },
  asides: { 'PyTorch, compiled': ['fullStep.py', 'compiled'] },
  images: BATCH,
  bars: { ratio: 0.8 },
  steps: 1,
});
