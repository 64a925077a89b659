/**
 * Rows in the order of their classes, so that the matches of a query are consecutive gallery rows. Labels may
 * be any finite numbers; inside, classes are counted from 0.
 */
import { DataError, UsageError } from '../errors.js';

/** Rows of one set in the order of their classes; equal classes keep their order. */
export interface ClassOrder {
  /** Row at each place, `[N]`. */
  readonly rowAt: Int32Array;
  /** Class at each place, `[N]`, rising. */
  readonly classAt: Int32Array;
  /** Place of the first row of each class, and N at the end, `[classes + 1]`. */
  readonly starts: Int32Array;
}

/** Throws unless there is one label a row and every label is a finite number. */
export function checkLabels(labels: ArrayLike<number>, count: number, name: string): void {
  if (labels.length !== count)
    throw new UsageError(`${labels.length} labels were given for ${count} ${name}. Give one a row.`);
  const wrong = Array.from(labels).findIndex((label) => !Number.isFinite(label));
  if (wrong >= 0)
    throw new DataError(
      `The label of row ${wrong} of the ${name} is ${labels[wrong]}. Labels are finite numbers, one number a class.`,
    );
}

/** The classes of several sets together: label → class, counted in rising order of labels. */
export function classesOf(...sets: readonly ArrayLike<number>[]): Map<number, number> {
  const labels = new Set<number>();
  for (const set of sets) for (let i = 0; i < set.length; i++) labels.add(set[i]);
  return new Map([...labels].sort((a, b) => a - b).map((label, index) => [label, index]));
}

/** Rows in the order of their classes. */
export function orderByClass(labels: ArrayLike<number>, classes: ReadonlyMap<number, number>): ClassOrder {
  const count = labels.length;
  const starts = new Int32Array(classes.size + 1);
  for (let row = 0; row < count; row++) starts[classes.get(labels[row])! + 1]++;
  for (let i = 1; i <= classes.size; i++) starts[i] += starts[i - 1];
  const next = starts.slice();
  const rowAt = new Int32Array(count);
  const classAt = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const index = classes.get(labels[row])!;
    const place = next[index]++;
    rowAt[place] = row;
    classAt[place] = index;
  }
  return { rowAt, classAt, starts };
}
