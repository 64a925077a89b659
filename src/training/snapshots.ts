/**
 * Takes the snapshots of a run while it trains: embeddings of some training images, and the hierarchical proxies, after
 * the epochs that the recipe names. Training does not depend on them; how they are kept is the run's business.
 */

import type { Dataset } from '../datasets/dataset.js';
import { randomStream } from '../random.js';
import { HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { joinValues } from '../rows.js';
import { proxyPoints } from '../runs/proxies.js';
import { writeSnapshot } from '../runs/snapshots.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** Takes snapshots while a run is trained. */
export interface Snapshots {
  /** Writes a snapshot when the recipe wants one after this many epochs. */
  take(trainer: Pick<Trainer, 'embed' | 'state'>, epochsDone: number): Promise<void>;
}

/** Options of {@link snapshotsOf}. */
export interface SnapshotOptions {
  /** The run's folder. */
  readonly run: string;
  readonly dataset: Dataset;
  /** Items that are trained on. */
  readonly train: readonly number[];
  readonly recipe: Recipe;
  readonly inputs: Pick<TrainingData, 'plain'>;
}

/** The snapshots of a run in training. */
export function snapshotsOf({ run, dataset, train, recipe, inputs }: SnapshotOptions): Snapshots {
  const { epochs, images } = recipe.snapshots;
  const { embeddingSize: dim, curvature } = recipe.head;
  const { batch } = recipe.evaluation;
  const items = epochs.length > 0 ? snapshotItems(dataset, train, { images, seed: recipe.seed }) : [];
  return {
    async take(trainer, epochsDone) {
      if (!epochs.includes(epochsDone)) return;
      const embeddings = joinValues(await trainer.embed(inputs.plain(items, batch)));
      // Before HIER begins the proxies have no places that mean anything.
      const hasProxies = hierStart(recipe) === 0 || epochsDone > hierStart(recipe);
      const proxies = hasProxies ? trainer.state.parameters[HIERARCHICAL_PROXIES] : undefined;
      writeSnapshot(run, {
        epoch: epochsDone,
        embeddings,
        proxies: proxyPoints(proxies, recipe),
        dim,
        curvature,
        ids: items.map((item) => dataset.items[item].id),
        labels: items.map((item) => dataset.classes[dataset.items[item].label] ?? ''),
      });
    },
  };
}

/** Whole classes in random order until there are enough images; at least one class. Ascending items. */
export function snapshotItems(
  { items }: Pick<Dataset, 'items'>,
  train: readonly number[],
  { images, seed }: { readonly images: number; readonly seed: number },
): number[] {
  const classes = new Map<number, number[]>();
  for (const item of train) {
    const members = classes.get(items[item].label);
    if (members) members.push(item);
    else classes.set(items[item].label, [item]);
  }
  const members = [...classes.values()];
  const chosen: number[] = [];
  for (const place of randomStream(seed, 'snapshot').choose(members.length, members.length)) {
    if (chosen.length > 0 && chosen.length + members[place].length > images) continue;
    chosen.push(...members[place]);
  }
  return chosen.sort((a, b) => a - b);
}
