/** Images that could not be had, written beside a table: who looks after the list finds there which to mend, and why. */
import { rmSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { csvText } from '../io/writeRows.js';

/** An item without its image. */
export interface Failure {
  readonly id: string;
  /** Its image as the list names it, or where it should be. */
  readonly image: string;
  readonly reason: string;
}

/** Writes the list (CSV: id, image, reason), or removes that of an earlier time where there is nothing to say. */
export function writeFailures(path: string, failures: readonly Failure[]): void {
  if (failures.length === 0) rmSync(path, { force: true });
  else writeFileAtomic(path, csvText(failures.map(({ id, image, reason }) => ({ id, image, reason }))));
}

/** Where the list belongs to a table that is a folder. */
export const failuresBeside = (table: string) => `${table.replace(/[\\/]+$/, '')}.failures.csv`;
