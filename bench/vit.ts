/**
 * One training step of ViT-S/16 at 224 px on 16 images beside PyTorch: embed, Proxy Anchor, gradients of all
 * 22 million parameters, AdamW. Ours is the trainer itself, two one-thread replicas, each of two microbatches of 4 images, whose
 * activations stay nearer to the processor than those of 8.
 */
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { Trainer } from '../src/training/trainer.js';
import { compare, timeSteps } from './sideBySide.js';

const [BATCH, SIZE, CLASSES] = [16, 224, 8];

const recipe = checkRecipe({
  name: 'bench-vit',
  images: { size: SIZE },
  backbone: { name: 'tiny-vit', patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 },
  losses: { hier: { weight: 0 } },
  batch: { size: BATCH, imagesPerClass: 2 },
  optimizer: { gradientClamp: null },
  schedule: { warmupEpochs: 0 },
  engine: { microbatch: 4, kept: 2 },
});

async function ours(steps: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 1000 });
  const random = randomStream(1, 'vit benchmark');
  const images = new Float32Array(BATCH * 3 * SIZE * SIZE).map(() => random.normal());
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const outcome = await timeSteps((step) => trainer.step(images, labels, 0, step), steps);
  await trainer.close();
  return outcome;
}

await compare({
  what: `ViT-S/16 training step, ${BATCH} images at ${SIZE} px`,
  file: import.meta.url,
  ours,
  peers: { 'PyTorch, eager': ['vit.py', 'eager'] },
  asides: { 'PyTorch, compiled': ['vit.py', 'compiled'] },
  images: BATCH,
  bars: { ratio: 1.12 },
});
