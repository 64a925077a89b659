/**
 * An epoch of training the last 2 of the 12 blocks of a DINOv2 ViT-S/14 at 224 px, with what is in front computed once and
 * kept, beside embedding the same images once with the whole network. The network is the ONNX file that --model names,
 * made by bench/peers/exportDinov2.py. No peer: both sides are ours, in turns in one process.
 *
 *   node dist/bench/lastBlocks.js --model FILE [--images N] [--rounds N]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { importOnnx } from '../src/backbones/onnx/index.js';
import { openSession } from '../src/graph/index.js';
import { frozenPart } from '../src/model/frontier.js';
import { evaluationModel, networkArrays } from '../src/model/network.js';
import { initialize } from '../src/nn/index.js';
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { registryOf } from '../src/recipe/parts.js';
import { Trainer } from '../src/training/trainer.js';
import { median } from './sideBySide.js';

const [SIZE, BATCH, AT_ONCE] = [224, 32, 16];
const { values: given } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    images: { type: 'string', default: '96' },
    rounds: { type: 'string', default: '3' },
  },
});
if (!given.model) throw new Error('Say --model FILE, made by bench/peers/exportDinov2.py.');
const [count, rounds] = [Number(given.images), Number(given.rounds)];
const network = importOnnx(given.model, { size: SIZE });
const parts = { backbones: { imported: network.backbone } };
const registry = registryOf(parts);
const recipe = checkRecipe(
  {
    name: 'bench-last-blocks',
    images: { size: SIZE },
    backbone: { name: 'imported', trainFrom: 10 / 12 },
    losses: { hier: { weight: 0 } },
    batch: { size: BATCH, imagesPerClass: 2 },
    schedule: { warmupEpochs: 0 },
    engine: { microbatch: 4, kept: 4 },
  },
  'bench',
  parts,
);
const known = Object.fromEntries(
  networkArrays(recipe, { registry }).map(({ name, shape, initial }) => [
    name,
    (network.values.get(name) as Float32Array) ?? initialize(initial, shape, 0, name),
  ]),
);
const random = randomStream(1, 'last blocks benchmark');
const pixels = 3 * SIZE * SIZE;
const images = new Float32Array(count * pixels).map(() => random.uniform() * 2 - 1);
const part = frozenPart(recipe, registry)!;
const frozen = await openSession(part.model(known), { threads: 2 });
const whole = await openSession(evaluationModel(recipe, { registry, bound: known }), { threads: 2 });
const rows = new Float32Array(count * part.width);
for (let at = 0; at < count; at += AT_ONCE) {
  const { features } = await frozen.run({ images: images.subarray(at * pixels, (at + AT_ONCE) * pixels) });
  rows.set(features as Float32Array, at * part.width);
}
const classes = count / 2;
const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 2));
const trainer = new Trainer(recipe, {
  classes,
  stepsPerEpoch: count / BATCH,
  known,
  registry,
  input: 'frontier',
});

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
const embed = () =>
  timed(async () => {
    for (let at = 0; at < count; at += AT_ONCE)
      await whole.run({ images: images.subarray(at * pixels, (at + AT_ONCE) * pixels) });
  });
const epoch = (number: number) =>
  timed(async () => {
    for (let at = 0; at < count; at += BATCH)
      await trainer.step(
        rows.slice(at * part.width, (at + BATCH) * part.width),
        labels.slice(at, at + BATCH),
        number,
        at / BATCH,
      );
  });

await embed();
await epoch(0);
const pairs: { embedding: number; epoch: number; ratio: number; load: number }[] = [];
for (let round = 1; round <= rounds; round++) {
  const load = loadavg()[0];
  const [embedding, trained] = [await embed(), await epoch(round)];
  pairs.push({ embedding, epoch: trained, ratio: trained / embedding, load });
}
await Promise.all([trainer.close(), frozen.close(), whole.close()]);
console.log(
  JSON.stringify(
    {
      what: `DINOv2 ViT-S/14 at ${SIZE} px, ${count} images: an epoch of the last 2 of 12 blocks over embedding once`,
      processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
      keptAnImage: part.width,
      pairs,
      ratio: median(pairs.map(({ ratio }) => ratio)),
      bar: 0.65,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
    },
    null,
    2,
  ),
);
