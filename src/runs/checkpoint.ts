/**
 * A checkpoint is everything that a run needs to be resumed as if it had never stopped: parameters with both kinds
 * of proxies, AdamW's moments, batch-norm statistics, and how far the run is. Random numbers need no state,
 * they are functions of seed, epoch and step. One sealed safetensors file, whole or absent. Which of a
 * run's checkpoints is meant is decided here as well.
 */

import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { existsSync, readdirSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../io/safetensors/safetensors.js';
import { runPaths } from './paths.js';

/** AdamW's memory: two running means for every parameter, and the number of updates made. */
export interface AdamWState {
  /** Updates made so far. */
  step: number;
  /** Running mean of the gradient, by parameter name. */
  mean: Record<string, Float32Array>;
  /** Running mean of the squared gradient, by parameter name. */
  variance: Record<string, Float32Array>;
}

/** A float32 tensor. */
export type Tensor32 = StoredTensor<Float32Array>;

/** How far a run is, and what it is a run of. */
const progressSchema = z.strictObject({
  epoch: z.int().min(0),
  step: z.int().min(0),
  optimizerStep: z.int().min(0),
  seed: z.int().min(0),
  best: z.strictObject({ metric: z.string(), value: z.number(), epoch: z.int().min(0) }).nullable(),
  liveProxies: z.array(z.int().min(0)).optional(),
  recipeHash: z.string(),
  dataFingerprint: z.string(),
});

/** The state of a run between two steps. */
export interface Checkpoint {
  /** Whole epochs done. */
  epoch: number;
  /** Steps done since the start of the run. */
  step: number;
  /** The recipe's seed. */
  seed: number;
  /** The best evaluation so far; null before the first. */
  best: { metric: string; value: number; epoch: number } | null;
  /** Hierarchical proxies that were ancestors of samples since the epoch began, by index; absent when none. */
  liveProxies?: number[] | undefined;
  /** Hash of the recipe, see recipeHash. */
  recipeHash: string;
  /** Fingerprint of the training data. */
  dataFingerprint: string;
  /** All trained parameters by name, class proxies and hierarchical proxies among them. */
  parameters: Record<string, Tensor32>;
  /** AdamW's memory of the same parameters. */
  optimizer: AdamWState;
  /** What is not trained by gradients: running means and variances of batch norm, by name. */
  statistics: Record<string, Tensor32>;
}

const format = 'hier-checkpoint';
const version = 1;

/**
 * Writes a checkpoint; an older one at `path` stays until the new one is whole. Throws HierError when the disk
 * is full.
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const { parameters, optimizer, statistics, ...progress } = checkpoint;
  const tensors: [string, Tensor32][] = [];
  for (const [name, tensor] of Object.entries(parameters)) {
    tensors.push([`parameter/${name}`, tensor]);
    tensors.push([`mean/${name}`, { shape: tensor.shape, data: optimizer.mean[name] }]);
    tensors.push([`variance/${name}`, { shape: tensor.shape, data: optimizer.variance[name] }]);
  }
  for (const [name, tensor] of Object.entries(statistics)) tensors.push([`statistic/${name}`, tensor]);
  writeSafetensors(path, tensors, {
    metadata: {
      format,
      version: String(version),
      progress: JSON.stringify(progressSchema.parse({ ...progress, optimizerStep: optimizer.step })),
    },
    seal: true,
  });
}

/**
 * Reads a checkpoint back, bit for bit.
 *
 * @throws DataError that names the file and what else can be resumed from, when it is absent, cut short or
 *   changed in any bit, no checkpoint, or of a newer version of hier.
 */
export function readCheckpoint(path: string): Checkpoint {
  try {
    return parseCheckpoint(path);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${error.message} ${waysOut(path)}`, { cause: error });
  }
}

function parseCheckpoint(path: string): Checkpoint {
  if (!existsSync(path)) throw new DataError(`There is no checkpoint ${path}.`);
  const { metadata, tensors, sealed } = readSafetensors(path);
  if (metadata.format !== format) throw new DataError(`${path} is a safetensors file but not a checkpoint.`);
  if (Number(metadata.version) > version)
    throw new DataError(
      `${path} was written by a newer hier (checkpoint version ${metadata.version}; this one reads ${version}).`,
    );
  if (!sealed) throw new DataError(`${path} is damaged: its checksum is missing.`);
  const damaged = (what: string) => new DataError(`${path} is damaged: ${what}.`);

  // Names come from the file: a Map takes them all, `__proto__` too.
  const groups = new Map(
    ['parameter', 'mean', 'variance', 'statistic'].map((group) => [group, new Map<string, Tensor32>()]),
  );
  for (const [fullName, { shape, data }] of tensors) {
    const slash = fullName.indexOf('/');
    const group = groups.get(fullName.slice(0, slash));
    if (!group || !(data instanceof Float32Array))
      throw damaged(`tensor "${fullName}" is not one of a checkpoint`);
    group.set(fullName.slice(slash + 1), { shape, data });
  }
  const parameters = groups.get('parameter')!;
  const moment = (name: string) =>
    Object.fromEntries(
      [...parameters].map(([parameter, { data }]) => {
        const found = groups.get(name)!.get(parameter);
        if (found?.data.length !== data.length)
          throw damaged(`AdamW's moments of "${parameter}" are missing or of another size`);
        return [parameter, found.data];
      }),
    );
  const { optimizerStep, ...progress } = parseProgress(metadata.progress, damaged);
  return {
    ...progress,
    parameters: Object.fromEntries(parameters),
    optimizer: { step: optimizerStep, mean: moment('mean'), variance: moment('variance') },
    statistics: Object.fromEntries(groups.get('statistic')!),
  };
}

function parseProgress(text: string | undefined, damaged: (what: string) => DataError) {
  try {
    return progressSchema.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw Object.assign(damaged('its progress cannot be read'), { cause });
  }
}

/** What to do without the checkpoint at `path`. */
function waysOut(path: string): string {
  const folder = dirname(path);
  const others = (existsSync(folder) ? readdirSync(folder) : []).filter(
    (name) => name.endsWith('.safetensors') && name !== basename(path) && !name.startsWith('.'),
  );
  return others.length
    ? `Other checkpoints beside it: ${others.sort().join(', ')}. Resume from one of them by moving this one away, or start again.`
    : 'There is no other checkpoint beside it: start the run again.';
}

/** The checkpoint that the network of a run is of: the best on held-out classes where one was kept, else the last. */
export function checkpointOfModel(folder: string): string {
  const { best, last } = runPaths(folder);
  return existsSync(best) ? best : last;
}

/** The checkpoint to resume from: the last, else the best; null when there is none yet. */
export function checkpointToResume(folder: string): string | null {
  const { best, last } = runPaths(folder);
  return [last, best].find((path) => existsSync(path)) ?? null;
}
