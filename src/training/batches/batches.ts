/**
 * The batches of a run in order, with their inputs in the making a few steps ahead, so that training never waits for
 * images. Which items a batch has is the sampler's business, and what its inputs are that of the training data.
 */
import type { Dataset } from '../../datasets/dataset.js';
import { isVectorDataset } from '../../datasets/vectors.js';
import type { Recipe } from '../../recipe/load.js';
import type { TrainingData } from '../trainingData.js';
import { type Batch, classBalancedBatch } from './sampler.js';

/** Batches in the making. */
const BATCHES_AHEAD = 3;

/** Items and their classes by training label, labels counted from 0; without labels each its own class. */
export function itemsByClass(dataset: Dataset, train: readonly number[]): number[][] {
  if (isVectorDataset(dataset) && !dataset.isLabelled) return train.map((item) => [item]);
  const labels = [...new Set(train.map((item) => dataset.items[item].label))].sort((a, b) => a - b);
  const positions = new Map(labels.map((label, i) => [label, i]));
  const classes: number[][] = labels.map(() => []);
  for (const item of train) classes[positions.get(dataset.items[item].label)!].push(item);
  return classes;
}

/** Options of {@link batchesAhead}. */
export interface BatchesOptions {
  readonly recipe: Recipe;
  /** Items of each training class, see {@link itemsByClass}. */
  readonly classes: readonly (readonly number[])[];
  readonly stepsPerEpoch: number;
  readonly inputs: TrainingData;
  /** Steps that are done already, and those that are done at the end. */
  readonly from: number;
  readonly to: number;
  /** Asked once before each batch; no batch comes after it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A batch and where it belongs; `step` counts within the epoch, both from 0. */
export interface TrainingBatch {
  readonly epoch: number;
  readonly step: number;
  readonly batch: Batch;
  /** Inputs of the network, one row an item. */
  readonly values: Promise<Float32Array>;
}

/** The batches between two steps of a run. */
export function* batchesAhead(options: BatchesOptions): Generator<TrainingBatch, void> {
  const { recipe, classes, stepsPerEpoch, inputs, from, to, signal } = options;
  const { batch: shape, seed } = recipe;
  const batchAt = (at: number): TrainingBatch => {
    const [epoch, step] = [Math.floor(at / stepsPerEpoch), at % stepsPerEpoch];
    const batch = classBalancedBatch({ ...shape, batchSize: shape.size, classes, seed, epoch, step });
    return { epoch, step, batch, values: inputs.load(batch, epoch, step) };
  };
  const ahead: TrainingBatch[] = [];
  for (let at = from; at < to && !signal?.aborted; at++) {
    while (ahead.length < BATCHES_AHEAD && at + ahead.length < to) ahead.push(batchAt(at + ahead.length));
    yield ahead.shift()!;
  }
}
