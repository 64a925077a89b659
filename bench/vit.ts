/**
 * One training step of ViT-S/16 at 224 px on 16 images beside PyTorch: embed, Proxy Anchor, gradients of all
 * 22 million parameters, AdamW. Ours is the trainer itself, two one-thread replicas, each of two microbatches of 4 images, whose
 * activations stay nearer to the processor than those of 8.
 */
import { compare } from './sideBySide.js';
import { recipeOf, timeTraining } from './trainingSteps.js';

const { batch, images } = recipeOf('vit');

await compare({
  what: `ViT-S/16 training step, ${batch.size} images at ${images.size} px`,
  file: import.meta.url,
  ours: (steps) => timeTraining('vit', steps),
  peers: { 'PyTorch, eager': ['vit.py', 'eager'] },
  asides: { 'PyTorch, compiled': ['vit.py', 'compiled'] },
  images: batch.size,
  bars: { ratio: 1.12 },
});
