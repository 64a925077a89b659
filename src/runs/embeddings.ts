/**
 * Embeddings of a collection by the model of a run, or by its network before training, kept in the run's folder so
 * that the next search or report need not make them again. What is kept is used only while model and images are the
 * same to the byte, size and time; a damaged or outdated file is made again. Deleting the folder `embeddings` costs
 * time and nothing else.
 */

import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { existsSync, statSync } from '../disk/index.js';
import { HierError } from '../errors.js';
import type { Points } from '../hierarchy/index.js';
import type { SkippedImage } from '../images/loader.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors/safetensors.js';
import { metricOf, readModel } from '../model/files.js';
import type { Embedded, EmbedOptions, TrainedModel } from '../model/trained.js';
import { type UntrainedNetwork, untrainedNetwork } from '../model/untrained.js';
import type { Recipe } from '../recipe/load.js';
import { hasOwnNetwork } from '../recipe/missingParts.js';
import type { Collection } from './collection.js';
import { runPaths } from './paths.js';

/** How a collection is embedded. */
export interface EmbedCollectionOptions {
  /** Whether an image that cannot be read fails (default) or has a row of NaN and is listed. */
  readonly onBad?: 'fail' | 'skip';
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence when kept embeddings are damaged or cannot be written. */
  readonly onNote?: (note: string) => void;
  /** Ends the work after the images in hand; nothing is kept then, and what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What of it reaches the network. */
type How = Pick<EmbedOptions, 'onBad' | 'onProgress' | 'signal'>;

/** Where embeddings are kept, and of what. */
export interface EmbeddingsPlace {
  /** Folder of the run. */
  readonly run: string;
  readonly collection: Collection;
  /** Numbers an embedding. */
  readonly dim: number;
}

/** A network whose embeddings are kept, open or not. */
interface KeptNetwork {
  /** Empty for the network of the run; else what it is, as part of a file's name. */
  readonly kind: '' | 'untrained';
  /** All that embeddings depend on beside the images. */
  readonly identity: readonly Uint8Array[];
}

const FORMAT = 'hier-embeddings';

/**
 * Embeddings `[N, d]` of a collection by the network of a run, kept ones where they are still right.
 * @param place with the network, which is opened when nothing fit is kept
 * @throws as TrainedModel.embed
 */
export function embedCollection(
  { model, ...place }: EmbeddingsPlace & { readonly model: () => Promise<TrainedModel> },
  options: EmbedCollectionOptions,
): Promise<Embedded> {
  return keptEmbeddings(place, ofModel(place.run), options, async (how) =>
    embedItems(await model(), place.collection, how),
  );
}

/** Embeddings `[N, d]` of a collection by the network of a run where all are kept and still right; else undefined. */
export function embeddingsAtHand(place: EmbeddingsPlace): Float32Array | undefined {
  const { kept } = lookFor(place, ofModel(place.run));
  return kept?.skipped.length === 0 ? kept.embeddings : undefined;
}

/**
 * Embeddings of a collection by the network of a run before its first step: where its head starts from a closed form, the
 * features as they came. They are kept in the run's folder, so
 * evaluation, figures and scores of one run make them once. Undefined, with a note, for a backbone from outside. Throws as
 * TrainedModel.embed.
 */
export async function untrainedEmbeddings(
  run: string,
  recipe: Recipe,
  collection: Collection,
  options: EmbedCollectionOptions,
): Promise<Points | undefined> {
  const { vectors } = collection;
  if (vectors && recipe.head.initial === 'whitening') return { ...vectors, metric: 'cosine', curvature: 0 };
  if (!hasOwnNetwork(recipe)) {
    options.onNote?.(
      `The untrained network is left out: its backbone "${recipe.backbone.name}" is not one of hier's own.`,
    );
    return undefined;
  }
  let untrained: UntrainedNetwork;
  try {
    untrained = untrainedNetwork(recipe);
  } catch (error) {
    // What it started from may be gone: the trained network does without it.
    if (!(error instanceof HierError)) throw error;
    options.onNote?.(`The untrained network is left out: ${error.message}`);
    return undefined;
  }
  const { embeddingSize: dim, curvature } = untrained.info;
  const place = { run, collection, dim };
  const { embeddings } = await keptEmbeddings(
    place,
    { kind: 'untrained', identity: untrained.identity },
    options,
    async (how) => {
      const network = await untrained.open();
      try {
        return await embedItems(network, collection, how);
      } finally {
        await network.close();
      }
    },
  );
  return { values: embeddings, dim, metric: metricOf(untrained.info), curvature };
}

/**
 * Keeps embeddings `[N, d]` of a collection that the network of a run has made elsewhere, so that nobody makes them again.
 * Throws HierError where they cannot be written.
 */
export function keepEmbeddings(place: EmbeddingsPlace, embeddings: Float32Array): void {
  writeKept(place, lookFor(place, ofModel(place.run)), { embeddings, skipped: [] });
}

function ofModel(run: string): KeptNetwork {
  const { network, text } = readModel(run);
  return { kind: '', identity: [network, Buffer.from(text)] };
}

async function keptEmbeddings(
  place: EmbeddingsPlace,
  network: KeptNetwork,
  { onBad = 'fail', onProgress, onNote = () => undefined, signal }: EmbedCollectionOptions,
  embed: (how: How) => Promise<Embedded>,
): Promise<Embedded> {
  const { file, key, kept } = lookFor(place, network, onNote);
  if (kept && (onBad === 'skip' || kept.skipped.length === 0)) return kept;
  const embedded = await embed({ onBad, signal, ...(onProgress ? { onProgress } : {}) });
  try {
    writeKept(place, { file, key }, embedded);
  } catch (error) {
    onNote(`the embeddings are not kept for the next time: ${(error as Error).message}`);
  }
  return embedded;
}

function writeKept(
  { collection, dim }: EmbeddingsPlace,
  { file, key }: { readonly file: string; readonly key: string },
  { embeddings, skipped }: Embedded,
): void {
  const shape = [collection.items.length, dim];
  const metadata = { format: FORMAT, version: '1', key, skipped: JSON.stringify(skipped) };
  writeSafetensors(file, [['embeddings', { shape, data: embeddings }]], { metadata, seal: true });
}

/** Where embeddings are kept, what for, and those that are there and right. */
function lookFor(
  { run, collection, dim }: EmbeddingsPlace,
  { kind, identity }: KeptNetwork,
  onNote: (note: string) => void = () => undefined,
) {
  const file = keptFile(run, collection, kind);
  const key = keyOf(identity, collection);
  return { file, key, kept: readKept(file, key, collection.items.length * dim, onNote) };
}

/** Embeddings of a collection of images or feature vectors, made anew. Throws as TrainedModel does. */
async function embedItems(
  model: TrainedModel,
  { items, vectors }: Collection,
  { onBad = 'fail', ...options }: How = {},
): Promise<Embedded> {
  if (vectors) return { embeddings: await model.embedVectors(vectors, options), skipped: [] };
  return model.embed(
    items.map((item) => item.path),
    { onBad, ...options },
  );
}

/** One file a source, split and network, so that files do not pile up as images change. */
function keptFile(run: string, { source, split }: Collection, kind: KeptNetwork['kind']): string {
  const place = existsSync(source) ? resolve(source) : source;
  const name = createHash('sha256').update(`${place}\n${split}`).digest('hex').slice(0, 12);
  return join(runPaths(run).embeddings, `${name}${kind && `-${kind}`}.safetensors`);
}

/** Hash of all that the embeddings depend on: the network's bytes, and name, size and time of every image. */
function keyOf(identity: KeptNetwork['identity'], { items }: Collection): string {
  const hash = createHash('sha256');
  for (const bytes of identity) hash.update(bytes);
  for (const { path } of items) {
    const file = statSync(path, { throwIfNoEntry: false });
    hash.update(`\n${JSON.stringify([path, file?.size ?? null, file?.mtimeMs ?? null])}`);
  }
  return hash.digest('hex');
}

function readKept(
  file: string,
  key: string,
  length: number,
  onNote: (note: string) => void,
): Embedded | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { metadata, tensors, sealed } = readSafetensors(file);
    const data = tensors.get('embeddings')?.data;
    if (!sealed || metadata.format !== FORMAT) throw new HierError(`${file} is not a file of embeddings.`);
    if (metadata.key !== key || !(data instanceof Float32Array) || data.length !== length) return undefined;
    return { embeddings: data, skipped: JSON.parse(metadata.skipped) as SkippedImage[] };
  } catch (error) {
    onNote(`${(error as Error).message} The embeddings are made again.`);
    return undefined;
  }
}
