/** A small run over feature vectors, trained in a second, for tests of what is in its folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../src/io/npy.js';
import { randomStream } from '../../src/random.js';
import { loadRecipe, type Recipe } from '../../src/recipe/load.js';
import { train } from '../../src/training/train.js';

const [CLASSES, EACH, DIM] = [12, 6, 8];

/** Writes vectors and labels into a folder; returns a recipe over them. */
export function vectorRecipe(root: string, more: readonly string[] = []): Recipe {
  const data = Float32Array.from({ length: CLASSES * EACH * DIM }, (_, at) => {
    const row = Math.floor(at / DIM);
    const centre = randomStream(1, 'centre', Math.floor(row / EACH), at % DIM).normal();
    return centre + 0.2 * randomStream(2, 'noise', at).normal();
  });
  writeNpy(join(root, 'vectors.npy'), { shape: [CLASSES * EACH, DIM], data });
  const labels = Array.from({ length: CLASSES * EACH }, (_, row) => `class ${Math.floor(row / EACH)}`);
  writeFileSync(join(root, 'labels.csv'), `label\n${labels.join('\n')}\n`);
  return loadRecipe('vectors', [
    `data.source=${join(root, 'vectors.npy')}`,
    `data.labels=${join(root, 'labels.csv')}`,
    ...['head.embeddingSize=6', 'batch.size=8', 'schedule.epochs=2', 'data.validation=0.3'],
    ...['losses.hier.proxies=6', 'losses.hier.neighbours=3', 'losses.hier.triplets=2'],
    ...['losses.hier.poolRows=32', 'engine.replicas=1', 'engine.threads=1', 'evaluation.everyEpochs=1'],
    ...['snapshots.epochs=[1]', 'snapshots.images=12'],
    ...more,
  ]);
}

/** Trains one into `root/run`; returns its folder. */
export async function vectorRun(root: string, more: readonly string[] = []): Promise<string> {
  const folder = join(root, 'run');
  await train({ recipe: vectorRecipe(root, more), folder, quiet: true });
  return folder;
}
