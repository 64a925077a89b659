/**
 * A trained run, opened for use: the one place where a folder becomes a recipe, a network, data, embeddings, proxies and
 * records. Evaluation, search, trees, reports, exports and tables start from it. It trains nothing and writes nothing but
 * embeddings that are kept for the next time.
 */

import { existsSync } from '../disk/index.js';
import { UsageError } from '../errors.js';
import type { Points } from '../hierarchy/index.js';
import { hashOfNetwork, type ModelInfo, metricOf, readModel, readModelInfo } from '../model/files.js';
import { openModel, type TrainedModel } from '../model/trained.js';
import type { Recipe } from '../recipe/load.js';
import type { Metric } from '../retrieval/index.js';
import { type Checkpoint, checkpointOfModel, readCheckpoint } from './checkpoint.js';
import { type Collection, openCollection } from './collection.js';
import { type CollectionChoice, hasChanged, readRecord, recipeOf, runCollection } from './data.js';
import {
  type EmbedCollectionOptions,
  embedCollection,
  embeddingsAtHand,
  untrainedEmbeddings,
} from './embeddings.js';
import { type RunStatus, readRunStatus } from './folder.js';
import { type MetricsRow, readMetrics } from './metrics.js';
import { type RunPaths, runPaths } from './paths.js';
import { proxiesOf } from './proxies.js';
import { readSnapshots, type Snapshot } from './snapshots.js';

/** A trained run. What it holds is read when it is first asked for. Owns the network's native memory: call `close()`. */
export interface Run {
  /** The folder as it was given, or the name of the network that it was made of. */
  readonly folder: string;
  /** Where everything lies in it. */
  readonly paths: RunPaths;
  /** What stands beside the network: its space, its preprocessing, where it comes from. */
  readonly info: ModelInfo;
  /** The distance of the space that the network embeds into. */
  readonly metric: Metric;
  /** Whether the folder holds a network alone, as an export does, and a network from a file: there is not a recipe. */
  readonly isNetworkAlone: boolean;
  /** What was trained. Throws UsageError where the folder holds a network alone. */
  readonly recipe: Recipe;
  /** SHA-256 of the network. Throws DataError when it is damaged. */
  readonly hash: string;
  /** The network, opened once; the run closes it. Throws DataError when it is damaged. */
  model(): Promise<TrainedModel>;
  /**
   * A split of the run's own data, or other data, listed once for each choice. Default: the test classes; all of other data.
   * @throws UsageError for a split that the data do not have, and for a network alone without other data; DataError when they cannot be read
   */
  collection(choice?: CollectionChoice): Promise<Collection>;
  /** Whether the run's own data are other than they were in training. */
  hasChanged(collection: Collection): Promise<boolean>;
  /** Embeddings of a collection `[N, d]`, kept in the folder for the next time. Throws as `TrainedModel.embed`. */
  embeddings(collection: Collection, options?: EmbedCollectionOptions): Promise<EmbeddedCollection>;
  /** The embeddings of a collection where all are kept and still right; else undefined. */
  keptEmbeddings(collection: Collection): Float32Array | undefined;
  /**
   * Embeddings of a collection by the network as it was before its first step, kept as well; undefined, with a note, for a
   * backbone from outside, of which a run keeps the trained network alone, and for a network alone.
   */
  untrained(collection: Collection, options?: EmbedCollectionOptions): Promise<Points | undefined>;
  /**
   * The hierarchical proxies as points of the space, `[P, d]`; undefined for a run without.
   * @throws DataError when the checkpoint that holds them is missing or damaged
   */
  proxies(): Float32Array | undefined;
  /** The checkpoint that the network was written from. Throws DataError when it is missing or damaged. */
  checkpoint(): Checkpoint;
  /**
   * Embeddings and proxies after some epochs, in order; empty when none were kept. `onNote` is told of damaged ones, which
   * are then left out; without it the first throws DataError.
   */
  snapshots(onNote?: (note: string) => void): Snapshot[];
  /** Every step and evaluation; empty when there are none. `onNote` is told what is damaged and left out. */
  metrics(onNote?: (note: string) => void): MetricsRow[];
  /** How the run stands; null in a folder that holds a network alone. */
  status(): RunStatus | null;
  /** What `data.json` or `environment.json` records; null when there is none that can be read. */
  record(name: 'data' | 'environment'): Readonly<Record<string, unknown>> | null;
  /** Frees the network. Closing twice does no harm. */
  close(): Promise<void>;
}

/** Embedded items, with the space that they lie in. */
export interface EmbeddedCollection extends Points {
  /** Items that could not be read, by index; their rows are NaN. */
  readonly skipped: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * Opens the folder of a trained run, or of an export.
 * @param options how messages call it, when not by its folder
 * @throws UsageError when there is no trained network; DataError when what stands beside it is damaged
 */
export function openRun(folder: string, { shownAs = folder }: { readonly shownAs?: string } = {}): Run {
  const info = readModelInfo(folder);
  const metric = metricOf(info);
  const paths = runPaths(folder);
  const { embeddingSize: dim, curvature } = info;
  const space = { dim, metric, curvature };
  const isNetworkAlone = !existsSync(paths.recipe);
  const recipe = once(() => recipeOf(folder));
  const hash = once(() => hashOfNetwork(readModel(folder).network));
  const collections = new Map<string, Promise<Collection>>();
  let model: Promise<TrainedModel> | undefined;
  const open = () => (model ??= openModel(folder));
  const embed = async (collection: Collection, options: EmbedCollectionOptions = {}) => {
    const { embeddings: values, skipped } = await embedCollection(
      { run: folder, collection, dim, model: open },
      options,
    );
    return { ...space, values, skipped };
  };
  return {
    folder: shownAs,
    isNetworkAlone,
    paths,
    info,
    metric,
    get recipe() {
      return recipe();
    },
    get hash() {
      return hash();
    },
    model: open,
    collection(choice = {}) {
      const key = JSON.stringify([choice.source ?? null, choice.split ?? null]);
      const listed = collections.get(key) ?? listedFor(isNetworkAlone ? null : recipe(), choice, shownAs);
      collections.set(key, listed);
      listed.catch(() => collections.delete(key));
      return listed;
    },
    hasChanged: (collection) => hasChanged(paths.data, collection, recipe().data.validation),
    embeddings: embed,
    keptEmbeddings: (collection) => embeddingsAtHand({ run: folder, collection, dim }),
    async untrained(collection, options = {}) {
      if (isNetworkAlone) return undefined;
      return untrainedEmbeddings(folder, recipe(), collection, options);
    },
    proxies: () => (isNetworkAlone ? undefined : proxiesOf(folder, recipe())),
    checkpoint: () => readCheckpoint(checkpointOfModel(folder)),
    snapshots: (onNote) => readSnapshots(folder, onNote),
    metrics: (onNote) => readMetrics(paths.metrics, onNote),
    status: () => readRunStatus(folder),
    record: (name) => readRecord(paths[name]),
    async close() {
      const opened = model;
      model = undefined;
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

/** Opens runs, works with them, and closes them whatever happens. Throws as {@link openRun} and as the work does. */
export async function withRuns<T>(
  folders: readonly string[],
  work: (runs: readonly Run[]) => Promise<T>,
): Promise<T> {
  const runs = folders.map((folder) => openRun(folder));
  try {
    return await work(runs);
  } finally {
    await Promise.all(runs.map((run) => run.close()));
  }
}

/** A run for a piece of work, closed whatever happens. */
export function withRun<T>(folder: string, work: (run: Run) => Promise<T>): Promise<T> {
  return withRuns([folder], ([run]) => work(run));
}

/** The collection of a choice; a network alone has no data of its own. */
async function listedFor(
  recipe: Recipe | null,
  choice: CollectionChoice,
  shown: string,
): Promise<Collection> {
  if (recipe) return runCollection(recipe, choice);
  const { source, split = 'all', progress = () => () => undefined } = choice;
  if (source === undefined)
    throw new UsageError(
      `${shown} is a network alone, which has no data of its own. Name images with --data: a folder, a manifest or a data set. Figures, reports and exports are made of runs, which training writes.`,
    );
  return openCollection(source, { split, onProgress: progress('building the images') });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
