/**
 * One step of fine-tuning ResNet-50, 16 images at 224 px, beside PyTorch in channels-last order: embed, Proxy Anchor,
 * gradients of everything, AdamW. Batch norm uses its running statistics on both sides; its scales and shifts train.
 * Weights are random: they do not change what a step costs.
 */
import { compare } from './sideBySide.js';
import { recipeOf, timeTraining } from './trainingSteps.js';

const { batch, images } = recipeOf('resnet');

await compare({
  what: `fine-tuning step of ResNet-50, ${batch.size} images at ${images.size} px, frozen batch norm`,
  file: import.meta.url,
  ours: (steps) => timeTraining('resnet', steps),
  peers: { 'PyTorch, channels last': ['resnet.py', 'eager'] },
  asides: { 'PyTorch, channels last, compiled': ['resnet.py', 'compiled'] },
  images: batch.size,
  bars: { ratio: 1 },
  steps: 4,
});
