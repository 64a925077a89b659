/**
 * Trains a head on a few vectors on a device and embeds with what it has learned there; prints the embeddings and what was
 * said. A process of its own, since a driver is found when a process starts.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../src/io/npy.js';
import { openModel } from '../../src/model/trained.js';
import { randomStream } from '../../src/random.js';
import { checkRecipe } from '../../src/recipe/load.js';
import { train } from '../../src/training/train.js';

const [folder, device] = process.argv.slice(2);
const [classes, each, dim] = [6, 6, 8];
const random = randomStream(1, 'device test');
const values = Float32Array.from(
  { length: classes * each * dim },
  (_, i) => Math.sin(Math.floor(i / (each * dim)) * 7 + (i % dim)) + 0.3 * random.normal(),
);
mkdirSync(folder);
writeNpy(join(folder, 'v.npy'), { shape: [classes * each, dim], data: values });
const labels = Array.from({ length: classes * each }, (_, i) => `c${Math.floor(i / each)}`);
writeFileSync(join(folder, 'v.csv'), `label\n${labels.join('\n')}\n`);

let notes = '';
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = ((text: string) => {
  notes += text;
  return write(text);
}) as typeof process.stderr.write;
const run = join(folder, 'run');
await train({
  folder: run,
  recipe: checkRecipe({
    name: 'device',
    data: { source: join(folder, 'v.npy'), labels: join(folder, 'v.csv'), validation: 0 },
    backbone: { name: 'identity', width: dim },
    head: { embeddingSize: 4 },
    losses: { hier: { weight: 0 } }, // whose operators take a software card half a minute
    batch: { size: 6 },
    schedule: { epochs: 1, warmupEpochs: 0 },
    engine: { device },
  }),
});
process.env.HIER_DEVICE = device;
const model = await openModel(run);
const embeddings = await model.embedVectors({ values, dim });
await model.close();
process.stdout.write(JSON.stringify({ embeddings: [...embeddings], notes }));
