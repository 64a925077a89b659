/**
 * Reads the source of an item's picture, within what is allowed: a file, or an address. Refusals are told by a word, and never
 * say where anything lies. What is read is not decoded here.
 */
import { dirname } from 'node:path';
import { type FileHandle, open, realpathSync, stat, statSync } from '../../disk/index.js';
import { FetchFault, fetchImage } from '../../items/fetchImage.js';
import { isWebAddress } from '../../store/webAddress.js';
import { type Allowed, candidatePaths, isWithin } from './allowed.js';

/** Why there is no picture: the row names none, it is gone, it may not be read, it is too large, or it is not an image. */
export type Refusal = 'none' | 'gone' | 'forbidden' | 'large' | 'damaged';

/** A source that may be read. */
export interface PictureSource {
  /** Changes when the source changes, as far as that is seen without reading it. */
  readonly stamp: string;
  /** Its bytes; called at most once. */
  read(): Promise<Uint8Array | Refusal>;
  /** Frees it; to be called in any case. */
  close(): Promise<void>;
}

/** Largest file or answer, bytes. */
const MOST_BYTES = 64 * 2 ** 20;
/** Time that another server has for a picture, seconds. */
const PATIENCE = 10;

/** Opens the source that a row names. */
export async function openSource(allowed: Allowed, place: string | null): Promise<PictureSource | Refusal> {
  if (place === null || place === '') return 'none';
  if (isWebAddress(place)) return webSource(allowed, place);
  for (const path of candidatePaths(allowed, place)) {
    const found = await fileSource(allowed, path);
    if (found !== 'gone') return found;
  }
  return 'gone';
}

/**
 * A file, opened first and looked at afterwards: what is checked is what is read, even if a link is changed meanwhile. A link
 * may lead only to where files may lie; where rows name these themselves, to the folder that the row names.
 */
async function fileSource({ folders }: Allowed, path: string): Promise<PictureSource | Refusal> {
  let file: FileHandle;
  try {
    // A pipe would be waited for until somebody writes into it.
    if (!(await stat(path)).isFile()) return 'forbidden';
    file = await open(path);
  } catch {
    return 'gone';
  }
  const refusal = await refusalOf(file, path, folders).catch((): Refusal => 'gone');
  if (typeof refusal === 'string') {
    await file.close();
    return refusal;
  }
  const { mtimeMs, size } = refusal;
  return {
    stamp: `${mtimeMs}-${size}`,
    async read() {
      const bytes = Buffer.alloc(size);
      let done = 0;
      for (let read = 1; read > 0 && done < size; done += read)
        read = (await file.read(bytes, done, size - done, done)).bytesRead;
      return bytes.subarray(0, done);
    },
    close: () => file.close(),
  };
}

/** What is known of an open file that may be shown, or why it may not. */
async function refusalOf(file: FileHandle, path: string, folders: readonly string[] | null) {
  const info = await file.stat();
  if (!info.isFile()) return 'forbidden';
  const real = realpathSync(path);
  const there = statSync(real);
  if (there.ino !== info.ino || there.dev !== info.dev) return 'forbidden';
  const within = folders ?? [realpathSync(dirname(path))];
  if (!within.some((folder) => isWithin(folder, real))) return 'forbidden';
  return info.size > MOST_BYTES ? 'large' : info;
}

/** An address of a host that is allowed. It is not followed to other addresses, and nothing of ours is sent along. */
function webSource({ hosts }: Allowed, address: string): PictureSource | Refusal {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !hosts.has(url.host) || url.username !== '' || url.password !== '') return 'forbidden';
  return { stamp: 'web', read: () => fetchPicture(url), close: async () => undefined };
}

/** A picture of a host that its owner trusts, in a private network perhaps. */
async function fetchPicture(url: URL): Promise<Uint8Array | Refusal> {
  const limits = { mostBytes: MOST_BYTES, seconds: PATIENCE, mostRedirects: 0, allowPrivate: true };
  try {
    return await fetchImage(url.href, limits);
  } catch (error) {
    const came = error instanceof FetchFault ? error.came : null;
    return came === 'large' ? 'large' : came === 'foreign' ? 'damaged' : 'gone';
  }
}
