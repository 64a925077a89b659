/**
 * A fragment: the embeddings of one shard in one file. It is a safetensors file with a checksum over all of it, so
 * other tools can open it: the matrix `embeddings` and, as text in bytes, the items of its rows and the images that
 * could not be read. Reading checks everything; which fragments belong together is decided elsewhere.
 */
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors.js';
import { jsonLines } from '../io/readRows.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../io/safetensors/safetensors.js';
import { jsonlText } from '../io/writeRows.js';
import { type Shard, shardOf, shardText } from './shard.js';

/** Version of the format that this hier writes and reads. */
export const FRAGMENT_VERSION = 1;

const modelSchema = z.looseObject({
  name: z.string(),
  embeddingSize: z.int().min(1),
  curvature: z.number().min(0),
  clipRadius: z.number(),
});
const itemSchema = z.object({
  id: z.string(),
  path: z.string(),
  label: z.string().nullable(),
  bytes: z.number(),
  modified: z.number(),
});
const badSchema = z.object({ id: z.string(), path: z.string(), reason: z.string() });

/** The space and the name of the network that made the embeddings; further fields are kept as they are. */
export type FragmentModel = z.infer<typeof modelSchema>;

/** An item of a fragment, in the order of its rows: ascending ids by code units. */
export interface FragmentItem {
  readonly id: string;
  /** Absolute path of the image, on the machine that embedded it. */
  readonly path: string;
  /** Name of its class; null when it is not known. */
  readonly label: string | null;
  /** Size of the file. */
  readonly bytes: number;
  /** When the file was last modified, milliseconds since 1970. */
  readonly modified: number;
}

/** An image that could not be read. */
export interface BadImage {
  readonly id: string;
  readonly path: string;
  /** The full sentence of the error. */
  readonly reason: string;
}

/** What one shard's file holds. */
export interface Fragment {
  readonly shard: Shard;
  /** Of the list that the shard is a part of: `fingerprintOf` its ids. */
  readonly list: string;
  /** Of what was given to embed: changes with the shard's items or their files. */
  readonly inputs: string;
  readonly model: FragmentModel;
  /** SHA-256 of the network's file. */
  readonly modelHash: string;
  readonly items: readonly FragmentItem[];
  readonly bad: readonly BadImage[];
  /** `[items, d]`; points of the Poincaré ball where the model's curvature is above 0. */
  readonly embeddings: Float32Array;
}

/** Name of a shard's file, such as `shard-00003-of-00020.safetensors`. */
export function fragmentName({ index, count }: Shard): string {
  const five = (value: number) => String(value).padStart(5, '0');
  return `shard-${five(index)}-of-${five(count)}.safetensors`;
}

/** Path of the list of images of a shard that could not be read; the file is absent when there are none. */
export function badListPath(folder: string, shard: Shard): string {
  return join(folder, fragmentName(shard).replace(/safetensors$/, 'bad.jsonl'));
}

/** Writes a fragment atomically under its shard's name; returns its path. */
export function writeFragment(folder: string, fragment: Fragment): string {
  const { shard, list, inputs, model, modelHash, items, bad, embeddings } = fragment;
  const dim = model.embeddingSize;
  const text = (rows: readonly object[]): StoredTensor => {
    const data = new Uint8Array(Buffer.from(jsonlText(rows.map((row) => ({ ...row })))));
    return { shape: [data.length], data };
  };
  const path = join(folder, fragmentName(shard));
  writeSafetensors(
    path,
    [
      ['embeddings', { shape: [items.length, dim], data: embeddings }],
      ['items', text(items)],
      ['bad', text(bad)],
    ],
    {
      metadata: {
        format: 'hier-fragment',
        version: String(FRAGMENT_VERSION),
        shard: shardText(shard),
        list,
        inputs,
        modelHash,
        model: JSON.stringify(model),
      },
      seal: true,
    },
  );
  return path;
}

/** Parts of a fragment that do not fit together. */
class Mismatch extends Error {}

/** Reads a fragment with all that it holds. Throws DataError that names the file when it is not whole and sound. */
export function readFragment(path: string): Fragment {
  const { tensors, metadata, sealed } = readSafetensors(path);
  if (metadata.format !== 'hier-fragment') throw new DataError(`${path} is not a fragment of hier embed.`);
  if (metadata.version !== String(FRAGMENT_VERSION))
    throw new DataError(
      `${path} is a fragment of version ${metadata.version}; this hier knows version ${FRAGMENT_VERSION}.`,
    );
  if (!sealed) throw new DataError(`${path} has no checksum, so it cannot be trusted.`);
  try {
    const parts = /^(\d+)\/(\d+)$/.exec(metadata.shard)!;
    const shard = { index: Number(parts[1]), count: Number(parts[2]) };
    const model = modelSchema.parse(JSON.parse(metadata.model));
    const items = z.array(itemSchema).parse(lines(path, tensors.get('items')));
    const bad = z.array(badSchema).parse(lines(path, tensors.get('bad')));
    const { shape, data } = tensors.get('embeddings')!;
    if (!(data instanceof Float32Array) || shape[0] !== items.length || shape[1] !== model.embeddingSize)
      throw new Mismatch(`embeddings of shape [${shape}] for ${items.length} items`);
    const stray = items.find(({ id }) => shardOf(id, shard.count) !== shard.index);
    if (stray) throw new Mismatch(`the item "${stray.id}" belongs to another shard`);
    const { list, inputs, modelHash } = metadata;
    return { shard, list, inputs, model, modelHash, items, bad, embeddings: data };
  } catch (cause) {
    // What a program changed and sealed again; the words of the schema's library say nothing to whoever has the file.
    const what = cause instanceof Mismatch ? `: ${cause.message}` : '';
    throw new DataError(
      `${path} is not a sound fragment, though its checksum is right${what}. Delete it, and embed that shard again.`,
      { cause },
    );
  }
}

/** The values of a tensor that holds lines of JSON. */
function lines(path: string, tensor: StoredTensor | undefined): unknown[] {
  const text = Buffer.from(tensor!.data as Uint8Array).toString('utf8');
  return jsonLines(path, text).map(({ value }) => value);
}

/** Whether a file's name is one that a fragment has. */
export function isFragmentName(path: string): boolean {
  return /^shard-\d{5,6}-of-\d{5,6}\.safetensors$/.test(basename(path));
}
