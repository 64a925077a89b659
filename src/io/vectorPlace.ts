/**
 * Which tensor or column of a file holds its vectors: one rule for all formats that have names. It knows names only
 * and reads nothing.
 */
import { DataError } from '../errors.js';
import { someOf } from './someOf.js';

/** Where vectors are looked for. */
export interface VectorPlace {
  readonly path: string;
  /** What the format calls its named parts. */
  readonly what: 'tensor' | 'column';
  /** The one that is asked for. */
  readonly name?: string | undefined;
  /** The one that holds the labels, if any. */
  readonly labels?: string | undefined;
  /** What to do when several could be meant. */
  readonly advice?: string | undefined;
}

/** What a file has. */
export interface FoundVectors {
  /** Names of those that hold vectors. */
  readonly able: readonly string[];
  /** All of them, and what each is, such as `I64 [100]`. */
  readonly all: readonly { readonly name: string; readonly is: string }[];
}

/** The name that is taken when nothing is asked for and several could be meant. */
const USUAL_NAME = 'embeddings';

/**
 * The name that is asked for, else `embeddings`, else the only one that holds vectors.
 * @throws DataError that says what was found
 */
export function chooseVectors(
  { path, what, name, advice }: VectorPlace,
  { able, all }: FoundVectors,
): string {
  if (name !== undefined) {
    if (able.includes(name)) return name;
    const other = all.find((one) => one.name === name);
    const reason = other ? `is not a ${what} of vectors (it is ${other.is})` : 'is not there';
    throw new DataError(
      `${path}: the ${what} "${name}" ${reason}. Those that hold vectors: ${someOf(able) || 'none'}.`,
    );
  }
  if (able.includes(USUAL_NAME)) return USUAL_NAME;
  if (able.length === 1) return able[0];
  throw new DataError(
    able.length === 0
      ? `${path} has no ${what} of vectors, only: ${someOf(all.map((one) => `${one.name} (${one.is})`)) || 'nothing'}.`
      : `${path} has several ${what}s of vectors (${someOf(able)}): ${advice ?? `name one of them "${USUAL_NAME}"`}.`,
  );
}
