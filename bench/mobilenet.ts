/**
 * One step of fine-tuning the whole of MobileNetV2 1.0, 90 images at 160 px, beside PyTorch in channels-last order:
 * embed, Proxy Anchor, gradients of everything, AdamW. Batch norm is folded into the convolutions on both sides, as in the
 * file that --model names: an ONNX export of it.
 */
import { importOnnx } from '../src/backbones/onnx/index.js';
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { registryOf } from '../src/recipe/parts.js';
import { Trainer } from '../src/training/trainer.js';
import { compare, timeSteps } from './sideBySide.js';

const [BATCH, SIZE, CLASSES] = [90, 160, 45];

async function ours(steps: number, file: string) {
  const { backbone, values } = importOnnx(file, { size: SIZE });
  const parts = { backbones: { imported: backbone } };
  const recipe = checkRecipe(
    {
      name: 'bench-mobilenet',
      images: { size: SIZE },
      backbone: { name: 'imported' },
      losses: { hier: { weight: 0 } },
      head: { embeddingSize: 256 },
      batch: { size: BATCH, imagesPerClass: 2 },
      optimizer: { gradientClamp: null },
      schedule: { warmupEpochs: 0 },
    },
    'bench',
    parts,
  );
  const known = Object.fromEntries(values) as Record<string, Float32Array>;
  const trainer = new Trainer(recipe, {
    ...{ classes: CLASSES, stepsPerEpoch: 1000, known },
    registry: registryOf(parts),
  });
  const random = randomStream(1, 'mobilenet benchmark');
  const images = new Float32Array(BATCH * 3 * SIZE * SIZE).map(() => random.uniform() * 2 - 1);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => Math.floor(i / 2));
  const outcome = await timeSteps((step) => trainer.step(images, labels, 0, step), steps);
  await trainer.close();
  return outcome;
}

await compare({
  what: `fine-tuning step of MobileNetV2 1.0, ${BATCH} images at ${SIZE} px`,
  file: import.meta.url,
  model: 'MobileNetV2 1.0 as ONNX, with any number of images and batch norm folded',
  ours,
  peers: { 'PyTorch, channels last': ['mobilenet.py', 'eager'] },
  asides: { 'PyTorch, channels last, compiled': ['mobilenet.py', 'compiled'] },
  images: BATCH,
  bars: { ratio: 1 },
  steps: 3,
});
