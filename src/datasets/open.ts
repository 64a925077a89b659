/**
 * Opens a data set by what the user calls it: a built-in name, a published benchmark on the user's disk, a folder
 * of class folders, an archive, a manifest, or a file of vectors.
 */

import { extname, join } from 'node:path';
import { shownPath, statSync } from '../disk/index.js';
import { DataError, shortened, suggestion, UsageError } from '../errors.js';
import { archiveFormat } from '../io/archive.js';
import { foreignFile } from '../io/foreign.js';
import { hasVectorFormat, VECTOR_FORMATS } from '../io/vectors.js';
import { openBenchmark } from './benchmark.js';
import { BENCHMARKS, openRecognised } from './benchmarks.js';
import type { Dataset } from './dataset.js';
import { type EmojiOptions, openEmoji } from './emoji/open.js';
import { openFolder } from './folder.js';
import { isFetchedName, keptDataset } from './get.js';
import { isFolder, readFolder } from './listImages.js';
import { openManifest } from './manifest.js';
import { splitNamed } from './splits.js';
import { openVectors } from './vectors.js';

/** Options of {@link openDataset}. */
export interface OpenOptions extends EmojiOptions {
  /** Where a data set lies that is known by name only, such as `cub`. */
  readonly path?: string | null | undefined;
  /** Accept a stand-in for a published benchmark, or a part of it. Default false. */
  readonly partial?: boolean | undefined;
  /** Vectors: the labels, see openVectors. */
  readonly labels?: string | null | undefined;
  /** Vectors: the tensor or column that holds them, see openVectors. */
  readonly features?: string | null | undefined;
}

const MANIFESTS = ['.csv', '.tsv', '.jsonl'];

/** How each name is opened; all but `emoji-9` need to be told where the data lie. */
const KINDS: Readonly<Record<string, (path: string, options: OpenOptions) => Dataset | Promise<Dataset>>> = {
  ...Object.fromEntries(
    Object.entries(BENCHMARKS).map(([name, benchmark]) => [
      name,
      (path: string, options: OpenOptions) => openBenchmark(benchmark, path, options),
    ]),
  ),
  folder: openFolder,
  manifest: openManifest,
  vectors: openVectors,
};

/** Names that {@link openDataset} knows without a file. */
export const builtInDatasets: readonly string[] = ['emoji-9'];

/** Names of the kinds of data that lie on the user's disk, as in `cub` with a path, or `cub:PATH`. */
export const datasetKinds: readonly string[] = Object.keys(KINDS);

/** Divides `KIND:PATH`; a text without a known kind is a path or a name. */
export function splitSource(source: string): { kind?: string; path: string } {
  const kind = source.slice(0, source.indexOf(':'));
  return Object.hasOwn(KINDS, kind) ? { kind, path: source.slice(kind.length + 1) } : { path: source };
}

/**
 * Opens `source`:
 * - `emoji-9`, which is built on first use;
 * - `cub`, `cars`, `sop`, `in-shop` or `grocery` with the option `path` (or, in one word, `cub:PATH`): the folder or the
 *   archive of that benchmark; `grocery` alone once getDataset has fetched it;
 * - a folder: a benchmark when it is laid out as one, else class folders (`root/class/*.jpg`, or `root/train` and
 *   `root/test` of such); `folder:PATH` is never taken as a benchmark;
 * - an archive (.zip, .tar, .tar.gz) of either, unpacked once into the cache folder;
 * - a `.csv`, `.tsv` or `.jsonl` manifest;
 * - `vectors` with a path, or a `.npy`, `.safetensors` or `.parquet` file, which openVectors describes.
 *
 * A folder or file of a known name is reached as `./name`. Throws DataError for an unknown source and for
 * anything in it that breaks the contract of Dataset; UsageError for a name without its path.
 */
export async function openDataset(source: string, options: OpenOptions = {}): Promise<Dataset> {
  const given = splitSource(source);
  if (given.kind !== undefined) return KINDS[given.kind](given.path, options);
  const path = options.path ?? undefined;
  if (Object.hasOwn(KINDS, source)) {
    const there = path ?? keptDataset(source) ?? undefined;
    if (there !== undefined) return KINDS[source](there, options);
    if (isFetchedName(source))
      throw new UsageError(
        `${source} is not here. Fetch it with: npx hier data get ${source}; or name the folder that you have: ${source}:PATH.`,
      );
    throw new UsageError(
      `Where is the data set "${source}"? Say it with data.path=PATH in the recipe, or in one word: ${source}:PATH.`,
    );
  }
  if (path !== undefined)
    throw new UsageError(
      `data.path (${path}) goes with data.source ${datasetKinds.join(', ')}, not with "${source}".`,
    );
  if (builtInDatasets.includes(source)) return openEmoji(options);
  const info = statSync(source, { throwIfNoEntry: false });
  if (info?.isDirectory()) return openAnyFolder(source, options);
  if (info?.isFile()) return openFile(source, options);
  if (info)
    throw new DataError(
      `${shownPath(source)} is a device, a named pipe or a socket. Give a file or a folder.`,
    );
  const names = [...builtInDatasets, ...datasetKinds];
  throw new DataError(
    `There is no data set "${shortened(source)}".${suggestion(source, names)} ` +
      `Give ${builtInDatasets.join(', ')}, a folder of class folders, a .csv, .tsv or .jsonl manifest, a file of vectors, ` +
      `or a published data set on your disk: ${Object.keys(BENCHMARKS)
        .map((name) => `${name}:PATH`)
        .join(', ')}.`,
  );
}

async function openAnyFolder(source: string, options: OpenOptions): Promise<Dataset> {
  const found = await openRecognised(source, options);
  return 'dataset' in found ? found.dataset : openFolder(source);
}

async function openFile(source: string, options: OpenOptions): Promise<Dataset> {
  const extension = extname(source).toLowerCase();
  if (MANIFESTS.includes(extension)) return openManifest(source);
  if (hasVectorFormat(source)) return openVectors(source, options);
  if (archiveFormat(source)) {
    const found = await openRecognised(source, options);
    return 'dataset' in found ? found.dataset : openFolder(onlyFolder(found.folder));
  }
  throw new DataError(
    `${source} is not a manifest: expected a file that ends in .csv, .tsv or .jsonl, ` +
      `${VECTOR_FORMATS.join(', ')}, an archive, or a folder.${foreignFile(source, 'vectors')}`,
  );
}

/** An archive often holds one folder, and that holds everything. */
function onlyFolder(folder: string): string {
  const names = readFolder(folder);
  const isOnly = names.length === 1 && isFolder(join(folder, names[0])) && splitNamed(names[0]) === undefined;
  return isOnly ? join(folder, names[0]) : folder;
}
