/**
 * The boundary around an engine of tables: what its library or database throws becomes an error for users, which says what
 * happened, with which table, and what to do. Errors that are meant for users pass, and so do defects of hier itself.
 */
import { constants } from 'node:os';
import { readFault, writeFault } from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import type { Store } from './store.js';

/** What is done with a table: it is looked at, or changed. */
export type Work = 'read' | 'write';

/** What an engine is called, and the table as it may be shown. */
export interface EngineOf {
  /** Such as `LanceDB`. */
  readonly engine: string;
  readonly table: string;
}

/** Makes an error for users of whatever an engine threw. */
export type Told = (cause: unknown, work: Work) => unknown;

/** The errors of a library that works with files or objects. */
export function libraryFaults({ engine, table }: EngineOf): Told {
  return (cause, work) => {
    if (cause instanceof HierError || isDefect(cause)) return cause;
    const text = messageOf(cause);
    const code = systemCode(text);
    if (code !== undefined) {
      const answer = Object.assign(new Error(text), { code });
      return work === 'read'
        ? readFault(`the table ${table}`, answer)
        : writeFault(`the table ${table}`, answer);
    }
    if (NETWORK.test(text))
      return new HierError(
        `The place of the table ${table} did not answer as it should while it was being ${work === 'read' ? 'read' : 'written'}. Check the network, the address and the key, and run the same command again.`,
        { cause },
      );
    if (work === 'write' && !DAMAGE.test(text))
      return new HierError(
        `${engine} could not write the table ${table}. What was written before stays. Run the same command again; check the table with: npx hier doctor ${table}`,
        { cause },
      );
    return new DataError(
      `The table ${table} cannot be read by ${engine}: files of it are damaged, missing, or of another version. Check it with: npx hier doctor ${table}; or index its items again into a new table.`,
      { cause },
    );
  };
}

/** Does work at the boundary. Rejects with what `told` makes of whatever the engine throws. */
export async function atBoundary<T>(told: Told, work: Work, does: () => Promise<T> | T): Promise<T> {
  try {
    return await does();
  } catch (cause) {
    throw told(cause, work);
  }
}

const WRITES = ['write', 'remove', 'maintain', 'setFile'] as const;
const READS = [
  'count',
  'hashes',
  'get',
  'vector',
  'search',
  'warm',
  'list',
  'index',
  'version',
  'latest',
  'file',
] as const;

/** The same store, whose methods throw errors for users alone. */
export function bounded(store: Store, told: Told): Store {
  const kept: Record<string, unknown> = { ...store };
  for (const [work, names] of [
    ['write', WRITES],
    ['read', READS],
  ] as const)
    for (const name of names) {
      const call = store[name] as (...given: unknown[]) => Promise<unknown>;
      kept[name] = (...given: unknown[]) => atBoundary(told, work, () => call(...given));
    }
  return {
    ...(kept as unknown as Store),
    scan: (options) => reading(() => store.scan(options), told),
    words: (asked, filter) => reading(() => store.words(asked, filter), told),
    close: () => atBoundary(told, 'read', () => store.close()),
  };
}

async function* reading<T>(batches: () => AsyncIterable<T>, told: Told): AsyncGenerator<T> {
  try {
    yield* batches();
  } catch (cause) {
    throw told(cause, 'read');
  }
}

const NETWORK =
  /error sending request|connection (refused|reset|closed)|dns error|timed? ?out|status: ?(401|403|429|5\d\d)|Generic S3 error|HTTP error|AccessDenied|InvalidAccessKey|SignatureDoesNotMatch|NoSuchBucket/i;
const DAMAGE =
  /corrupt|decode|invalid|malformed|unexpected (end|eof)|magic|not found|no such|manifest|protobuf|parse|out of (range|bounds)|utf-?8|panick/i;

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

/** The answer of the system in a library's text, as Rust (`os error 28`), C or Node give it. */
function systemCode(text: string): string | undefined {
  const number = /\bos error (\d+)/.exec(text)?.[1];
  const named = Object.entries(constants.errno).find(([, value]) => value === Number(number))?.[0];
  if (number !== undefined) return named;
  const code = /^(E[A-Z0-9]{2,14})\b/.exec(text)?.[1];
  if (code !== undefined && Object.hasOwn(constants.errno, code)) return code;
  const words = Object.entries(WORDS).find(([words]) => text.toLowerCase().includes(words));
  return words?.[1];
}

/** The system's answers in words. */
const WORDS: Readonly<Record<string, string>> = {
  'no space left on device': 'ENOSPC',
  'disk quota exceeded': 'EDQUOT',
  'permission denied': 'EACCES',
  'operation not permitted': 'EPERM',
  'read-only file system': 'EROFS',
  'too many open files': 'EMFILE',
  'file name too long': 'ENAMETOOLONG',
  'input/output error': 'EIO',
  'is a directory': 'EISDIR',
  'not a directory': 'ENOTDIR',
  'too many levels of symbolic links': 'ELOOP',
  'device or resource busy': 'EBUSY',
  'cannot allocate memory': 'ENOMEM',
};

/** Whether hier's own code is at fault: an error of the language that did not come up inside a package. */
function isDefect(cause: unknown): boolean {
  if (!(cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError))
    return false;
  const first = /\n\s+at ([^\n]*)/.exec(cause.stack ?? '')?.[1] ?? '';
  return !/node_modules/.test(first);
}
