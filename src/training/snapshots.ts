/**
 * Snapshots of a run: embeddings of some training images, and the hierarchical proxies, after the epochs that the
 * recipe names. Figures of the course of training are drawn from them; training does not depend on them.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset.js';
import { DataError } from '../errors.js';
import { toBall } from '../geometry/numbers.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import { randomStream } from '../random.js';
import { joinParts } from '../retrieval/index.js';
import { HIERARCHICAL_PROXIES, hierStart } from './lossGraph.js';
import type { Recipe } from './recipe.js';
import { runPaths } from './runPaths.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** Embeddings and proxies after an epoch. */
export interface Snapshot {
  /** Whole epochs done. */
  readonly epoch: number;
  /** `[N, d]`, points of the ball, or directions in a flat space. */
  readonly embeddings: Float32Array;
  /** Hierarchical proxies in the same space, `[P, d]`; empty for a run without HIER. */
  readonly proxies: Float32Array;
  readonly dim: number;
  /** Curvature parameter c of the ball; 0 in a flat space. */
  readonly curvature: number;
  /** Id of each image. */
  readonly ids: readonly string[];
  /** Class of each image. */
  readonly labels: readonly string[];
}

/** Takes snapshots while a run goes on. */
export interface Snapshots {
  /** Writes a snapshot when the recipe wants one after this many epochs. */
  take(trainer: Pick<Trainer, 'embed' | 'state'>, epochsDone: number): Promise<void>;
}

const FORMAT = 'hier-snapshot';

/** What {@link snapshotsOf} needs to know. */
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
      const embeddings = joinParts(await trainer.embed(inputs.plain(items, batch)));
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

/** Hierarchical proxies, parameters in the tangent space, as points of the recipe's space. */
export function proxyPoints(parameters: Float32Array | undefined, { losses, head }: Recipe): Float32Array {
  if (!parameters || losses.hier.weight === 0) return new Float32Array(0);
  return pointsOf(parameters, head);
}

/** Tangent vectors at the origin, rows of `[N, d]`, as points of the space that a head embeds into. */
export function pointsOf(parameters: Float32Array, head: Recipe['head']): Float32Array {
  const { embeddingSize: dim, curvature: c, clipRadius } = head;
  const points = new Float32Array(parameters.length);
  for (let at = 0; at < parameters.length; at += dim) {
    const tangent = Float64Array.from(parameters.subarray(at, at + dim));
    const length = Math.hypot(...tangent) || 1;
    points.set(c > 0 ? toBall(tangent, { c, clipRadius }) : tangent.map((value) => value / length), at);
  }
  return points;
}

/** Writes a snapshot into a run's folder. */
export function writeSnapshot(run: string, snapshot: Snapshot): void {
  const { epoch, embeddings, proxies, dim, curvature, ids, labels } = snapshot;
  writeSafetensors(
    join(runPaths(run).snapshots, `epoch-${String(epoch).padStart(4, '0')}.safetensors`),
    [
      ['embeddings', { shape: [embeddings.length / dim, dim], data: embeddings }],
      ['proxies', { shape: [proxies.length / dim, dim], data: proxies }],
    ],
    {
      metadata: { format: FORMAT, version: '1', about: JSON.stringify({ epoch, curvature, ids, labels }) },
      seal: true,
    },
  );
}

/** All snapshots of a run in order of epochs; empty when there are none. Throws DataError for a damaged one. */
export function readSnapshots(run: string): Snapshot[] {
  const folder = runPaths(run).snapshots;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^epoch-\d+\.safetensors$/.test(name))
    .map((name) => readSnapshot(join(folder, name)))
    .sort((a, b) => a.epoch - b.epoch);
}

function readSnapshot(path: string): Snapshot {
  const { metadata, tensors, sealed } = readSafetensors(path);
  const [embeddings, proxies] = ['embeddings', 'proxies'].map((name) => tensors.get(name));
  if (metadata.format !== FORMAT || metadata.version !== '1' || !sealed || !embeddings || !proxies)
    throw new DataError(`${path} is no snapshot that this version of hier reads. Delete it, or train again.`);
  const about = JSON.parse(metadata.about) as Pick<Snapshot, 'epoch' | 'curvature' | 'ids' | 'labels'>;
  return {
    ...about,
    dim: embeddings.shape[1],
    embeddings: embeddings.data as Float32Array,
    proxies: proxies.data as Float32Array,
  };
}
