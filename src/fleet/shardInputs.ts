/** What one shard has to deal with: its items of a list, facts of their files, and how many may be unreadable. */
import { createHash } from 'node:crypto';
import { stat } from '../disk/index.js';
import { UsageError } from '../errors.js';
import type { FragmentItem } from './fragment.js';
import { type Shard, shardOf } from './shard.js';

/** An image to embed. */
export interface ShardItem {
  readonly id: string;
  readonly path: string;
  readonly label: string | null;
}

/** Files looked at at a time. */
const STATS_AT_ONCE = 64;

/** Items of a shard by ascending id. Throws UsageError for an id that is there twice. */
export function itemsOf<T extends { readonly id: string }>(all: readonly T[], { index, count }: Shard): T[] {
  const mine = all.filter(({ id }) => shardOf(id, count) === index);
  mine.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const twice = mine.findIndex(({ id }, i) => i > 0 && id === mine[i - 1].id);
  if (twice > 0)
    throw new UsageError(
      `The id "${mine[twice].id}" is listed twice. Every image needs an id of its own: name each folder or file once, or give the images in one manifest.`,
    );
  return mine;
}

/** How many of `items` images may be unreadable under a limit such as `20` or `1%` (rounded up). */
export function badLimit(text: string, items: number): number {
  const parts = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = Number(parts?.[1]);
  if (!parts || (parts[2] === '%' ? value > 100 : !Number.isInteger(value)))
    throw new UsageError(
      `"${text}" is not a limit of unreadable images. Give a whole number a shard, such as 20, or a part, such as 1%.`,
    );
  return parts[2] === '%' ? Math.ceil((value / 100) * items) : value;
}

/** Items with size and time of modification of their files; -1 for a file that cannot be looked at. */
export async function withFacts(items: readonly ShardItem[]): Promise<FragmentItem[]> {
  const facts: FragmentItem[] = [];
  for (let start = 0; start < items.length; start += STATS_AT_ONCE) {
    const part = items.slice(start, start + STATS_AT_ONCE);
    const told = await Promise.all(part.map(({ path }) => stat(path).catch(() => undefined)));
    part.forEach(({ id, path, label }, i) => {
      const { size: bytes = -1, mtimeMs = -1 } = told[i] ?? {};
      facts.push({ id, path, label, bytes, modified: Math.floor(mtimeMs) });
    });
  }
  return facts;
}

/** SHA-256 of all that is given to embed of a shard. */
export function hashOfInputs(items: readonly FragmentItem[]): string {
  const hash = createHash('sha256');
  for (const { id, path, label, bytes, modified } of items)
    hash.update(`${JSON.stringify([id, path, label, bytes, modified])}\n`);
  return hash.digest('hex');
}
