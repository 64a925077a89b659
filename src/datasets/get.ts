/**
 * Public data sets that are fetched by name: the archive of one commit, unpacked into the cache folder, its photos held
 * against a checksum over all of them. What is whole stays, and is opened by its name from then on.
 */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from '../disk/index.js';
import { DataError, shortened, suggestion, UsageError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { type DownloadOptions, download, fetchingAlone, isAddress } from '../io/download/index.js';
import { unpackArchive } from '../io/unpack.js';
import { byCodeUnits } from './assemble.js';
import { type Benchmark, openBenchmark } from './benchmark.js';
import type { Dataset } from './dataset.js';
import { grocery } from './grocery.js';

/** Names of the data sets that {@link getDataset} fetches. */
export const FETCHED_NAMES = ['grocery'] as const;
/** A name of a data set that can be fetched. */
export type FetchedName = (typeof FETCHED_NAMES)[number];

/** Where a data set comes from, and how it is known to be whole. */
interface Source {
  readonly benchmark: Benchmark;
  readonly address: string;
  readonly megabytes: number;
  /** Most bytes of the archive. */
  readonly mostBytes: number;
  /** SHA-256 of the lines `SHA-256  PATH` of all listed photos, by path. */
  readonly photos: string;
  readonly licence: string;
}

const SOURCES: Readonly<Record<FetchedName, Source>> = {
  grocery: {
    benchmark: grocery,
    address:
      'https://codeload.github.com/marcusklasson/GroceryStoreDataset/tar.gz/fc80ba90f803d79d0383df52c5a4ac5de99ff6fc',
    megabytes: 120,
    mostBytes: 500e6,
    photos: 'a66e059b421c71c31178e891bb8f23f4382cd2215e9881644470c0d2265ac8fd',
    licence: 'MIT, © 2019 Marcus Klasson',
  },
};

/** How a data set is fetched. */
export interface GetDatasetOptions extends Omit<DownloadOptions, 'check' | 'mostBytes' | 'sha256'> {
  /** Another address of the archive, or the archive on a disk. By default its public home. */
  readonly from?: string | undefined;
  /** Folder in which it is kept. Default: `data` in the cache folder, where openDataset looks. */
  readonly folder?: string | undefined;
  /** Fetches it although it is there. */
  readonly force?: boolean | undefined;
  /** Told when the archive is there and is unpacked and checked. */
  readonly onStage?: ((stage: string) => void) | undefined;
  /** SHA-256 over all photos where it is not that of the published ones; for tests. */
  readonly photos?: string | undefined;
}

/** A data set that is kept. */
export interface KeptDataset {
  readonly name: FetchedName;
  /** Its folder, a source for openDataset. */
  readonly path: string;
  readonly images: number;
  readonly classes: number;
  readonly licence: string;
}

/** Folder of a data set below the folder of fetched data. */
function placeOf(name: FetchedName, folder = join(cacheFolder(), 'data')): string {
  return join(resolve(folder), name);
}

/** Written last, when all is there. */
const noteOf = (place: string) => join(place, 'fetched.json');

/** The folder of a data set that was fetched whole; null when it was not. */
export function keptDataset(name: string, folder?: string): string | null {
  if (!isFetchedName(name)) return null;
  const place = placeOf(name, folder);
  return existsSync(noteOf(place)) ? place : null;
}

/** About how much {@link getDataset} fetches, megabytes. */
export const megabytesOf = (name: FetchedName): number => SOURCES[name].megabytes;

/** Whether a name is that of a data set that {@link getDataset} fetches. */
export function isFetchedName(name: string): name is FetchedName {
  return (FETCHED_NAMES as readonly string[]).includes(name);
}

/**
 * Brings a data set into the cache folder; one that is there is left alone.
 *
 * @returns what is kept now, and whether it was `fetched` by this call
 * @throws UsageError for an unknown name; DataError when the archive is not there, is damaged, or does not hold the published
 *   photos; HierError when the connection keeps breaking or another process fetches it
 */
export async function getDataset(
  name: string,
  { from, folder, force = false, onStage = () => undefined, photos, ...options }: GetDatasetOptions = {},
): Promise<KeptDataset & { readonly fetched: boolean }> {
  if (!isFetchedName(name))
    throw new UsageError(
      `"${shortened(name)}" is not a data set that can be fetched.${suggestion(name, FETCHED_NAMES)} There is ${FETCHED_NAMES.join(', ')}; others are opened from your disk.`,
    );
  const { benchmark, address, licence, photos: published } = SOURCES[name];
  const place = placeOf(name, folder);
  const content = join(place, 'content');
  const done = ({ items, classes }: Dataset, fetched: boolean) => {
    const counts = { images: items.length, classes: classes.length };
    return { name, path: place, ...counts, licence, fetched };
  };
  return fetchingAlone({ name, folder: place }, async () => {
    if (!force && existsSync(noteOf(place)))
      return done(await openBenchmark(benchmark, content, { partial: photos !== undefined }), false);
    const isRemote = from === undefined || isAddress(from);
    const archive = isRemote ? join(place, 'archive.tar.gz') : resolve(from);
    if (isRemote)
      await download(from ?? address, archive, { ...options, mostBytes: SOURCES[name].mostBytes });
    else if (!existsSync(archive)) throw new DataError(`There is no file ${archive}.`);
    onStage('unpacking, and checking every photo');
    const fresh = join(place, 'unpacked');
    let dataset: Dataset;
    try {
      removeUnpacked(place); // of a process that was killed
      await unpackArchive(archive, fresh);
      // A part is told by the checksum of all photos, not by their number.
      dataset = await openBenchmark(benchmark, fresh, { partial: true });
      requirePhotos(dataset, archive, photos ?? published);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      if (isRemote) rmSync(archive, { force: true });
      throw error;
    }
    rmSync(noteOf(place), { force: true });
    rmSync(content, { recursive: true, force: true });
    renameSync(fresh, content);
    writeFileAtomic(
      noteOf(place),
      `${JSON.stringify({ from: from ?? address, photos: photos ?? published }, null, 2)}\n`,
    );
    if (isRemote) rmSync(archive, { force: true });
    return done(dataset, true);
  });
}

/** Removes what was unpacked, or half unpacked, and never put in place. */
function removeUnpacked(place: string): void {
  for (const name of readdirSync(place))
    if (name === 'unpacked' || name.startsWith('.unpacked.'))
      rmSync(join(place, name), { recursive: true, force: true });
}

/** SHA-256 of the lines `SHA-256  ID` of all images, by id. Every image is read. */
export function photosDigest({ items }: Dataset): string {
  const all = createHash('sha256');
  for (const { id, path } of [...items].sort((a, b) => byCodeUnits(a.id, b.id)))
    all.update(`${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${id}\n`);
  return all.digest('hex');
}

function requirePhotos(dataset: Dataset, archive: string, wanted: string): void {
  if (photosDigest(dataset) === wanted) return;
  throw new DataError(
    `${archive} does not hold the photos that were published: the checksum over all ${dataset.items.length} of them is another. Fetch it again; a part or a changed copy of the data is opened by its path instead.`,
  );
}
