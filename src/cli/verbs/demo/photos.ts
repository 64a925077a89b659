/**
 * What the demo of photographs begins with and ends with: a data set and a pretrained network, fetched where none is named, and
 * a table of the test images. It trains nothing itself.
 */

import { join } from 'node:path';
import {
  getNetwork,
  isHubName,
  keptNetwork,
  networkFile,
  weightsFolder,
} from '../../../backbones/hub/index.js';
import { keptDataset } from '../../../datasets/get.js';
import { existsSync, rmSync } from '../../../disk/index.js';
import { loadRecipe, type Recipe } from '../../../recipe/load.js';
import { indexTable } from '../../../tables/index.js';
import { fetchTold } from '../../fetching.js';
import { onInterrupt } from '../../interrupt.js';
import { noteLine, say } from '../../output.js';
import { reportRate } from '../../rate.js';
import { fetchDataset } from '../data.js';

/** Photographs and a network under free licences, small enough to wait for. */
export const USUAL_DATA = 'grocery';
export const USUAL_NETWORK = 'hub:onnx-community/mobilenet_v2_1.0_224';

/** Recipe fields of a demo that shows that everything works, and learns next to nothing. */
const SMOKE = [
  'schedule.epochs=1',
  'schedule.warmupEpochs=0',
  'losses.hier.start=0',
  'losses.hier.proxies=32',
  'losses.hier.triplets=4',
  'backbone.trainFrom=1',
  'backbone.views=1',
  'batch.size=30',
];

/** Options of {@link photosRecipe}. */
export interface PhotosOptions {
  readonly data?: string | undefined;
  readonly model?: string | undefined;
  readonly modelOutput?: string | undefined;
  readonly seed?: number | undefined;
  readonly smoke: boolean;
  /** KEY=VALUE of the recipe. */
  readonly fields?: readonly string[] | undefined;
}

/** The recipe of the demo, after what it needs has been fetched. */
export async function photosRecipe({
  data = USUAL_DATA,
  model = USUAL_NETWORK,
  ...options
}: PhotosOptions): Promise<Recipe> {
  const set = [
    ...(options.seed === undefined ? [] : [`seed=${options.seed}`]),
    ...(options.smoke ? SMOKE : []),
    ...(options.fields ?? []),
  ];
  // What is wrong with them is said before anything is fetched; those of the network need it.
  loadRecipe(
    'photos',
    set.filter((field) => !field.startsWith('backbone.')),
  );
  if (!isHubName(model)) networkFile(model);
  if (data === USUAL_DATA && !keptDataset(data)) {
    say('fetching the Grocery Store Dataset (MIT, © 2019 Marcus Klasson), 120 MB, once');
    await fetchDataset(USUAL_DATA);
  }
  if (isHubName(model) && !keptNetwork(model))
    await fetchTold(model, (told) => getNetwork(model, weightsFolder(), told));
  return loadRecipe('photos', [
    `data.source=${JSON.stringify(data)}`,
    `backbone.onnx=${model}`,
    ...(options.modelOutput === undefined ? [] : [`backbone.output=${options.modelOutput}`]),
    ...set,
  ]);
}

/** Makes the table of a demo's test images anew, in its folder; the table's path. */
export async function demoTable(folder: string): Promise<string> {
  const out = join(folder, 'table');
  if (existsSync(out)) rmSync(out, { recursive: true }); // of an earlier demo
  const interrupt = onInterrupt('stopping after this batch; again to stop at once');
  try {
    const { notes } = await indexTable({
      source: folder,
      out,
      progress: reportRate,
      signal: interrupt.signal,
    });
    for (const note of notes) say(noteLine(note));
  } finally {
    interrupt.release();
  }
  return out;
}
