/**
 * Folders of a data set that are its splits: `train` and `test`, or what others call them, with class folders inside.
 * Where it is not plain whether folders are splits or classes, that is said and nothing is guessed.
 */
import { join } from 'node:path';
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { isFolder, isImageName, listImages, readFolder } from './listImages.js';
import { type Part, planSplits, type SplitName, splitNamed } from './splits.js';

/** A folder of classes, relative to the root, and the part that it is. */
export interface SplitFolder {
  readonly path: string;
  readonly part: Part;
}

/** The splits of a folder; no `parts` when its folders are classes. */
export interface SplitFolders {
  readonly parts: readonly SplitFolder[] | undefined;
  readonly warnings: string[];
}

/** Items of the training half come first. */
const ORDER: readonly SplitName[] = ['train', 'validation', 'test', 'query', 'gallery'];

/**
 * The splits among the folders of `names` below `root`.
 * @throws DataError when some look like splits and others hold images too, and for splits that cannot be used as they are
 */
export function splitFolders(root: string, names: readonly string[]): SplitFolders {
  const folders = names.filter((name) => isFolder(join(root, name)));
  const named = folders.flatMap((path) => {
    const name = splitNamed(path);
    return name ? [{ path, name }] : [];
  });
  const kinds = new Set(named.map(({ name }) => name));
  const rest = folders.filter((name) => splitNamed(name) === undefined);
  if (!areSplits(root, named, rest)) return { parts: undefined, warnings: [] };
  const filled = rest.filter((name) => listImages(join(root, name)).images.length > 0);
  if (filled.length > 0)
    throw new DataError(
      `The folder ${root} holds ${someOf(named.map(({ path }) => path))}, which look like splits, beside ${someOf(filled)}. ` +
        'If they are splits, move the other folders elsewhere; if all are classes, name the first ones otherwise, or write a manifest.',
    );
  const inner = named.flatMap((one) => (one.name === 'test' ? nested(root, one) : [one]));
  const plan = planSplits(new Set(inner.map(({ name }) => name)));
  if ('refused' in plan) {
    const by = inner.filter(({ name }) => name === plan.by).map(({ path }) => path);
    throw new DataError(`The folder ${root} holds the split ${someOf(by)}: ${plan.refused}.`);
  }
  const warnings = [...plan.warnings];
  if (rest.length > 0) warnings.push(`Folders without images beside the splits left out: ${someOf(rest)}.`);
  if (kinds.size < named.length)
    throw new DataError(
      `The folder ${root} holds the same split under several names: ${someOf(named.map(({ path }) => path))}. Put them into one.`,
    );
  const sorted = inner.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  return { parts: sorted.map(({ path, name }) => ({ path, part: plan.parts.get(name)! })), warnings };
}

type Named = { readonly path: string; readonly name: SplitName };

/**
 * Whether folders of such names are splits: all folders are and stand for two parts or more, or hold class folders; or
 * two parts and more hold nothing but class folders. A class may be called "train".
 */
function areSplits(root: string, named: readonly Named[], rest: readonly string[]): boolean {
  if (named.length === 0) return false;
  const kinds = new Set(named.map(({ name }) => name)).size;
  if (rest.length === 0) return kinds > 1 || named.every(({ path }) => holdsClasses(join(root, path)));
  return kinds > 1 && named.every(({ path }) => holdsClasses(join(root, path)));
}

/** Whether a folder holds folders with images, and no images itself. */
function holdsClasses(folder: string): boolean {
  const names = readFolder(folder);
  const inner = names.filter((name) => isFolder(join(folder, name)));
  const loose = names.some((name) => isImageName(name) && !inner.includes(name));
  return !loose && inner.some((name) => listImages(join(folder, name)).images.length > 0);
}

/** The folder of a test, or the queries and the gallery in it. */
function nested(root: string, test: Named): Named[] {
  const folders = readFolder(join(root, test.path)).filter((name) => isFolder(join(root, test.path, name)));
  const named = folders.map((path) => ({ path: `${test.path}/${path}`, name: splitNamed(path) }));
  const areApart =
    named.length === 2 &&
    named.some(({ name }) => name === 'query') &&
    named.some(({ name }) => name === 'gallery');
  return areApart ? (named as Named[]) : [test];
}
