/**
 * One training step of the demo recipe beside PyTorch: the same network, losses, batch and optimizer. Images
 * are at hand; how fast they are loaded is `loader.ts`'s business.
 */
import { compare } from './sideBySide.js';
import { DEMO_CLASSES, recipeOf, timeTraining } from './trainingSteps.js';

const recipe = recipeOf('demo');
const { backbone, batch, images, losses } = recipe;
if (backbone.name !== 'residual-cnn') throw new Error('the demo recipe has another network than the peer');

/** The peer is told the recipe, and as many classes as ours has. */
const peer = (layout: 'contiguous' | 'channels-last', how: 'eager' | 'compiled' = 'eager') =>
  ['demoStep.py', JSON.stringify({ ...recipe, classes: DEMO_CLASSES }), layout, how] as const;

await compare({
  what: `demo training step, ${batch.size} images at ${images.size} px, ${losses.hier.proxies} proxies, ${losses.hier.triplets} triplets an anchor`,
  file: import.meta.url,
  ours: (steps) => timeTraining('demo', steps),
  peers: { 'PyTorch, contiguous': peer('contiguous'), 'PyTorch, channels last': peer('channels-last') },
  asides: { 'PyTorch, channels last, compiled': peer('channels-last', 'compiled') },
  images: batch.size,
  bars: { ratio: 0.8 },
  steps: 15,
});
