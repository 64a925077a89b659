/**
 * One step of fine-tuning ResNet-50, 16 images at 224 px, beside PyTorch in channels-last order: embed, Proxy Anchor,
 * gradients of everything, AdamW. Batch norm uses its running statistics on both sides; its scales and shifts train.
 * Weights are random: they do not change what a step costs.
 */
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { Trainer } from '../src/training/trainer.js';
import { compare, timeSteps } from './sideBySide.js';

const [BATCH, SIZE, CLASSES] = [16, 224, 8];

const recipe = checkRecipe({
  name: 'bench-resnet',
  images: { size: SIZE },
  backbone: { name: 'resnet50', weights: 'none' },
  losses: { hier: { weight: 0 } },
  batch: { size: BATCH, imagesPerClass: 2 },
  optimizer: { gradientClamp: null },
  schedule: { warmupEpochs: 0 },
});

async function ours(steps: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 1000 });
  const random = randomStream(1, 'resnet benchmark');
  const images = new Float32Array(BATCH * 3 * SIZE * SIZE).map(() => random.normal());
  const labels = Int32Array.from({ length: BATCH }, (_, i) => Math.floor(i / 2));
  const outcome = await timeSteps((step) => trainer.step(images, labels, 0, step), steps);
  await trainer.close();
  return outcome;
}

await compare({
  what: `fine-tuning step of ResNet-50, ${BATCH} images at ${SIZE} px, frozen batch norm`,
  file: import.meta.url,
  ours,
  peers: { 'PyTorch, channels last': ['resnet.py', 'eager'] },
  asides: { 'PyTorch, channels last, compiled': ['resnet.py', 'compiled'] },
  images: BATCH,
  bars: { ratio: 1 },
  steps: 4,
});
