/**
 * The data of a training on a worker's machine: opened there, held against the fingerprint of the training, and loaded row by row
 * with the same random draws. And the paths of a recipe as another machine can follow them.
 */
import { resolve } from 'node:path';
import { fingerprint } from '../../datasets/fingerprint.js';
import { builtInDatasets, datasetKinds, openDataset } from '../../datasets/open.js';
import { holdOutValidation } from '../../datasets/validation.js';
import { existsSync } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import type { Recipe } from '../../recipe/load.js';
import { OWN_PARTS } from '../../recipe/parts.js';
import type { ProgressReporter } from '../../runs/progress.js';
import { absoluteSource } from '../../runs/sources.js';
import { classBalancedBatch } from '../batches/sampler.js';
import { openTrainingData } from '../trainingData.js';
import type { DataPart } from './messages.js';

/** Rows of the batches of a training. Call `close()`. */
export interface WorkerInputs {
  /** Rows `from` to `to` of a step's batch. */
  load(epoch: number, step: number, from: number, to: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Options of {@link openWorkerInputs}. */
export interface WorkerInputsOptions {
  /** Where the data lie on this machine; by default where they lie on that of the training. */
  readonly source?: string | undefined;
  readonly progress: ProgressReporter;
  readonly onNote: (note: string) => void;
}

/**
 * Opens the data of a training.
 * @throws DataError when they are not there, or not those of the training
 */
export async function openWorkerInputs(
  given: Recipe,
  { name, sha256, classes, kept }: DataPart,
  { source, progress, onNote }: WorkerInputsOptions,
): Promise<WorkerInputs> {
  const data = source === undefined ? given.data : { ...given.data, source, path: null };
  const recipe = { ...given, data };
  const dataset = await openDataset(data.source, { ...data, onProgress: progress('building the images') });
  const found = await fingerprint(dataset, holdOutValidation(dataset, data.validation));
  if (found.sha256 !== sha256)
    throw new DataError(
      `The data in ${data.path ?? data.source} are not those of the training: ${found.name} with ${found.images} images has the fingerprint ${found.sha256.slice(0, 12)}, and ${name} there ${sha256.slice(0, 12)}. Copy the same files to this machine, or say where they lie with --data.`,
    );
  const inputs = await openTrainingData({
    dataset,
    splits: { train: classes.flat(), validation: [] },
    kept: kept ?? undefined,
    recipe,
    registry: OWN_PARTS,
    sha256,
    progress,
    onNote,
  });
  return {
    load(epoch, step, from, to) {
      const { batch: shape, seed } = recipe;
      const batch = classBalancedBatch({ ...shape, batchSize: shape.size, classes, seed, epoch, step });
      return inputs.load(batch, epoch, step, from, to);
    },
    close: () => inputs.close(),
  };
}

/** A recipe whose paths do not depend on the working folder. */
export function absolutePaths(recipe: Recipe): Recipe {
  const { source, path, labels } = recipe.data;
  const isName = path !== null || builtInDatasets.includes(source) || datasetKinds.includes(source);
  const absolute = (file: string) => (existsSync(file) ? resolve(file) : file);
  const { onnx } = recipe.backbone as { onnx?: unknown };
  return {
    ...recipe,
    data: {
      ...recipe.data,
      source: isName ? source : absoluteSource(source),
      path: path === null ? null : resolve(path),
      labels: labels === null ? null : absolute(labels),
    },
    backbone: {
      ...recipe.backbone,
      ...(typeof onnx === 'string' ? { onnx: absolute(onnx) } : {}),
    } as Recipe['backbone'],
  };
}
