/**
 * One file over HTTP, whole or not at all: what has arrived stands in a `.part` file, from which a cut download
 * is resumed, in the same run or in a later one, when the server still has the same file. It is checked and then
 * renamed. The file's size is bounded. What is done with it is decided elsewhere.
 */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createReadStream,
  existsSync,
  type FileHandle,
  mkdirSync,
  open,
  readFileSync,
  rename,
  rmSync,
  statSync,
  writeFault,
} from '../../disk/index.js';
import { DataError, HierError } from '../../errors.js';
import { writeFileAtomic } from '../atomic.js';
import { Refusal, type Response200, request } from './request.js';

/** How a file is fetched. */
export interface DownloadOptions {
  /** SHA-256 that it must have, hex; by default the one that the server announces, if it does. */
  readonly sha256?: string | undefined;
  /** Looks at the file before it gets its name; throws when it is not what was wanted. */
  readonly check?: (path: string) => void;
  /** Largest size, bytes. */
  readonly mostBytes?: number;
  /** Tries after the first that was cut, before giving up until the next run. */
  readonly retries?: number;
  /** Milliseconds before the first of them; each later one waits twice as long. */
  readonly retryDelay?: number;
  /** Milliseconds without a byte after which a connection counts as cut. */
  readonly stallAfter?: number;
  /** Called as bytes arrive; the total is null while it is not known. */
  readonly onProgress?: (done: number, total: number | null) => void;
  /** Told when a try failed and another follows. */
  readonly onNote?: (note: string) => void;
  /** Stops the download; what has arrived stays for the next time. */
  readonly signal?: AbortSignal | undefined;
}

/** A file that was fetched. */
export interface Downloaded {
  readonly bytes: number;
  /** SHA-256 of it, hex. */
  readonly sha256: string;
  /** Whether there was a checksum to hold it against. */
  readonly verified: boolean;
}

/** What is kept beside a part, to know whether the server still has the same file. */
interface Origin {
  readonly url: string;
  /** A strong entity tag or a date of change; null when the server names neither. */
  readonly validator: string | null;
}

/**
 * Fetches `url` to `path`.
 *
 * @throws DataError when the server has no such file, or it fails its checksum or `check`; HierError when the
 *   connection keeps breaking, the disk is full, or it was stopped
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { retries = 4, retryDelay = 1000, onNote = () => undefined, signal, check } = options;
  const part = `${path}.part`;
  mkdirSync(dirname(path), { recursive: true });
  let announced: string | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      announced = await fetchPart(url, part, options);
      break;
    } catch (cause) {
      if (signal?.aborted)
        throw new HierError('Stopped. Run the same command again to go on where it stopped.', { cause });
      if (cause instanceof HierError) throw cause;
      const reason = reasonOf(cause);
      if (attempt >= retries)
        throw new HierError(
          `${url} could not be fetched: ${reason} (tried ${attempt + 1} times). Run the same command again to go on where it stopped, or name a mirror or a file with --from.`,
          { cause },
        );
      onNote(`${reason}; trying again`);
      await wait(retryDelay * 2 ** attempt, undefined, { signal }).catch(() => undefined);
    }
  }
  const wanted = options.sha256?.toLowerCase() ?? announced;
  const sha256 = await sha256Of(part);
  try {
    if (wanted !== undefined && wanted !== sha256)
      throw new DataError(
        `${url} failed its checksum and was deleted: SHA-256 ${sha256}, expected ${wanted}. Run the command again, or name another source with --from.`,
      );
    check?.(part);
  } catch (error) {
    rmSync(part, { force: true });
    rmSync(originFile(part), { force: true });
    throw error;
  }
  const bytes = statSync(part).size;
  await rename(part, path);
  rmSync(originFile(part), { force: true });
  return { bytes, sha256, verified: wanted !== undefined };
}

/** One try: resumes the part or starts anew. Returns the checksum that the server announces. */
async function fetchPart(url: string, part: string, options: DownloadOptions): Promise<string | undefined> {
  const { mostBytes = 4 * 2 ** 30, stallAfter = 60_000, onProgress, signal } = options;
  const origin = originOf(part);
  const have = origin?.url === url && origin.validator !== null && existsSync(part) ? statSync(part).size : 0;
  const headers: Record<string, string> =
    have > 0 ? { range: `bytes=${have}-`, 'if-range': origin!.validator! } : {};
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`no data for ${stallAfter / 1000} s`)), stallAfter);
  const signals = [stall.signal, ...(signal ? [signal] : [])];
  let file: FileHandle | undefined;
  try {
    const response = await request(url, headers, AbortSignal.any(signals));
    const start = startOf(response, have);
    const total = response.length === null ? null : start + response.length;
    const tooLarge = () => new DataError(`${url} is larger than ${mostBytes} bytes; it is not fetched.`);
    if (total !== null && total > mostBytes) throw tooLarge();
    writeFileAtomic(originFile(part), JSON.stringify({ url, validator: response.validator }));
    file = await open(part, start > 0 ? 'r+' : 'w').catch((cause) => {
      throw writeFault(part, cause);
    });
    let done = start;
    for await (const piece of response.body) {
      timer.refresh();
      if (done + piece.length > mostBytes) throw tooLarge();
      await file.write(piece, 0, piece.length, done).catch((cause) => {
        throw writeFault(part, cause);
      });
      done += piece.length;
      onProgress?.(done, total);
    }
    if (total !== null && done !== total)
      throw new Error(`the connection was cut after ${done} of ${total} bytes`);
    await file.truncate(done);
    await file.sync();
    return response.sha256;
  } catch (cause) {
    if (cause instanceof Refusal && cause.status === 416) rmSync(part, { force: true });
    throw stall.signal.aborted ? stall.signal.reason : cause;
  } finally {
    clearTimeout(timer);
    await file?.close();
  }
}

/** Byte at which a response begins: that of the part when the server resumes it, else 0. */
function startOf({ status, from }: Response200, have: number): number {
  if (status !== 206) return 0;
  if (from !== have) throw new Error(`the server sent bytes from ${from} on instead of from ${have} on`);
  return have;
}

/** SHA-256 of a file, hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece);
  return hash.digest('hex');
}

const originFile = (part: string) => `${part}.json`;

function originOf(part: string): Origin | null {
  try {
    return JSON.parse(readFileSync(originFile(part), 'utf8')) as Origin;
  } catch {
    return null;
  }
}

/** The innermost reason of a failed request, which `fetch` hides in causes; of several addresses, that of the first. */
function reasonOf(error: unknown): string {
  const within = (one: Error): unknown => (one instanceof AggregateError ? one.errors[0] : one.cause);
  let inner = error as Error;
  for (let next = within(inner); next instanceof Error; next = within(inner)) inner = next;
  return inner.message || String(inner);
}
