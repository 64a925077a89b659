/**
 * Images of a list that lie on the web: each is fetched once, several at a time, and kept in the cache folder, so that a run that
 * was stopped goes on where it was. What cannot be fetched is told with its reason, and costs nothing else.
 */
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as AgentTls } from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { existsSync, mkdirSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { FetchFault, type FetchLimits, fetchImage } from './fetchImage.js';

/** How images are fetched. */
export interface FetchChoice extends FetchLimits {
  /** Images at a time. Default 8. */
  readonly atOnce?: number | undefined;
  /** Fetch those again that are kept. Default false. */
  readonly again?: boolean | undefined;
}

/** Options of {@link fetchImages}. */
export interface FetchImagesOptions extends FetchChoice {
  /** Where they are kept. Default: `images` in the cache folder. */
  readonly folder?: string | undefined;
  /** Told how many are dealt with. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it; what has come stays. What it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before the first of two further tries; twice as many before the second. Default 500. */
  readonly retryDelay?: number | undefined;
}

/** What became of some addresses. */
export interface FetchedImages {
  /** Where the image of an address is, or would be. */
  fileOf(url: string): string;
  /** Reasons by address, of those that are not here. */
  readonly failures: ReadonlyMap<string, string>;
  /** Images that came over the net now; the others were kept. */
  readonly fetched: number;
}

const AT_ONCE = 8;
const TRIES = 3;
/** Images in a row without any answer of a host, after which it is not asked any more. */
const SILENT = 10;

/** Fetches the images of addresses that are not kept yet. */
export async function fetchImages(
  urls: readonly string[],
  {
    folder = join(cacheFolder(), 'images'),
    atOnce = AT_ONCE,
    again = false,
    retryDelay = 500,
    onProgress,
    signal,
    ...limits
  }: FetchImagesOptions = {},
): Promise<FetchedImages> {
  const fileOf = (url: string) => {
    const name = createHash('sha256').update(url).digest('hex').slice(0, 40);
    return join(folder, name.slice(0, 2), name);
  };
  const all = [...new Set(urls)];
  const due = all.filter((url) => again || !existsSync(fileOf(url)));
  const failures = new Map<string, string>();
  const silent = new Map<string, number>();
  const options = { maxSockets: atOnce, keepAlive: true };
  const agents = { plain: new Agent(options), tls: new AgentTls(options) };
  let next = 0;
  let done = all.length - due.length;
  const fetchOne = async (url: string) => {
    const host = URL.canParse(url) ? new URL(url).host : '';
    if ((silent.get(host) ?? 0) >= SILENT) {
      failures.set(url, `${host} has not answered ${SILENT} times in a row, and is not asked any more`);
      return;
    }
    for (let attempt = 1; ; attempt++)
      try {
        const bytes = await fetchImage(url, { ...limits, agents, signal });
        const file = fileOf(url);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileAtomic(file, bytes);
        silent.set(host, 0);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof FetchFault)) throw error;
        if (error.again !== 'host') silent.set(host, 0);
        if (error.again === null || attempt === TRIES) {
          if (error.again === 'host') silent.set(host, (silent.get(host) ?? 0) + 1);
          failures.set(url, error.message);
          return;
        }
        await wait(retryDelay * 2 ** (attempt - 1));
      }
  };
  const work = async () => {
    while (next < due.length) {
      signal?.throwIfAborted();
      await fetchOne(due[next++]);
      onProgress?.(++done, all.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, work));
  } finally {
    for (const agent of Object.values(agents)) agent.destroy();
  }
  return { fileOf, failures, fetched: due.length - failures.size };
}
