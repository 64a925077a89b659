/**
 * One step of fine-tuning the whole of MobileNetV2 1.0, 90 images at 160 px, beside PyTorch in channels-last order:
 * embed, Proxy Anchor, gradients of everything, AdamW. Batch norm is folded into the convolutions on both sides, as in the
 * file that --model names: an ONNX export of it.
 */
import { compare } from './sideBySide.js';
import { timeTraining } from './trainingSteps.js';

const [BATCH, SIZE] = [90, 160];

await compare({
  what: `fine-tuning step of MobileNetV2 1.0, ${BATCH} images at ${SIZE} px`,
  file: import.meta.url,
  model: 'MobileNetV2 1.0 as ONNX, with any number of images and batch norm folded',
  ours: (steps, model) => timeTraining('mobilenet', steps, model),
  peers: { 'PyTorch, channels last': ['mobilenet.py', 'eager'] },
  asides: { 'PyTorch, channels last, compiled': ['mobilenet.py', 'compiled'] },
  images: BATCH,
  bars: { ratio: 1 },
  steps: 3,
});
