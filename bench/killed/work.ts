/**
 * One piece of work in a process of its own, to be killed: `node work.js KIND FOLDER TARGET [ADDRESS]`, where FOLDER holds
 * the inputs and TARGET is what is made. The same words again go on where the process before was killed. It prints `begun`
 * when everything is loaded, so that a kill hits the work and not Node's start. Nothing is killed here.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unpacked } from '../../src/datasets/unpacked.js';
import { HierError } from '../../src/errors.js';
import { embedShard } from '../../src/fleet/embedShard.js';
import { download } from '../../src/io/download/index.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { indexTable } from '../../src/tables/index.js';
import { train } from '../../src/training/train.js';

/** Settings of the training: a few seconds, with checkpoints all along. */
const SETTINGS = [
  ...['head.embeddingSize=8', 'losses.hier.proxies=16', 'losses.hier.neighbours=4', 'losses.hier.triplets=8'],
  ...['losses.hier.poolRows=64', 'batch.size=24', 'schedule.epochs=6', 'evaluation.everyEpochs=1'],
];

const WORK: Record<string, (folder: string, target: string, address: string) => Promise<unknown>> = {
  async train(folder, target) {
    const recipe = loadRecipe('vectors', [...SETTINGS, `data.source=${join(folder, 'train.npy')}`]);
    if (existsSync(target))
      try {
        return await train({ folder: target, mode: 'resume', quiet: true });
      } catch (error) {
        // Killed before its first checkpoint: there is nothing to go on from.
        if (!(error instanceof HierError)) throw error;
        rmSync(target, { recursive: true });
      }
    return train({ recipe, folder: target, quiet: true });
  },
  index: (folder, out) =>
    indexTable({ source: join(folder, 'index.npy'), out, curvature: 0.1, map: false, hnsw: true }),
  async shard(_, out) {
    const items = Array.from({ length: 4000 }, (_, i) => ({
      id: `item ${i}`,
      path: `/none/${i}`,
      label: null,
    }));
    const embed = async (paths: readonly string[]) => {
      await delay(20);
      const embeddings = Float32Array.from({ length: paths.length * 32 }, (_, k) =>
        Math.fround(Math.sin(paths.length + Number(paths[k >> 5].slice(6)) * 32 + (k & 31)) / 40),
      );
      return { embeddings, skipped: [] };
    };
    const model = { name: 'formula', embeddingSize: 32, curvature: 0.1, clipRadius: 2.3 };
    for (let index = 0; index < 4; index++)
      await embedShard({
        items,
        shard: { index, count: 4 },
        out,
        model,
        modelHash: 'a'.repeat(64),
        embed,
        batch: 64,
      });
  },
  unpack: (folder, cache) => unpacked(join(folder, 'archive.zip'), { cache }),
  download: (_, target, address) => download(address, join(target, 'file.bin'), { retryDelay: 10 }),
};

const [, , kind, folder, target, address = ''] = process.argv;
process.stdout.write('begun\n');
await WORK[kind](folder, target, address);
