/** A graph that asks for more memory than any sound network. It is not given to the engine either, which would ask for it. */
import { DataError } from '../../errors.js';

/** Such a graph. */
export class TooLarge extends DataError {}

/** Whether an error is that a graph is too large, or comes of it. */
export function isTooLarge(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof TooLarge) return true;
  return false;
}

/** Numbers of a table from which on the engine must not compute it either: a gigabyte. */
const FAR_TOO_MANY = 2 ** 28;

/** An error about a table of a number of elements. */
export const tableError = (message: string, count: number): DataError =>
  count > FAR_TOO_MANY ? new TooLarge(message) : new DataError(message);
