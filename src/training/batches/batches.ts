/**
 * The batches of a run in order, with their inputs in the making a few steps ahead, so that training never waits for
 * images. Which items a batch has is the sampler's business, and what its inputs are that of the training data.
 */
import type { Dataset } from '../../datasets/dataset.js';
import { isVectorDataset } from '../../datasets/vectors.js';
import type { Recipe } from '../../recipe/load.js';
import type { RowsOfBatch } from '../trainer.js';
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
  /** How many rows of a batch, from the first one on, are made ahead. */
  readonly rowsHere: () => number;
}

/** A batch and where it belongs; `step` counts within the epoch, both from 0. */
export interface TrainingBatch {
  readonly epoch: number;
  readonly step: number;
  readonly batch: Batch;
  /** Inputs of the network, one row an item; of those that were not made ahead, made now. */
  readonly rows: RowsOfBatch;
}

/** The batches between two steps of a run. */
export function* batchesAhead(options: BatchesOptions): Generator<TrainingBatch, void> {
  const { recipe, classes, stepsPerEpoch, inputs, from, to, signal, rowsHere } = options;
  const { batch: shape, seed } = recipe;
  const batchAt = (at: number): TrainingBatch => {
    const [epoch, step] = [Math.floor(at / stepsPerEpoch), at % stepsPerEpoch];
    const batch = classBalancedBatch({ ...shape, batchSize: shape.size, classes, seed, epoch, step });
    const made = rowsHere();
    const ahead = inputs.load(batch, epoch, step, 0, made);
    ahead.catch(() => undefined); // told when it is asked for
    const rows: RowsOfBatch = async (first, end) => {
      if (end > made) return inputs.load(batch, epoch, step, first, end);
      const values = await ahead;
      const width = values.length / made;
      return values.subarray(first * width, end * width);
    };
    return { epoch, step, batch, rows };
  };
  const ahead: TrainingBatch[] = [];
  for (let at = from; at < to && !signal?.aborted; at++) {
    while (ahead.length < BATCHES_AHEAD && at + ahead.length < to) ahead.push(batchAt(at + ahead.length));
    yield ahead.shift()!;
  }
}
