/**
 * What the published data sets have in common: they are found in a folder or archive, listed by their own
 * files, and their counts are held against the published ones.
 */
import { resolve } from 'node:path';
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { assemble, byCodeUnits, type Entry } from './assemble.js';
import type { Dataset, Taxonomy } from './dataset.js';
import { type SplitSize, splitSize } from './fingerprint.js';
import { fileIndex, type Places, placesOf } from './places.js';
import type { UnpackedOptions } from './unpacked.js';

/** Names of the paper's benchmarks, as a recipe's `data.source` spells them. */
export type BenchmarkName = 'cub' | 'cars' | 'sop' | 'in-shop';

/** Names of all published data sets that are told by their own files. */
export type PublishedData = BenchmarkName | 'grocery';

/** An image as the files of a benchmark list it; the path is relative to the listing's root. */
export interface BenchmarkEntry {
  readonly path: string;
  /** Absolute folder that the path is relative to, where it is not the listing's. */
  readonly root?: string;
  readonly className: string;
  readonly split: 'train' | 'test';
  /** In-Shop, Grocery: whether a test image is searched for; the others are searched in. */
  readonly isQuery?: boolean;
}

/** What the files of a benchmark say. */
export interface BenchmarkListing {
  /** Absolute folder that paths are relative to. */
  readonly root: string;
  /** Where the list came from, for errors. */
  readonly source: string;
  readonly entries: readonly BenchmarkEntry[];
  /** Class names in label order. */
  readonly classes: readonly string[];
  /** Names of the levels above the class, coarse to fine, and the terms of each class name. */
  readonly taxonomy?: {
    readonly levels: readonly string[];
    readonly terms: ReadonlyMap<string, readonly string[]>;
  };
  /** What is odd about the files but does no harm. */
  readonly warnings?: readonly string[];
  /** Which release it is, where it is not the one that the papers' numbers are of. */
  readonly release?: Release;
}

/** The published sizes of the splits. */
export interface PublishedSizes {
  readonly train: SplitSize;
  readonly test: SplitSize;
  readonly queries?: SplitSize;
  readonly gallery?: SplitSize;
}

/** Another release of a benchmark than the one that the papers' numbers are of. */
export interface Release {
  /** Such as `CUB-200 (2010)`. */
  readonly title: string;
  readonly published: PublishedSizes;
}

/** One published benchmark. */
export interface Benchmark {
  readonly name: PublishedData;
  /** The name in papers. */
  readonly title: string;
  readonly published: PublishedSizes;
  /** Other releases of it. */
  readonly others?: readonly Release[];
  /** Names of the archives that it is, or parts of it are, distributed in. */
  readonly archives: RegExp;
  /** Those among them that nothing else is called; default all. The others are looked into where it is asked for by name. */
  readonly ownArchives?: RegExp;
  /** Whether the places hold it, judged by the names of files. */
  recognise(places: Places): boolean;
  /** Reads its lists. Throws DataError that says what is missing. */
  list(places: Places, path: string): BenchmarkListing;
}

/** How the warning begins that counts are not the published ones. */
export const NOT_PUBLISHED = 'Not the published';

/** How {@link openBenchmark} takes data that are not whole. */
export interface BenchmarkOptions extends UnpackedOptions {
  /**
   * Accept a part of the data or a stand-in for it: listed images that are missing are left out, and counts that differ
   * from the published ones are warnings. Default false: both are errors.
   */
  readonly partial?: boolean | undefined;
}

/**
 * Opens a benchmark at `path`: its folder, its archive, or the folder that holds its archives.
 * Throws DataError when it is not there, when listed images are missing, or when its counts are not those that
 * were published (see {@link BenchmarkOptions.partial}).
 */
export async function openBenchmark(
  benchmark: Benchmark,
  path: string,
  options: BenchmarkOptions = {},
): Promise<Dataset> {
  return readBenchmark(benchmark, await placesOf(path, benchmark.archives, options), path, options);
}

/** {@link openBenchmark} once it is known where to look. */
export function readBenchmark(
  benchmark: Benchmark,
  places: Places,
  path: string,
  { partial = false }: BenchmarkOptions = {},
): Dataset {
  const listing = benchmark.list(places, path);
  const missing = missingFiles(listing);
  if (missing.length === listing.entries.length)
    throw new DataError(
      `${benchmark.title} in ${path}: none of the ${counted(missing.length, 'image')} that ${listing.source} lists is ` +
        `below ${listing.root}. The first: ${missing[0] ?? 'the list is empty'}.`,
    );
  const gone = new Set(missing);
  const entries = gone.size > 0 ? listing.entries.filter((entry) => !gone.has(entry.path)) : listing.entries;
  const dataset = toDataset(benchmark, listing, entries);
  const { title, published } = listing.release ?? benchmark;
  const gaps = [
    ...(missing.length > 0
      ? [`${counted(missing.length, 'image')} of ${listing.source} missing: ${someOf(missing, 3)}`]
      : []),
    ...sizeDifferences(sizesOf(dataset), published),
  ];
  if (gaps.length === 0) return dataset;
  if (!partial)
    throw new DataError(
      `${title} in ${path} is not what was published:\n${gaps.map((gap) => `  ${gap}`).join('\n')}\n` +
        'Fetch or unpack it again. To work with a stand-in or a part of the data all the same, set data.partial=true in ' +
        'the recipe, or give --partial to hier data check and hier reproduce, or { partial: true } to openDataset.',
    );
  return {
    ...dataset,
    warnings: [`${NOT_PUBLISHED} ${title}: ${gaps.join('; ')}.`, ...dataset.warnings],
  };
}

/** Listed images that are not on the disk. */
function missingFiles({ root, entries }: BenchmarkListing): string[] {
  const indices = new Map<string, (path: string) => boolean>();
  return entries.flatMap(({ path, root: own = root }) => {
    const exists = indices.get(own) ?? fileIndex(own);
    indices.set(own, exists);
    return exists(path) ? [] : [path];
  });
}

function toDataset(
  benchmark: Benchmark,
  listing: BenchmarkListing,
  entries: readonly BenchmarkEntry[],
): Dataset {
  const present = new Set(entries.map((entry) => entry.className));
  const classes = listing.classes.filter((name) => present.has(name));
  const { root, source, taxonomy, warnings = [], release } = listing;
  const dataset = assemble(
    entries.map(
      ({ path, root: own = root, className, split, isQuery }): Entry => ({
        id: path,
        path: resolve(own, path),
        className,
        split,
        ...(isQuery === undefined ? {} : { isQuery }),
      }),
    ),
    {
      name: benchmark.name,
      root,
      source,
      classes,
      warnings,
      taxonomy: taxonomy && taxonomyOf(classes, taxonomy),
    },
  );
  if (!release) return dataset;
  const note = `This is ${release.title}. The numbers that papers report are of ${benchmark.title}, another set of images.`;
  return { ...dataset, release: release.title, warnings: [note, ...dataset.warnings] };
}

function taxonomyOf(
  classes: readonly string[],
  { levels, terms }: NonNullable<BenchmarkListing['taxonomy']>,
): Taxonomy {
  return { levels, terms: levels.map((_, level) => classes.map((name) => terms.get(name)![level])) };
}

/** Classes and images of each split that a data set has. */
export function sizesOf({ items, train, test, queries }: Dataset): PublishedSizes {
  const size = (indices: readonly number[]) => splitSize(items, indices);
  if (!queries) return { train: size(train), test: size(test) };
  const asked = new Set(queries);
  const gallery = test.filter((index) => !asked.has(index));
  return { train: size(train), test: size(test), queries: size(queries), gallery: size(gallery) };
}

/** One sentence part for every split whose size is not the published one. */
export function sizeDifferences(found: PublishedSizes, published: PublishedSizes): string[] {
  const text = ({ classes, images }: SplitSize) =>
    `${counted(images, 'image')} of ${counted(classes, 'class')}`;
  return (['train', 'test', 'queries', 'gallery'] as const).flatMap((split) => {
    const [there, wanted] = [found[split], published[split]];
    if (!there || !wanted) return [];
    const isSame = there.classes === wanted.classes && there.images === wanted.images;
    return isSame ? [] : [`${split}: ${text(there)}, published are ${text(wanted)}`];
  });
}

/** Class names from numbers, in their order. */
export function namesByNumber(numbers: Iterable<number>, nameOf: (number: number) => string): string[] {
  return [...new Set(numbers)].sort((a, b) => a - b).map(nameOf);
}

/** Sorted without repeats. */
export function sortedUnique(names: Iterable<string>): string[] {
  return [...new Set(names)].sort(byCodeUnits);
}
