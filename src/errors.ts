/**
 * The errors a user is meant to read. Each says what happened, what was given and what to do about it, and
 * carries the exit code of the command line (README, "Exit codes"). A defect in hier itself is a plain Error.
 */

/** Characters of a message; of a longer one, such as one that repeats what was given, the middle is left out. */
const MOST_SAID = 4000;
/** Characters of a word in it: of a longer name or path the middle is left out. */
const LONGEST_SAID = 300;

const OVERLONG = new RegExp(`\\S{${LONGEST_SAID + 1},}`, 'g');

/** Anything that a user can mend; `exitCode` is that of the command. */
export class HierError extends Error {
  override readonly name: string = 'HierError';
  /** 1 failure, 2 usage, 3 data problem. */
  readonly exitCode: 1 | 2 | 3 = 1;

  constructor(message: string, options?: ErrorOptions) {
    super(
      shortened(
        message.replace(OVERLONG, (word) => shortened(word, LONGEST_SAID)),
        MOST_SAID,
      ),
      options,
    );
  }
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

/** A text of at most `most` characters: of a longer one the middle is left out, and its length said. */
export function shortened(text: string, most = 100): string {
  if (text.length <= most) return text;
  const note = ` … (${text.length} characters) … `;
  const kept = Math.max(0, most - note.length);
  return `${text.slice(0, Math.ceil(kept / 2))}${note}${text.slice(text.length - Math.floor(kept / 2))}`;
}

/**
 * What keeps a text from being JSON, as the rest of a sentence. The words of JavaScript's parser differ between versions
 * and say little; they are not passed on.
 * @param text what was parsed
 * @param cause what `JSON.parse` threw
 */
export function jsonProblem(text: string, cause: unknown): string {
  const said = cause instanceof Error ? cause.message : '';
  if (cause instanceof RangeError) return 'groups lie inside each other too deep';
  if (text.trim() === '') return 'it is empty';
  const foreign = /[:[,]\s*-?(NaN|Infinity|undefined|None|nan|inf|True|False)\b/.exec(text)?.[1];
  if (foreign !== undefined)
    return `it holds ${foreign}, which JSON does not have${INSTEAD[foreign] ?? '; write null'}`;
  if (/^\s*[{[]?\s*'/.test(text)) return 'names and texts stand in double quotes';
  if (/end of JSON|unterminated/i.test(said)) return 'it ends in the middle of a value';
  const at = /at position (\d+)/.exec(said)?.[1] ?? placeOf(text, said);
  if (at === undefined) return 'it is damaged, or another format';
  const found = text.slice(Number(at), Number(at) + 20).split('\n')[0];
  return found === ''
    ? 'it ends in the middle of a value'
    : `at character ${Number(at) + 1} stands ${JSON.stringify(found)}, which does not belong there`;
}

const INSTEAD: Readonly<Record<string, string>> = { True: '; write true', False: '; write false' };

/** Where the sign is that the parser names without its place, when there is one of it. */
function placeOf(text: string, said: string): number | undefined {
  const sign = /^Unexpected token '?(.)/su.exec(said)?.[1];
  if (sign === undefined || text.indexOf(sign) !== text.lastIndexOf(sign)) return undefined;
  return text.indexOf(sign);
}

/** Longer words are not compared: nobody mistypes them. */
const LONGEST_WORD = 64;
/** Steps of comparing that a suggestion may cost: some milliseconds, however many words are known. */
const MOST_STEPS = 1_000_000;

/**
 * The closest of `known` to `given`, as a sentence part " Did you mean X?", or an empty string. What it costs is bounded:
 * long words are not compared, nor are words beyond a number of steps.
 */
export function suggestion(given: string, known: Iterable<string>): string {
  if (given.length > LONGEST_WORD) return '';
  const word = given.toLowerCase();
  let best = '';
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  let steps = 0;
  for (const name of known) {
    steps++;
    if (Math.abs(name.length - given.length) >= bestDistance) continue;
    steps += name.length * given.length;
    if (steps > MOST_STEPS) break;
    const distance = editDistance(word, name.toLowerCase());
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
