/**
 * One training step of the demo recipe beside PyTorch: the same network, losses, batch and optimizer. Images
 * are at hand; how fast they are loaded is `loader.ts`'s business.
 */
import { randomStream } from '../src/random.js';
import { loadRecipe } from '../src/recipe/load.js';
import { Trainer } from '../src/training/trainer.js';
import { compare, timeSteps } from './sideBySide.js';

/** About as many as the training classes of emoji-9 without those held out for validation. */
const CLASSES = 730;

const recipe = loadRecipe('demo');
const { backbone, batch, images, losses } = recipe;
if (backbone.name !== 'residual-cnn') throw new Error('the demo recipe has another network than the peer');

async function ours(steps: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 1000 });
  const random = randomStream(1, 'demo benchmark');
  const pixels = new Float32Array(batch.size * 3 * images.size ** 2).map(() => random.normal());
  const labels = Int32Array.from({ length: batch.size }, (_, i) => Math.floor(i / batch.imagesPerClass));
  const outcome = await timeSteps((step) => trainer.step(pixels, labels, 0, step), steps);
  await trainer.close();
  return outcome;
}

const peer = (layout: 'contiguous' | 'channels-last', how: 'eager' | 'compiled' = 'eager') =>
  ['demoStep.py', JSON.stringify({ ...recipe, classes: CLASSES }), layout, how] as const;

await compare({
  what: `demo training step, ${batch.size} images at ${images.size} px, ${losses.hier.proxies} proxies, ${losses.hier.triplets} triplets an anchor`,
  file: import.meta.url,
  ours,
  peers: { 'PyTorch, contiguous': peer('contiguous'), 'PyTorch, channels last': peer('channels-last') },
  asides: { 'PyTorch, channels last, compiled': peer('channels-last', 'compiled') },
  images: batch.size,
  bars: { ratio: 0.8 },
  steps: 15,
});
