/** The table that is attacked: items with thumbnails under a tree of 20,000 nodes, a fifth of them a chain, with an untrained network. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createTable } from '../src/engines/open.js';
import { exportModel, hashOfNetwork, modelFiles, readModel } from '../src/model/files.js';
import { networkArrays } from '../src/model/network.js';
import { initialize } from '../src/nn/index.js';
import { loadRecipe } from '../src/recipe/load.js';
import { joinValues } from '../src/rows.js';
import { fitSpace } from '../src/store/space.js';
import { keepText } from '../src/store/textFiles.js';
import { TREE_FILE } from '../src/store/tree.js';
import { keepModel } from '../src/tables/model.js';
import { manyItems } from './manyItems.js';

const DIM = 64;
const NODES = 20_000;
/** Nodes of the bushy part, four below each; the others hang one below the other from its last. */
const BUSHY = 16_000;

/** Id of a node. */
export const nodeId = (i: number) => `node-${i}`;

/** A question for the item of a number. */
export const itemId = (i: number) => `item-${i}`;

/** Makes the table in a folder; answers its path. */
export async function makeAttackTable(folder: string, rows: number): Promise<string> {
  const run = join(folder, 'run');
  mkdirSync(run, { recursive: true });
  const recipe = loadRecipe('smoke', [`head.embeddingSize=${DIM}`]);
  const values = networkArrays(recipe).map(({ name, shape, initial }) => [
    name,
    initialize(initial, shape, 0, name),
  ]);
  exportModel(run, recipe, Object.fromEntries(values), { epoch: 0, seed: 0, data: '' });
  const create = { width: 96, height: 96, channels: 3 as const, background: '#48a' };
  const thumbnail = Uint8Array.from(await sharp({ create }).webp().toBuffer());
  const table = join(folder, 'table');
  let store: Awaited<ReturnType<typeof createTable>> | undefined;
  for (const batch of manyItems(rows, DIM)) {
    const vectors = joinValues(batch.map(({ vector }) => vector));
    store ??= await createTable(table, {
      space: fitSpace({ vectors, dim: DIM, metric: 'hyperbolic', curvature: 0.1, clipRadius: 2.3 }),
      model: { name: 'untrained', hash: hashOfNetwork(readModel(run).network) },
      thumbnail: 96,
    });
    const items = batch.map((item, i) => ({
      ...item,
      thumbnail,
      node: nodeId(i % NODES),
      place: [Math.cos(i) * 0.9, Math.sin(i) * 0.9] as const,
    }));
    await store.write(items, { allNew: true });
  }
  const nodes = Array.from({ length: NODES }, (_, i) => {
    const parent = i === 0 ? null : nodeId(i < BUSHY ? Math.floor((i - 1) / 4) : i - 1);
    return { id: nodeId(i), parent };
  });
  await keepText(store!, TREE_FILE, JSON.stringify({ nodes }));
  await keepModel(modelFiles(run), store!);
  await store!.close();
  return table;
}
