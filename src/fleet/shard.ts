/**
 * Shards: which part of a list of items a process deals with. An item belongs to a shard by a hash of its id alone,
 * so no process needs to know of another, the order of the list does not matter, and an item that is added or
 * removed moves no other. Equal ids meet in one shard, where they are noticed. It lists and reads nothing.
 */
import { UsageError } from '../errors.js';

/** Shard `index` of `count`, counted from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Most shards of one list. */
export const MOST_SHARDS = 100_000;

/** Environment variable in which a Kubernetes Indexed Job tells a pod its index, from 0. */
export const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/**
 * Reads `i/N`, or `auto/N` for the index that `JOB_COMPLETION_INDEX` holds.
 * @throws UsageError for anything else
 */
export function parseShard(text: string, environment: NodeJS.ProcessEnv = process.env): Shard {
  const parts = /^(auto|\d+)\/(\d+)$/.exec(text);
  if (!parts)
    throw new UsageError(
      `"${text}" is not a shard. Write i/N, counted from 0, such as 0/20 to 19/20, or auto/N for the index in ${INDEX_VARIABLE}.`,
    );
  const count = Number(parts[2]);
  if (count < 1 || count > MOST_SHARDS)
    throw new UsageError(`The number of shards must be 1 to ${MOST_SHARDS}, not ${parts[2]}.`);
  const given = parts[1] === 'auto' ? environment[INDEX_VARIABLE] : parts[1];
  if (given === undefined || given === '')
    throw new UsageError(
      `The shard ${text} takes its index from the environment variable ${INDEX_VARIABLE}, which is not set. Kubernetes sets it in the pods of an Indexed Job; elsewhere write i/${count}.`,
    );
  if (!/^\d+$/.test(given) || Number(given) >= count)
    throw new UsageError(
      `There is no shard ${given} of ${count}: shards are counted from 0, so the last is ${count - 1}.`,
    );
  return { index: Number(given), count };
}

/** `i/N`. */
export const shardText = ({ index, count }: Shard): string => `${index}/${count}`;

/**
 * Index of the shard, of `count`, that an item belongs to: ⌊h · count / 2³²⌋, where h is the 32-bit FNV-1a hash of
 * the id's UTF-16 code units, low byte first, scrambled by the finalizer of MurmurHash3.
 */
export function shardOf(id: string, count: number): number {
  return Math.floor((hashOf(id, 0x811c9dc5) / 2 ** 32) * count);
}

/**
 * A fingerprint of a list of ids that does not depend on their order: their number, and two sums of hashes. It tells
 * lists apart that differ by accident, not by intent.
 */
export function fingerprintOf(ids: Iterable<string>): string {
  let [count, first, second] = [0, 0, 0];
  for (const id of ids) {
    count++;
    first = (first + hashOf(id, 0x9e3779b9)) >>> 0;
    second = (second + hashOf(id, 0x243f6a88)) >>> 0;
  }
  return `${count}-${[first, second].map((sum) => sum.toString(16).padStart(8, '0')).join('')}`;
}

/** Whole numbers as text, runs of three or more as `a to b`: `0, 4 to 7 and 9`. */
export function rangesText(sorted: readonly number[]): string {
  const parts: string[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end] + 1) end++;
    if (end - start < 2) end = start;
    parts.push(end > start ? `${sorted[start]} to ${sorted[end]}` : String(sorted[start]));
    start = end + 1;
  }
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function hashOf(text: string, basis: number): number {
  let h = basis;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    h = Math.imul(h ^ (unit & 255), 0x01000193);
    h = Math.imul(h ^ (unit >> 8), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
