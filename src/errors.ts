/**
 * The errors a user is meant to read. Each says what happened, what was given and what to do about it, and
 * carries the exit code of the command line (README, "Exit codes"). A defect in hier itself is a plain Error.
 */

/** Anything that a user can mend; `exitCode` is that of the command. */
export class HierError extends Error {
  override readonly name: string = 'HierError';
  /** 1 failure, 2 usage, 3 data problem. */
  readonly exitCode: 1 | 2 | 3 = 1;
}

/** The command or recipe was written wrongly: an unknown key, a wrong type, a missing argument. */
export class UsageError extends HierError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** What was given to work on is not usable: a missing file, a corrupt image, a single class. */
export class DataError extends HierError {
  override readonly name = 'DataError';
  override readonly exitCode = 3;
}

/** The closest of `known` to `given`, as a sentence part " Did you mean X?", or an empty string. */
export function suggestion(given: string, known: Iterable<string>): string {
  let best = '';
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best ? ` Did you mean "${best}"?` : '';
}

/** Number of single-character edits (insert, delete, replace) between two words. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
