/** What happens to a damaged file of a run that can be made again: it is kept under another name, for who wants to look. */
import { basename } from 'node:path';
import { existsSync, renameSync, rmSync } from '../disk/index.js';

/** Ending of the name of a damaged file that was put aside. */
export const ASIDE = '.damaged';

/** Puts a damaged file aside, in place of an earlier one, and returns the name that it has now. */
export function putAside(path: string): string {
  const aside = `${path}${ASIDE}`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(path, aside);
  return basename(aside);
}

/** Puts a damaged file aside that is about to be written again, where there is one, and says so in a sentence. */
export function madeAgainNote(path: string): string {
  return existsSync(path)
    ? `${basename(path)} was damaged: it is made again, and what was there is ${putAside(path)}.`
    : `${path} was lost: it is made again.`;
}
