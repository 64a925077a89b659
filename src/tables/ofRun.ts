/**
 * A run as the source of a table: its images, or the feature vectors that it was trained on, embedded by its network
 * batch by batch.
 */

import { DataError, UsageError } from '../errors.js';
import type { ItemDescription, ItemFile } from '../items/describe.js';
import type { TrainedModel } from '../model/trained.js';
import { joinValues, rowAt } from '../rows.js';
import type { Collection } from '../runs/collection.js';
import { openNetwork } from '../runs/openNetwork.js';
import type { EmbeddedCollection, Run } from '../runs/run.js';
import { hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Item } from '../store/store.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import { bytesOf, hashOf, itemOf, plannedItems, thumbnailOf } from './items.js';
import { listFile, type ReadListOptions, readList } from './listed.js';
import { itemsOfRun } from './runFacts.js';
import {
  FILES_AT_ONCE,
  type PlannedItem,
  type Source,
  type SourceOptions,
  VECTORS_AT_ONCE,
} from './source.js';
import { ownTree, treeFile } from './tree.js';

/** Images embedded at a time: little is lost when the process is killed, and the workers are worth starting. */
const IMAGES_AT_ONCE = 1024;

/**
 * Opens a run with the images or vectors that are to be embedded. Throws as a run and its collection do, and UsageError
 * for options that are for files of vectors.
 */
export async function runSource(options: SourceOptions): Promise<Source> {
  const { model: network, thumbnail = THUMBNAIL, progress, signal } = options;
  if (network !== undefined && options.images !== undefined)
    throw new UsageError('With --model, the source is the images: leave --data out.');
  const [folder, images] =
    network === undefined ? [options.source, options.images] : [network, options.source];
  for (const name of ['features', 'metric', 'curvature'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; a run knows its own.`);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const onNetwork = (note: string) => {
    onNote(note);
    options.onNote?.(note);
  };
  const run = await openNetwork(folder, { output: options.modelOutput, progress, onNote: onNetwork, signal });
  const { info, hash, metric } = run;
  const columns = { roles: options.columns, known: options.known };
  const { collection, file } = await collectionOf(run, { ...options, images, columns });
  const described = await itemsOfRun(run, collection, {
    ...{ images, listed: file, items: options.items, columns, onNote },
  });
  const { tree, embedded } = options.tree
    ? { tree: treeFile(options.tree), embedded: undefined }
    : options.ownTree
      ? await ownTree(run, withIds(collection, described.items), { progress, onNote, signal })
      : { tree: undefined, embedded: undefined };
  const items = plannedItems(described.items, { nodes: options.nodes, tree });
  const { embeddingSize: dim, curvature, clipRadius, name } = info;
  const { told } = described;
  const model = await run.model(); // last, so that nothing stays open when what is above fails
  return {
    items,
    tree,
    dim,
    metric,
    curvature,
    clipRadius,
    model: { name, hash },
    metadata: described.metadata,
    types: described.types,
    told: {
      ...told,
      node: told.node || tree !== undefined || options.nodes !== undefined,
      place: told.place || options.nodes !== undefined,
    },
    run,
    notes,
    ...(collection.vectors
      ? rowsOfVectors(model, collection.vectors, hash)
      : rowsOfImages(model, { hash, thumbnail, notes, embedded })),
    close: () => run.close(),
  };
}

/** The images or vectors to index. A list that is no data set to train on is taken as it is. */
async function collectionOf(
  run: Run,
  {
    images,
    split,
    progress,
    columns,
  }: Pick<SourceOptions, 'split' | 'progress'> &
    Pick<ReadListOptions, 'columns'> & { readonly images: string | undefined },
): Promise<{ readonly collection: Collection; readonly file?: ItemFile }> {
  const list = listFile(images);
  try {
    return { collection: await run.collection({ source: images, split, progress }) };
  } catch (error) {
    if (list === undefined || !(error instanceof DataError || error instanceof UsageError)) throw error;
    return readList(list, { source: images!, split, columns });
  }
}

/** The collection by the ids and classes that its items have in the table. */
function withIds(collection: Collection, items: readonly ItemDescription[]): Collection {
  const named = collection.items.map((item, i) => ({ ...item, id: items[i].id, label: items[i].label }));
  const isSame = named.every(({ id, label }, i) => {
    const before = collection.items[i];
    return id === before.id && label === before.label;
  });
  const { dataset: _, ...unlabelled } = collection; // whose taxonomy does not know other classes
  return isSame ? collection : { ...unlabelled, items: named };
}

/** How items become rows of the table. */
type Rows = Pick<Source, 'batch' | 'hashOf' | 'make'>;

interface ImageOptions {
  /** Of the network. */
  readonly hash: string;
  readonly thumbnail: number;
  readonly notes: string[];
  /** Embeddings of all items, where they were made for the tree. */
  readonly embedded: EmbeddedCollection | undefined;
}

function rowsOfImages(model: TrainedModel, { hash, thumbnail, notes, embedded: atHand }: ImageOptions): Rows {
  const { embeddingSize: dim } = model.info;
  const limited = limitTo(FILES_AT_ONCE);
  return {
    batch: IMAGES_AT_ONCE,
    hashOf: async (item) => {
      const bytes = await limited(() => bytesOf(item.path!));
      return hashOf(item, hashOfParts(hash, bytes ?? 'missing', String(thumbnail)));
    },
    async make(batch) {
      const paths = batch.map(({ path }) => path!);
      const { embeddings, skipped } = atHand
        ? embeddedOf(atHand, batch)
        : await model.embed(paths, { onBad: 'skip' });
      notes.push(...skipped.map(({ reason }) => `skipped: ${reason}`));
      const bad = new Set(skipped.map(({ index }) => index));
      const rows = [...batch.keys()].filter((i) => !bad.has(i));
      return Promise.all(
        rows.map(async (i): Promise<Item> => {
          const picture = await limited(() => thumbnailOf(paths[i], thumbnail));
          return itemOf(batch[i], embeddings.slice(i * dim, (i + 1) * dim), picture);
        }),
      );
    },
  };
}

/** What is at hand of a batch, in the form in which it is embedded. */
function embeddedOf({ values, dim, skipped }: EmbeddedCollection, batch: readonly PlannedItem[]) {
  const reasons = new Map(skipped.map(({ index, reason }) => [index, reason]));
  return {
    embeddings: joinValues(batch.map(({ row }) => rowAt({ values, dim }, row))),
    skipped: batch.flatMap(({ row }, index) => {
      const reason = reasons.get(row);
      return reason === undefined ? [] : [{ index, reason }];
    }),
  };
}

/** Feature vectors have no pictures. */
function rowsOfVectors(model: TrainedModel, vectors: NonNullable<Collection['vectors']>, hash: string): Rows {
  const { embeddingSize: dim } = model.info;
  return {
    batch: VECTORS_AT_ONCE,
    hashOf: async (item) => {
      const { buffer, byteOffset, byteLength } = rowAt(vectors, item.row);
      return hashOf(item, hashOfParts(hash, new Uint8Array(buffer, byteOffset, byteLength)));
    },
    async make(batch) {
      const features = joinValues(batch.map(({ row }) => rowAt(vectors, row)));
      const embeddings = await model.embedVectors({ values: features, dim: vectors.dim });
      return batch.map((item, i) => itemOf(item, embeddings.slice(i * dim, (i + 1) * dim), null));
    },
  };
}
