/**
 * A run as the source of a table: its images, or the feature vectors that it was trained on, embedded by its network
 * batch by batch.
 */

import { UsageError } from '../errors.js';
import type { ItemDescription } from '../items/describe.js';
import type { Failure } from '../items/failures.js';
import type { TrainedModel } from '../model/trained.js';
import { joinValues, rowAt } from '../rows.js';
import type { Collection } from '../runs/collection.js';
import { openNetwork } from '../runs/openNetwork.js';
import { hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Item } from '../store/store.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import { imagesOf } from './imagesOf.js';
import { hashOf, itemOf, plannedItems, thumbnailOf } from './items.js';
import { contentsOf, knownVectors } from './known.js';
import { itemsOfRun } from './runFacts.js';
import {
  FILES_AT_ONCE,
  type PlannedItem,
  type Source,
  type SourceOptions,
  VECTORS_AT_ONCE,
} from './source.js';
import { ownTree, type TreeEmbeddings, treeFile } from './tree.js';

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
  const { columns: roles, encoding, existing } = options;
  const columns = { roles, encoding, known: existing?.manifest };
  const found = await imagesOf(run, { ...options, images, columns });
  const { collection, file, failures = [] } = found;
  found.notes?.forEach(onNote);
  const described = await itemsOfRun(run, collection, {
    ...{ images: found.source, listed: file, items: options.items, columns, onNote },
  });
  const usable = usableOf(withIds(collection, described.items), failures.length);
  const contents = collection.vectors ? undefined : contentsOf(collection, { hash, thumbnail });
  const known = contents && (await knownVectors(usable, { store: options.existing, contents }));
  const { tree, embedded } = options.tree
    ? { tree: treeFile(options.tree), embedded: undefined }
    : options.ownTree && !known?.isAll
      ? await ownTree(run, usable, { described, known: known?.vectors, progress, onNote, signal })
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
      : rowsOfImages(model, {
          contents: contents!,
          collection,
          thumbnail,
          notes,
          embedded,
          listed: file && failures,
        })),
    close: () => run.close(),
  };
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

/** A collection without its last items. */
function usableOf(collection: Collection, lost: number): Collection {
  return lost === 0 ? collection : { ...collection, items: collection.items.slice(0, -lost) };
}

/** How items become rows of the table. */
type Rows = Pick<Source, 'batch' | 'hashOf' | 'make'>;

interface ImageOptions {
  /** Hashes of images by row. */
  readonly contents: (row: number) => Promise<string>;
  readonly collection: Collection;
  readonly thumbnail: number;
  readonly notes: string[];
  /** Embeddings of all items that can be had, where they were made for the tree. */
  readonly embedded: TreeEmbeddings | undefined;
  /** Of a list, the images that cannot be had: the last rows. */
  readonly listed: readonly Failure[] | undefined;
}

function rowsOfImages(
  model: TrainedModel,
  { contents, collection: { items }, thumbnail, notes, embedded: atHand, listed }: ImageOptions,
): Rows & Pick<Source, 'failures' | 'embedded'> {
  const { embeddingSize: dim } = model.info;
  const limited = limitTo(FILES_AT_ONCE);
  const failures = listed && [...listed];
  const usable = items.length - (listed?.length ?? 0);
  let count = atHand?.made ?? 0;
  return {
    batch: IMAGES_AT_ONCE,
    ...(failures ? { failures } : {}),
    embedded: () => count,
    hashOf: async (item) => hashOf(item, await contents(item.row)),
    async make(batch) {
      const sound = batch.filter(({ row }) => row < usable);
      const paths = sound.map(({ row }) => items[row].path);
      const { embeddings, skipped } = atHand
        ? embeddedOf(atHand, sound)
        : await model.embed(paths, { onBad: 'skip' });
      if (!atHand) count += paths.length;
      notes.push(...skipped.map(({ reason }) => `skipped: ${reason}`));
      const bad = new Set(skipped.map(({ index }) => index));
      for (const { index, reason } of skipped)
        failures?.push({ id: sound[index].id, image: sound[index].path ?? '', reason });
      const rows = [...sound.keys()].filter((i) => !bad.has(i));
      return Promise.all(
        rows.map(async (i): Promise<Item> => {
          const picture = await limited(() => thumbnailOf(paths[i], thumbnail));
          return itemOf(sound[i], embeddings.slice(i * dim, (i + 1) * dim), picture);
        }),
      );
    },
  };
}

/** What is at hand of a batch, in the form in which it is embedded. */
function embeddedOf({ values, dim, skipped }: TreeEmbeddings, batch: readonly PlannedItem[]) {
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
