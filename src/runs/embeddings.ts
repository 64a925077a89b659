/**
 * Embeddings of a collection by the model of a run, or by its network before training, kept in the run's folder so
 * that the next search or report need not make them again. What is kept is used only while model and images are the
 * same to the byte, size and time; a damaged or outdated file is made again. Deleting the folder `embeddings` costs
 * time and nothing else.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HierError } from '../errors.js';
import type { SkippedImage } from '../images/loader.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import type { Embedded, EmbedOptions, TrainedModel } from '../model/trained.js';
import type { Collection } from './collection.js';
import { runPaths } from './paths.js';

/** Where embeddings are kept, and what for. */
export interface KeepOptions {
  /** Folder of the run. */
  readonly run: string;
  readonly collection: Collection;
  /** Whether an image that cannot be read fails (default) or has a row of NaN and is listed. */
  readonly onBad?: 'fail' | 'skip';
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence when kept embeddings are damaged or cannot be written. */
  readonly onNote?: (note: string) => void;
}

/** What {@link embedCollection} needs to know. */
export interface EmbedCollectionOptions extends KeepOptions {
  readonly model: TrainedModel;
}

/** A network whose embeddings are kept, open or not. */
export interface KeptNetwork {
  /** Empty for the model of the run; else what it is, as part of a file's name. */
  readonly kind: '' | 'untrained';
  /** All that embeddings depend on beside the images. */
  readonly identity: readonly Uint8Array[];
  readonly dim: number;
  /** Embeds; called when nothing fit is kept. */
  readonly embed: (how: Pick<EmbedOptions, 'onBad' | 'onProgress'>) => Promise<Embedded>;
}

const FORMAT = 'hier-embeddings';

/** Embeddings `[N, d]` of a collection, kept ones where they are still right. Throws as TrainedModel.embed. */
export async function embedCollection({ model, ...options }: EmbedCollectionOptions): Promise<Embedded> {
  return keptEmbeddings(options, {
    kind: '',
    identity: identityOf(options.run),
    dim: model.info.embeddingSize,
    embed: (how) => embedItems(model, options.collection, how),
  });
}

/** Embeddings `[N, d]` of a collection by the model of a run where all are kept and still right; else undefined. */
export function embeddingsAtHand(run: string, collection: Collection, dim: number): Float32Array | undefined {
  const { kept } = lookFor({ run, collection }, { kind: '', identity: identityOf(run), dim });
  return kept?.skipped.length === 0 ? kept.embeddings : undefined;
}

function identityOf(run: string): Uint8Array[] {
  const { model, modelInfo } = runPaths(run);
  return [readFileSync(model), readFileSync(modelInfo)];
}

/** Embeddings of a collection by a network, from the run's folder where they are still right. Throws as it does. */
export async function keptEmbeddings(
  { run, collection, onBad = 'fail', onProgress, onNote = () => undefined }: KeepOptions,
  { kind, identity, dim, embed }: KeptNetwork,
): Promise<Embedded> {
  const { file, key, kept } = lookFor({ run, collection, onNote }, { kind, identity, dim });
  if (kept && (onBad === 'skip' || kept.skipped.length === 0)) return kept;
  const embedded = await embed({ onBad, ...(onProgress ? { onProgress } : {}) });
  try {
    const shape = [collection.items.length, dim];
    const metadata = { format: FORMAT, version: '1', key, skipped: JSON.stringify(embedded.skipped) };
    writeSafetensors(file, [['embeddings', { shape, data: embedded.embeddings }]], { metadata, seal: true });
  } catch (error) {
    onNote(`the embeddings are not kept for the next time: ${(error as Error).message}`);
  }
  return embedded;
}

/** Where embeddings are kept, what for, and those that are there and right. */
function lookFor(
  { run, collection, onNote = () => undefined }: KeepOptions,
  { kind, identity, dim }: Omit<KeptNetwork, 'embed'>,
) {
  const file = keptFile(run, collection, kind);
  const key = keyOf(identity, collection);
  return { file, key, kept: readKept(file, key, collection.items.length * dim, onNote) };
}

/** Embeddings of a collection of images or feature vectors, made anew. Throws as TrainedModel does. */
export async function embedItems(
  model: TrainedModel,
  { items, vectors }: Collection,
  { onBad = 'fail', ...options }: Pick<EmbedOptions, 'onBad' | 'onProgress'> = {},
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
    if (!sealed || metadata.format !== FORMAT) throw new HierError(`${file} is no file of embeddings.`);
    if (metadata.key !== key || !(data instanceof Float32Array) || data.length !== length) return undefined;
    return { embeddings: data, skipped: JSON.parse(metadata.skipped) as SkippedImage[] };
  } catch (error) {
    onNote(`${(error as Error).message} The embeddings are made again.`);
    return undefined;
  }
}
