/**
 * The state of a trainer as a checkpoint, and back: what is copied where. Reading and writing the file, and
 * which checkpoint a run is resumed from, are not decided here.
 */
import { DataError } from '../errors.js';
import type { Checkpoint, Tensor32 } from '../runs/checkpoint.js';
import type { Trainer } from './trainer.js';

/** How far a run is, and what it is a run of. */
export type RunProgress = Omit<Checkpoint, 'parameters' | 'optimizer' | 'statistics'>;

/** A checkpoint of a trainer as it stands; its arrays are the trainer's own, so write it before the next step. */
export function checkpointOf(trainer: Trainer, progress: RunProgress): Checkpoint {
  const { parameters, optimizer, statistics } = trainer.state;
  const tensors = (values: Record<string, Float32Array>): Record<string, Tensor32> =>
    Object.fromEntries(
      Object.entries(values).map(([name, data]) => [name, { shape: [...trainer.shapes[name]], data }]),
    );
  return { ...progress, parameters: tensors(parameters), optimizer, statistics: tensors(statistics) };
}

/**
 * Copies a checkpoint into a trainer.
 * @throws DataError when an array is missing or of another size
 */
export function restore(trainer: Trainer, checkpoint: Checkpoint): void {
  const { parameters, statistics, optimizer } = trainer.state;
  const copy = (to: Record<string, Float32Array>, from: (name: string) => Float32Array | undefined) => {
    for (const [name, values] of Object.entries(to)) {
      const saved = from(name);
      if (saved?.length !== values.length)
        throw new DataError(
          `The checkpoint does not fit this version of the network: "${name}" is missing or of another size.`,
        );
      values.set(saved);
    }
  };
  copy(parameters, (name) => checkpoint.parameters[name]?.data);
  copy(statistics, (name) => checkpoint.statistics[name]?.data);
  copy(optimizer.mean, (name) => checkpoint.optimizer.mean[name]);
  copy(optimizer.variance, (name) => checkpoint.optimizer.variance[name]);
  optimizer.step = checkpoint.optimizer.step;
}
