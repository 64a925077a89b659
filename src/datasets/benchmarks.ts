/** The published data sets by name, and telling which of them a folder or archive holds. */
import { type Benchmark, type PublishedData, type PublishedSizes, readBenchmark } from './benchmark.js';
import { cars } from './cars.js';
import { cub } from './cub.js';
import type { Dataset } from './dataset.js';
import { grocery } from './grocery.js';
import { inShop } from './inShop.js';
import { type Places, placesOf } from './places.js';
import { sop } from './sop.js';
import type { UnpackedOptions } from './unpacked.js';

/** All of them by name. */
export const BENCHMARKS: Readonly<Record<PublishedData, Benchmark>> = {
  cub,
  cars,
  sop,
  'in-shop': inShop,
  grocery,
};

const ARCHIVES = new RegExp(
  Object.values(BENCHMARKS)
    .map(({ archives, ownArchives = archives }) => ownArchives.source)
    .join('|'),
  'i',
);

/** The published sizes of the release of a benchmark that a data set is; undefined for other data. */
export function publishedOf({
  name,
  release,
}: Pick<Dataset, 'name' | 'release'>): PublishedSizes | undefined {
  if (!Object.hasOwn(BENCHMARKS, name)) return undefined;
  const benchmark = BENCHMARKS[name as PublishedData];
  const other = benchmark.others?.find(({ title }) => title === release);
  return (other ?? benchmark).published;
}

/** Which benchmark the places hold, judged by names of files; undefined for none. */
export function recogniseBenchmark(places: Places): Benchmark | undefined {
  return Object.values(BENCHMARKS).find((benchmark) => benchmark.recognise(places));
}

/** What a folder or an archive holds: a benchmark, or the folder to look into for anything else. */
export async function openRecognised(
  path: string,
  options: UnpackedOptions & { readonly partial?: boolean | undefined },
): Promise<{ readonly dataset: Dataset } | { readonly folder: string }> {
  const places = await placesOf(path, ARCHIVES, options);
  const benchmark = recogniseBenchmark(places);
  if (!benchmark) return { folder: places[0] };
  return { dataset: readBenchmark(benchmark, places, path, options) };
}
