/** Images that could not be had, written as a list of their own: who looks after them finds there which to mend, and why. */
import { extname } from 'node:path';
import { rmSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { csvText } from '../io/writeRows.js';
import { counted } from '../shown.js';

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

/** Where it belongs to a list of images that no table is made of. */
export const failuresOfList = (list: string) =>
  `${list.slice(0, list.length - extname(list).length)}.failures.csv`;

/** Writes the list of failures, and tells where it is in a sentence; returns its path, null where there is nothing to tell. */
export function tellFailures(
  failures: readonly Failure[],
  {
    path,
    source,
    onNote,
  }: { readonly path: string; readonly source: string; readonly onNote: (note: string) => void },
): string | null {
  writeFailures(path, failures);
  if (failures.length === 0) return null;
  onNote(
    `${counted(failures.length, 'image')} of ${source} could not be had: listed with reasons in ${path}. The same command tries them again.`,
  );
  return path;
}
