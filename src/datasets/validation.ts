/** Holds out whole training classes for model selection, so that the test classes are looked at once. */
import { DataError, UsageError } from '../errors.js';
import { randomStream } from '../random.js';
import { counted } from '../shown.js';
import type { Dataset } from './dataset.js';

/** A training split divided for model selection; ascending indices into the data set's items. */
export interface TrainingSplits {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Divides `dataset.train` by classes: about `fraction` (in [0, 1)) of the training classes, at least two,
 * spread evenly over the class list, become the validation split. `seed` moves the grid of chosen classes;
 * the same arguments always give the same answer. With fraction 0 the validation split is empty.
 * Throws UsageError for a fraction outside the range, DataError when fewer than two classes would remain.
 */
export function holdOutValidation(dataset: Dataset, fraction: number, seed?: number): TrainingSplits {
  if (!(fraction >= 0 && fraction < 1))
    throw new UsageError(
      `data.validation, the share of classes held out, must be at least 0 and below 1, not ${fraction}.`,
    );
  if (fraction === 0) return { train: dataset.train, validation: [] };

  const labels = [...new Set(dataset.train.map((index) => dataset.items[index].label))].sort((a, b) => a - b);
  const held = Math.max(2, Math.round(fraction * labels.length));
  if (labels.length - held < 2)
    throw new DataError(
      `${dataset.name} has ${counted(labels.length, 'training class')}: holding out ${held} for validation ` +
        'leaves fewer than two to train on. Set data.validation smaller, or to 0 for none.',
    );
  const phase = seed === undefined ? 0.5 : randomStream(seed, 'validation').uniform();
  const chosen = new Set(
    Array.from({ length: held }, (_, k) => labels[Math.floor(((k + phase) * labels.length) / held)]),
  );
  const isHeld = (index: number) => chosen.has(dataset.items[index].label);
  return {
    train: dataset.train.filter((index) => !isHeld(index)),
    validation: dataset.train.filter(isHeld),
  };
}
