/**
 * A short proof of which data a result belongs to: counts for people, a hash for machines. It depends on
 * names, labels, splits and file contents, never on where the files lie.
 */
import { createHash } from 'node:crypto';
import { readFile } from '../disk/index.js';
import { DataError } from '../errors.js';
import type { Dataset, DatasetItem } from './dataset.js';
import type { TrainingSplits } from './validation.js';

/** How many classes and images a split has. */
export interface SplitSize {
  readonly classes: number;
  readonly images: number;
}

/** Counts of each split, and the hash of everything that could change a result. */
export interface Fingerprint {
  readonly name: string;
  readonly classes: number;
  readonly images: number;
  readonly splits: { readonly train: SplitSize; readonly validation: SplitSize; readonly test: SplitSize };
  /** Hexadecimal SHA-256. */
  readonly sha256: string;
}

const AT_ONCE = 16;

/**
 * Fingerprint of a data set as divided by `splits` (from holdOutValidation; the test split is the data set's
 * own). Hashes ids, labels, class names, taxonomy, splits, and the contents of every file; for generated data
 * the `origin` stands in for the contents. The order of items and classes counts, for it decides batches.
 * Throws DataError when a file cannot be read.
 */
export async function fingerprint(dataset: Dataset, splits: TrainingSplits): Promise<Fingerprint> {
  const { items, classes, taxonomy, test, origin } = dataset;
  const splitOf = new Map<number, string>();
  for (const index of splits.train) splitOf.set(index, 'train');
  for (const index of splits.validation) splitOf.set(index, 'validation');
  for (const index of test) splitOf.set(index, 'test');

  const hash = createHash('sha256');
  hash.update(JSON.stringify({ format: 1, classes, taxonomy: taxonomy ?? null, origin: origin ?? null }));
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const block = items.slice(start, start + AT_ONCE);
    const contents = origin === undefined ? await Promise.all(block.map((item) => hashFile(item.path))) : [];
    block.forEach(({ id, label }, i) => {
      const split = splitOf.get(start + i) ?? null;
      hash.update(`\n${JSON.stringify([id, label, split, contents[i] ?? null])}`);
    });
  }

  const size = (indices: readonly number[]) => splitSize(items, indices);
  return {
    name: dataset.name,
    classes: classes.length,
    images: items.length,
    splits: { train: size(splits.train), validation: size(splits.validation), test: size(test) },
    sha256: hash.digest('hex'),
  };
}

/** Classes and images of the items at `indices`; items without a class (label -1) count as images only. */
export function splitSize(items: readonly DatasetItem[], indices: readonly number[]): SplitSize {
  const labels = new Set(indices.map((index) => items[index].label));
  labels.delete(-1);
  return { classes: labels.size, images: indices.length };
}

async function hashFile(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('base64');
  } catch (cause) {
    throw new DataError(`Could not read ${path}: ${(cause as Error).message}.`, { cause });
  }
}
