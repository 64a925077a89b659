/**
 * What HIER's pool of noise rows does to the loss and its gradients. Embeddings, proxies and triplets are fixed
 * and only the noise changes: drawn anew for each step (exact, the paper), rows of a pool drawn anew for each
 * step, and rows of one pool for all steps, as within an epoch of training. Tells the mean and spread of both
 * terms and of the gradients over the draws, beside those of a second set of exact draws: what differs by no
 * more than that is chance.
 *
 *   node dist/bench/noisePool.js [--draws N] [--json]
 */
import { parseArgs } from 'node:util';
import { toBall } from '../src/geometry/numbers.js';
import { openSession, type Session, type Values } from '../src/graph/index.js';
import { initialize } from '../src/nn/index.js';
import { randomStream } from '../src/random.js';
import { checkRecipe } from '../src/recipe/load.js';
import { lossModel, stepRandomness } from '../src/training/lossGraph.js';

const [BATCH, DIM] = [180, 128];
const GRADIENTS = ['gradient/embeddings', 'gradient/hierarchical_proxies'];

const { values: options } = parseArgs({
  options: { draws: { type: 'string', default: '40' }, json: { type: 'boolean', default: false } },
});
const draws = Number(options.draws);

function recipeWith(noise: 'pool' | 'exact') {
  return checkRecipe({
    name: 'bench-noise',
    backbone: { name: 'tiny-vit' },
    batch: { size: BATCH },
    losses: {
      metric: { name: 'proxy-anchor', weight: 0 },
      hier: { weight: 1, proxies: 128, triplets: 10, noise },
    },
  });
}

/** Mean and standard deviation over the draws; for gradients, norms of the vectors of both. */
interface Moments {
  readonly mean: number;
  readonly spread: number;
  readonly meanVector: Float64Array;
}

/** Loss terms and gradients of the fixed points, for each (epoch, step) that gives the noise. */
async function measure(
  session: Session,
  noise: 'pool' | 'exact',
  fixed: Values,
  keys: readonly (readonly [epoch: number, step: number])[],
): Promise<Record<string, Moments>> {
  const randomness = stepRandomness(recipeWith(noise));
  const triplets = Object.entries(randomness(0, 0)).filter(([name]) => /_[jk]$/.test(name));
  const runs: Values[] = [];
  for (const [epoch, step] of keys)
    runs.push(await session.run({ ...fixed, ...randomness(epoch, step), ...Object.fromEntries(triplets) }));
  return Object.fromEntries(
    ['hier_samples', 'hier_proxies', ...GRADIENTS].map((name) => [
      name,
      moments(runs.map((run) => run[name] as Float32Array)),
    ]),
  );
}

function moments(samples: readonly Float32Array[]): Moments {
  const meanVector = new Float64Array(samples[0].length);
  for (const sample of samples)
    for (let i = 0; i < sample.length; i++) meanVector[i] += sample[i] / samples.length;
  let squares = 0;
  for (const sample of samples) squares += distance(sample, meanVector) ** 2;
  const zero = new Float64Array(meanVector.length);
  return {
    mean: samples[0].length === 1 ? meanVector[0] : distance(meanVector, zero),
    spread: Math.sqrt(squares / (samples.length - 1)),
    meanVector,
  };
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/** Classes of two on the clip sphere, and proxies as training starts with them. */
function fixedPoints(): Values {
  const { head, seed } = recipeWith('exact');
  const random = randomStream(1, 'noise benchmark');
  const embeddings = new Float32Array(BATCH * DIM);
  let centre: number[] = [];
  for (let row = 0; row < BATCH; row++) {
    if (row % 2 === 0) centre = Array.from({ length: DIM }, () => random.normal());
    const tangent = centre.map((value) => value + random.normal());
    embeddings.set(toBall(tangent, { c: head.curvature, clipRadius: head.clipRadius }), row * DIM);
  }
  const labels = Int32Array.from({ length: BATCH }, (_, i) => Math.floor(i / 2));
  const arrays = lossModel(recipeWith('exact'), 1).arrays.map(({ name, shape, initial }) => [
    name,
    initialize(initial, shape, seed, name),
  ]);
  return { embeddings, labels, ...Object.fromEntries(arrays) };
}

const fixed = fixedPoints();
const sessionOf = (noise: 'pool' | 'exact') =>
  openSession(lossModel(recipeWith(noise), 1).model, { threads: 1 });
const [exact, pool] = [await sessionOf('exact'), await sessionOf('pool')];
const from = (start: number) => Array.from({ length: draws }, (_, i) => start + i);
const steps = (start: number) => from(start).map((step) => [0, step] as const);
const epochs = from(1).map((epoch) => [epoch, 0] as const);
const reference = await measure(exact, 'exact', fixed, steps(1));
const results = {
  'exact noise': reference,
  'exact noise, other draws': await measure(exact, 'exact', fixed, steps(1 + draws)),
  'pool, a new one each step': await measure(pool, 'pool', fixed, epochs),
  'one pool for all steps': await measure(pool, 'pool', fixed, steps(1)),
};
await Promise.all([exact.close(), pool.close()]);

const table = Object.entries(results).map(([what, all]) => ({
  what,
  ...Object.fromEntries(
    Object.entries(all).map(([name, { mean, spread, meanVector }]) => [
      name.replace('gradient/', '∂'),
      { mean, spread, offset: distance(meanVector, reference[name].meanVector) / reference[name].mean },
    ]),
  ),
}));
if (options.json) process.stdout.write(`${JSON.stringify({ draws, table }, null, 2)}\n`);
else {
  console.log(
    `${draws} draws; mean ± standard deviation, and the offset of the mean from the first row's, in % of it\n`,
  );
  for (const { what, ...columns } of table) {
    console.log(what);
    for (const [name, { mean, spread, offset }] of Object.entries(
      columns as Record<string, { mean: number; spread: number; offset: number }>,
    ))
      console.log(
        `  ${name.padEnd(22)} ${mean.toPrecision(4)} ± ${spread.toPrecision(3)}, offset ${(100 * offset).toFixed(2)} %`,
      );
  }
}
