/**
 * Seconds a step of training on feature vectors at full size: 60,000 rows of 384 numbers as a frozen ViT-S makes
 * them, head to 128, Proxy Anchor and the whole of HIER (512 proxies, 50 triplets an anchor), batch 180, AdamW.
 * Usage: npm run bench:head [-- STEPS]
 */
import { randomStream } from '../src/random.js';
import { checkRecipe, loadRecipe } from '../src/recipe/load.js';
import { classBalancedBatch } from '../src/training/batches/sampler.js';
import { Trainer } from '../src/training/trainer.js';

const [ROWS, WIDTH, CLASSES] = [60_000, 384, 11_318];
const steps = Number(process.argv[2] ?? 20);
const random = randomStream(0, 'bench');
const features = Float32Array.from({ length: ROWS * WIDTH }, () => random.normal());
const classes = Array.from({ length: CLASSES }, (_, c) =>
  Array.from({ length: Math.ceil((ROWS - c) / CLASSES) }, (_, i) => c + i * CLASSES),
);

const base = loadRecipe('vectors');
const recipe = checkRecipe({ ...base, backbone: { name: 'identity', width: WIDTH } });
const { batch, losses, head } = recipe;
const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: Math.floor(ROWS / batch.size) });
const seconds: number[] = [];
try {
  for (let step = 0; step < steps + 2; step++) {
    const started = performance.now();
    const { items, labels } = classBalancedBatch({
      ...{ classes, batchSize: batch.size, imagesPerClass: batch.imagesPerClass },
      ...{ seed: 0, epoch: 0, step },
    });
    const rows = new Float32Array(batch.size * WIDTH);
    items.forEach((item, i) => {
      rows.set(features.subarray(item * WIDTH, (item + 1) * WIDTH), i * WIDTH);
    });
    await trainer.step(rows, labels, 0, step);
    if (step >= 2) seconds.push((performance.now() - started) / 1000);
  }
} finally {
  await trainer.close();
}
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify(
    {
      what: `head-only step: ${ROWS} × ${WIDTH} features, ${CLASSES} classes, d = ${head.embeddingSize}, B = ${batch.size}, P = ${losses.hier.proxies}, ${losses.hier.triplets} triplets an anchor`,
      replicas: recipe.engine.replicas,
      steps,
      medianSeconds: seconds[Math.floor(seconds.length / 2)],
      fastestSeconds: seconds[0],
      slowestSeconds: seconds[seconds.length - 1],
    },
    null,
    2,
  ),
);
