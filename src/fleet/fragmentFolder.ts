/**
 * The fragments of a folder as one whole: all shards there, once each, sound, and made from the same list by the same
 * model; or one error that names everything that is wrong. Vectors stay in their files until they are asked for.
 */

import { basename, extname, join } from 'node:path';
import { existsSync, readdirSync, statSync } from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import {
  type BadImage,
  type Fragment,
  type FragmentItem,
  type FragmentModel,
  isFragmentName,
  readFragment,
} from './fragment.js';
import { rangesText } from './shard.js';

/** A fragment without its vectors. */
export interface FragmentPart {
  readonly path: string;
  /** Row of the whole that its first item has. */
  readonly start: number;
  readonly items: readonly FragmentItem[];
}

/** A complete set of fragments. */
export interface FragmentFolder {
  readonly model: FragmentModel;
  readonly modelHash: string;
  /** Number of shards. */
  readonly shards: number;
  /** By shard; a shard may be empty. */
  readonly parts: readonly FragmentPart[];
  /** Rows of all parts. */
  readonly rows: number;
  readonly bad: readonly BadImage[];
}

/** Whether a path is a folder with fragments in it. */
export function isFragmentFolder(path: string): boolean {
  return (
    (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false) &&
    readdirSync(path).some(isFragmentName)
  );
}

type Found = { readonly path: string } & Omit<Fragment, 'embeddings'>;

/**
 * Reads and checks all fragments of a folder; what else lies there is passed over, but for other safetensors files.
 * The set that most fragments belong to is taken as the meant one.
 *
 * @throws DataError naming all shards that are missing, twice, foreign or broken
 */
export function readFragmentFolder(folder: string): FragmentFolder {
  const { found, broken } = readAll(folder);
  const groups = new Map<string, Found[]>();
  for (const fragment of found) {
    const { shard, list, modelHash } = fragment;
    const key = JSON.stringify([shard.count, list, modelHash]);
    groups.set(key, [...(groups.get(key) ?? []), fragment]);
  }
  const [meant = [], ...others] = [...groups.values()].sort((a, b) => b.length - a.length);
  const problems = [...doubtful(meant, others), ...incomplete(meant), ...foreign(meant, others)];
  if (broken.length > 0) problems.push(`broken: ${broken.join(' ')}`);
  if (problems.length > 0) throw refusal(folder, problems);
  const sorted = meant.sort((a, b) => a.shard.index - b.shard.index);
  let rows = 0;
  const parts = sorted.map(({ path, items }) => {
    const start = rows;
    rows += items.length;
    return { path, start, items };
  });
  const { model, modelHash, shard } = sorted[0];
  return { model, modelHash, shards: shard.count, parts, rows, bad: sorted.flatMap(({ bad }) => bad) };
}

function readAll(folder: string): { found: Found[]; broken: string[] } {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new DataError(`There is no folder ${folder} with fragments.`);
  const names = readdirSync(folder).filter(
    (name) => extname(name).toLowerCase() === '.safetensors' && !name.startsWith('.'),
  );
  if (names.length === 0)
    throw new DataError(
      `The folder ${folder} has no fragments. Make them with: npx hier embed RUN IMAGES --shard i/N --out ${folder}`,
    );
  const found: Found[] = [];
  const broken: string[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    try {
      const { embeddings: _, ...fragment } = readFragment(path);
      found.push({ path, ...fragment });
    } catch (error) {
      if (!(error instanceof HierError)) throw error;
      broken.push(error.message);
    }
  }
  return { found, broken };
}

/** Two sets of the same size: neither can be taken as the meant one. */
function doubtful(meant: readonly Found[], others: readonly (readonly Found[])[]): string[] {
  return others.some(({ length }) => length === meant.length)
    ? [
        'there are equally many fragments of different sets; those named as foreign below may be the right ones',
      ]
    : [];
}

/** Shards that are missing or there twice. */
function incomplete(meant: readonly Found[]): string[] {
  if (meant.length === 0) return [];
  const { count } = meant[0].shard;
  const files = new Map<number, string[]>();
  for (const { shard, path } of meant)
    files.set(shard.index, [...(files.get(shard.index) ?? []), basename(path)]);
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !files.has(i));
  const twice = [...files].filter(([, names]) => names.length > 1);
  return [
    ...(missing.length > 0
      ? [`missing: ${rangesText(missing)} of ${count} (shards are counted from 0)`]
      : []),
    ...twice.map(([index, names]) => `twice: shard ${index} is in ${names.join(' and ')}`),
  ];
}

/** Fragments of another set, each with how it differs. */
function foreign(meant: readonly Found[], others: readonly (readonly Found[])[]): string[] {
  return others.flat().map(({ path, shard, list, modelHash, model }) => {
    const own = meant[0];
    const reasons = [
      ...(shard.count !== own.shard.count
        ? [`it is one of ${shard.count} shards, not of ${own.shard.count}`]
        : []),
      ...(modelHash !== own.modelHash ? [`another model, "${model.name}", made it`] : []),
      ...(list !== own.list
        ? [`it was made when there were other images (${counted(list)}, not ${counted(own.list)})`]
        : []),
    ];
    return `foreign: ${basename(path)}: ${reasons.join('; ')}`;
  });
}

/** The number of ids in a fingerprint, with its start: lists of one length may differ too. */
function counted(list: string): string {
  const [count, sums] = list.split('-');
  return `${count} in all, ${sums.slice(0, 8)}`;
}

function refusal(folder: string, problems: readonly string[]): DataError {
  return new DataError(
    `The fragments in ${folder} do not make a whole:\n${problems.map((problem) => `- ${problem}`).join('\n')}\n` +
      'Make missing and broken shards with: npx hier embed RUN IMAGES --shard i/N --out FOLDER; move what is twice or foreign to another folder.',
  );
}
