/**
 * Looks a data set over before hours are spent on it: what it is taken as, the sizes of its splits beside the
 * published ones, images that cannot be read, and files that are there twice. It changes nothing.
 */
import { createHash } from 'node:crypto';
import { readFile } from '../disk/index.js';
import { DataError } from '../errors.js';
import { decodeFile } from '../images/decode.js';
import { counted } from '../shown.js';
import { NOT_PUBLISHED, type PublishedSizes, sizesOf } from './benchmark.js';
import { BENCHMARKS, publishedOf } from './benchmarks.js';
import type { Dataset, DatasetItem } from './dataset.js';
import type { SplitSize } from './fingerprint.js';
import { type OpenOptions, openDataset, splitSource } from './open.js';
import { isVectorDataset } from './vectors.js';

/** How {@link checkData} looks. */
export interface CheckOptions extends OpenOptions {
  /** Leave the images themselves unopened. Default false: each is decoded, and compared with all others. */
  readonly quick?: boolean | undefined;
  /** Called with the number of images looked at. */
  readonly onImage?: ((done: number, total: number) => void) | undefined;
}

/** One split of the report. */
export interface SplitReport extends SplitSize {
  readonly split: 'train' | 'test' | 'queries' | 'gallery';
  /** The published size, where there is one. */
  readonly published?: SplitSize;
}

/** Files with the same bytes. */
export interface DuplicateReport {
  /** Files beyond the first of their content. */
  readonly files: number;
  /** Of these, how many are of another class than the first. */
  readonly acrossClasses: number;
  /** Of these, how many are in another split than the first. */
  readonly acrossSplits: number;
  /** Ids of the first few, each with the one it repeats. */
  readonly examples: readonly (readonly [first: string, again: string])[];
}

/** What a data set is found to be. */
export interface DataReport {
  readonly source: string;
  /** `cub`, `cars`, `sop`, `in-shop`, `emoji-9`, `vectors`, or `images` for folders and manifests; null: none. */
  readonly kind: string | null;
  readonly name: string | null;
  readonly root: string | null;
  readonly images: number;
  readonly classes: number;
  readonly splits: readonly SplitReport[];
  /** Levels of the taxonomy, coarse to fine, with the number of groups on each. */
  readonly taxonomy: readonly { readonly level: string; readonly groups: number }[];
  /** Images that cannot be read; null when they were not opened. */
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[] | null;
  /** Null when files were not compared. */
  readonly duplicates: DuplicateReport | null;
  /** What must be repaired before training. */
  readonly problems: readonly string[];
  /** What a reader of results should know. */
  readonly warnings: readonly string[];
}

const AT_ONCE = 4;
const EXAMPLES = 5;

/**
 * Looks over the data set that `source` names, as openDataset understands it. What is wrong with the data is in
 * `problems`, never thrown. Throws UsageError for a source that is named wrongly.
 */
export async function checkData(source: string, options: CheckOptions = {}): Promise<DataReport> {
  const problems: string[] = [];
  const dataset = await openWithProblems(source, options, problems);
  const isOther = problems.length > 0; // from what was published; a warning would say it again
  if (!dataset)
    return {
      source,
      kind: splitSource(source).kind ?? null,
      name: null,
      root: null,
      images: 0,
      classes: 0,
      splits: [],
      taxonomy: [],
      unreadable: null,
      duplicates: null,
      problems,
      warnings: [],
    };
  const kind = kindOf(dataset);
  const isOpened = !options.quick && !isVectorDataset(dataset);
  const images = isOpened ? await lookAtImages(dataset, options.onImage) : undefined;
  if (images && images.unreadable.length > 0)
    problems.push(
      `${counted(images.unreadable.length, 'image')} cannot be read: ${images.unreadable[0].reason}`,
    );
  const warnings = dataset.warnings.filter((text) => !(isOther && text.startsWith(NOT_PUBLISHED)));
  if (images && images.duplicates.files > 0) warnings.push(duplicateWarning(images.duplicates));
  return {
    source,
    kind,
    name: dataset.name,
    root: dataset.root,
    images: dataset.items.length,
    classes: dataset.classes.length,
    splits: splitReports(dataset, kind),
    taxonomy: (dataset.taxonomy?.levels ?? []).map((level, i) => ({
      level,
      groups: new Set(dataset.taxonomy!.terms[i]).size,
    })),
    unreadable: images?.unreadable ?? null,
    duplicates: images?.duplicates ?? null,
    problems,
    warnings,
  };
}

/** The data set; what it lacks of the published one is a problem, unless that is accepted. */
async function openWithProblems(
  source: string,
  options: OpenOptions,
  problems: string[],
): Promise<Dataset | undefined> {
  for (const partial of options.partial ? [true] : [false, true])
    try {
      return await openDataset(source, { ...options, partial });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      if (problems.at(-1) !== error.message) problems.push(error.message);
    }
  return undefined;
}

function kindOf(dataset: Dataset): string {
  if (isVectorDataset(dataset)) return 'vectors';
  return dataset.name === 'emoji-9' || Object.hasOwn(BENCHMARKS, dataset.name) ? dataset.name : 'images';
}

function splitReports(dataset: Dataset, kind: string): SplitReport[] {
  const published: Partial<PublishedSizes> = (kind === dataset.name && publishedOf(dataset)) || {};
  return Object.entries(sizesOf(dataset)).map(([name, size]) => {
    const split = name as SplitReport['split'];
    return { split, ...(size as SplitSize), ...(published[split] ? { published: published[split] } : {}) };
  });
}

async function lookAtImages(
  { items, test }: Dataset,
  onImage: CheckOptions['onImage'],
): Promise<{ unreadable: { id: string; reason: string }[]; duplicates: DuplicateReport }> {
  const reasons = new Map<number, string>();
  const hashes: string[] = new Array(items.length);
  let next = 0;
  let done = 0;
  const look = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const { path } = items[index];
      try {
        await decodeFile(path);
        hashes[index] = createHash('sha256')
          .update(await readFile(path))
          .digest('base64');
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        reasons.set(index, error.message);
      }
      onImage?.(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  const unreadable = [...reasons]
    .sort(([a], [b]) => a - b)
    .map(([index, reason]) => ({ id: items[index].id, reason }));
  return { unreadable, duplicates: findDuplicates(items, new Set(test), hashes) };
}

function findDuplicates(
  items: readonly DatasetItem[],
  test: ReadonlySet<number>,
  hashes: readonly (string | undefined)[],
): DuplicateReport {
  const first = new Map<string, number>();
  const examples: [string, string][] = [];
  let [files, acrossClasses, acrossSplits] = [0, 0, 0];
  hashes.forEach((hash, index) => {
    if (hash === undefined) return;
    const earlier = first.get(hash);
    if (earlier === undefined) {
      first.set(hash, index);
      return;
    }
    files++;
    if (items[earlier].label !== items[index].label) acrossClasses++;
    if (test.has(earlier) !== test.has(index)) acrossSplits++;
    if (examples.length < EXAMPLES) examples.push([items[earlier].id, items[index].id]);
  });
  return { files, acrossClasses, acrossSplits, examples };
}

function duplicateWarning({ files, acrossClasses, acrossSplits, examples }: DuplicateReport): string {
  const [[one, two]] = examples;
  return (
    `${counted(files, 'file')} repeat another to the byte (${acrossClasses} of another class, ${acrossSplits} of ` +
    `another split), such as ${two}, the same as ${one}.`
  );
}
