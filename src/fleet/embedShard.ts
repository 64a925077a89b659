/**
 * Embeds one shard of a list of images into one fragment. Stateless and idempotent: what is to be done follows from
 * the arguments and the fragment that is there, so any scheduler may run it, twice or at the same time, on any
 * machine. It knows nothing of networks: the caller gives the function that embeds.
 */

import { join } from 'node:path';
import { existsSync, rmSync } from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { jsonlText } from '../io/writeRows.js';
import { rowAt } from '../rows.js';
import {
  type BadImage,
  badListPath,
  type Fragment,
  type FragmentItem,
  type FragmentModel,
  fragmentName,
  readFragment,
  writeFragment,
} from './fragment.js';
import { fingerprintOf, type Shard, shardText } from './shard.js';
import { badLimit, hashOfInputs, itemsOf, type ShardItem, withFacts } from './shardInputs.js';

/** Embeddings of some images: rows of images that could not be read are listed in `skipped` and mean nothing. */
export interface EmbeddedPart {
  /** `[paths, d]`. */
  readonly embeddings: Float32Array;
  readonly skipped: readonly { readonly index: number; readonly reason: string }[];
}

/** Options of {@link embedShard}. */
export interface EmbedShardOptions {
  /** The whole list, in any order; every shard is given the same one. */
  readonly items: readonly ShardItem[];
  readonly shard: Shard;
  /** Folder of the fragments. */
  readonly out: string;
  readonly model: FragmentModel;
  /** SHA-256 of the network's file. */
  readonly modelHash: string;
  /** Embeds image files. Not called when the fragment is there already. */
  readonly embed: (paths: readonly string[]) => Promise<EmbeddedPart>;
  /** How many images of the shard may be unreadable: a number such as `20`, or a part such as `1%`. Default `1%`. */
  readonly maxBad?: string;
  /** Images embedded at a time. Default 1024. */
  readonly batch?: number;
  /** Called after every batch. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Outcome of {@link embedShard}. */
export interface ShardResult {
  readonly shard: Shard;
  /** The fragment. */
  readonly path: string;
  /** Whether the fragment was there already, with the same inputs: then nothing was done. */
  readonly kept: boolean;
  /** Why a fragment that was there has been replaced; null when there was none, or it was kept. */
  readonly replaced: string | null;
  /** Rows of the fragment. */
  readonly items: number;
  /** Images that went through the network in this call. */
  readonly embedded: number;
  /** Rows taken from the fragment that was there, since their images had not changed. */
  readonly reused: number;
  readonly bad: readonly BadImage[];
}

/**
 * Embeds the items of a shard, unless its fragment is there and was made from the same model, list and files (by
 * size and time of modification). A fragment of other inputs is replaced; rows whose model and file are the same are
 * taken over from it. A broken one is replaced.
 *
 * @throws UsageError when an id is listed twice; DataError when more images than `maxBad` cannot be read, and when
 * the network gives numbers that are not finite. Then nothing is written.
 */
export async function embedShard({
  items: all,
  shard,
  out,
  model,
  modelHash,
  embed,
  maxBad = '1%',
  batch = 1024,
  onProgress,
}: EmbedShardOptions): Promise<ShardResult> {
  const mine = itemsOf(all, shard);
  const allowed = badLimit(maxBad, mine.length);
  const list = fingerprintOf(all.map(({ id }) => id));
  const items = await withFacts(mine);
  const inputs = hashOfInputs(items);
  const path = join(out, fragmentName(shard));
  const { there, broken } = readExisting(path);
  const same = there?.modelHash === modelHash && there.inputs === inputs && there.list === list;
  // A fragment made under a laxer limit is not good enough under this one.
  if (there && same && there.bad.length <= allowed)
    return {
      shard,
      path,
      kept: true,
      replaced: null,
      items: there.items.length,
      embedded: 0,
      reused: 0,
      bad: there.bad,
    };

  const dim = model.embeddingSize;
  const old = there?.modelHash === modelHash ? rowsByFile(there) : new Map<string, Float32Array>();
  const rows = items.map((item) => old.get(fileKey(item)));
  const due = [...items.keys()].filter((i) => rows[i] === undefined);
  const reused = items.length - due.length;
  const bad: BadImage[] = [];
  onProgress?.(reused, items.length);
  for (let start = 0; start < due.length; start += batch) {
    const part = due.slice(start, start + batch);
    const { embeddings, skipped } = await embed(part.map((i) => items[i].path));
    for (const { index, reason } of skipped) {
      const { id, path } = items[part[index]];
      bad.push({ id, path, reason });
    }
    if (bad.length > allowed) throw tooManyBad(bad, { allowed, maxBad, shard, items: items.length });
    const unreadable = new Set(skipped.map(({ index }) => index));
    part.forEach((i, place) => {
      if (unreadable.has(place)) return;
      rows[i] = embeddings.slice(place * dim, (place + 1) * dim);
      if (!rows[i].every(Number.isFinite))
        throw new DataError(
          `The network "${model.name}" gives numbers that are not finite for ${items[i].path}. Its weights are damaged.`,
        );
    });
    onProgress?.(reused + Math.min(due.length, start + batch), items.length);
  }
  const good = [...items.keys()].filter((i) => rows[i] !== undefined);
  const embeddings = new Float32Array(good.length * dim);
  good.forEach((i, row) => {
    embeddings.set(rows[i]!, row * dim);
  });
  // The list of bad images first: where the fragment is, all of it is.
  const beside = badListPath(out, shard);
  if (bad.length > 0) writeFileAtomic(beside, jsonlText(bad.map((image) => ({ ...image }))));
  else rmSync(beside, { force: true });
  writeFragment(out, {
    shard,
    list,
    inputs,
    model,
    modelHash,
    items: good.map((i) => items[i]),
    bad,
    embeddings,
  });
  return {
    shard,
    path,
    kept: false,
    replaced: broken ?? (there ? changeText(there, modelHash, inputs, list) : null),
    items: good.length,
    embedded: due.length - bad.length,
    reused,
    bad,
  };
}

/** The fragment that is there, or why it cannot be used. */
function readExisting(path: string): { there?: Fragment; broken?: string } {
  if (!existsSync(path)) return {};
  try {
    return { there: readFragment(path) };
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    return { broken: `the fragment that was there could not be used (${error.message})` };
  }
}

const fileKey = ({ id, bytes, modified }: FragmentItem) => JSON.stringify([id, bytes, modified]);

function rowsByFile({ items, embeddings, model }: Fragment): Map<string, Float32Array> {
  const dim = model.embeddingSize;
  return new Map(items.map((item, row) => [fileKey(item), rowAt({ values: embeddings, dim }, row)] as const));
}

function changeText(there: Fragment, modelHash: string, inputs: string, list: string): string {
  if (there.modelHash !== modelHash) return 'the fragment that was there was made by another model';
  if (there.inputs !== inputs) return 'images of the shard have changed since its fragment was made';
  if (there.list !== list) return 'images of other shards have been added or removed';
  return 'the fragment that was there lacks more images than are allowed now';
}

function tooManyBad(
  bad: readonly BadImage[],
  { allowed, maxBad, shard, items }: { allowed: number; maxBad: string; shard: Shard; items: number },
): DataError {
  const first = bad.slice(0, 5).map(({ reason }) => `\n- ${reason}`);
  return new DataError(
    `At least ${bad.length} of the ${items} images of shard ${shardText(shard)} cannot be read; ${allowed} are allowed (--max-bad ${maxBad}). Nothing was written. The first:${first.join('')}`,
  );
}
