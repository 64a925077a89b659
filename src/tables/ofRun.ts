/**
 * A run as the source of a table: its images, or the feature vectors that it was trained on, embedded by its network
 * batch by batch.
 */

import { UsageError } from '../errors.js';
import type { TrainedModel } from '../model/trained.js';
import { joinValues, rowAt } from '../rows.js';
import type { Collection } from '../runs/collection.js';
import { openNetwork } from '../runs/openNetwork.js';
import { hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Item } from '../store/store.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import type { ItemDescription } from './describe.js';
import { bytesOf, hashOf, itemOf, plannedItems, thumbnailOf } from './items.js';
import { FILES_AT_ONCE, type Source, type SourceOptions, VECTORS_AT_ONCE } from './source.js';
import { ownTree, treeFile } from './tree.js';

/** Images embedded at a time: little is lost when the process is killed, and the workers are worth starting. */
const IMAGES_AT_ONCE = 1024;

/**
 * Opens a run with the images or vectors that are to be embedded. Throws as a run and its collection do, and UsageError
 * for options that are for files of vectors.
 */
export async function runSource(options: SourceOptions): Promise<Source> {
  const { model: network, split, thumbnail = THUMBNAIL, progress } = options;
  if (network !== undefined && options.images !== undefined)
    throw new UsageError('With --model, the source is the images: leave --images out.');
  const [folder, images] =
    network === undefined ? [options.source, options.images] : [network, options.source];
  for (const name of ['items', 'features', 'metric', 'curvature'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; a run knows its own.`);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const run = await openNetwork(folder, { output: options.modelOutput, progress, onNote });
  const { info, hash, metric } = run;
  const collection = await run.collection({ source: images, split, progress });
  const { levels, metadataOf } = taxonomyOf(collection);
  const listed = collection.items.map(
    ({ id, path, label }): ItemDescription => ({
      ...{ id, path: collection.vectors ? null : path, label, node: null, place: null },
      metadata: metadataOf(label),
    }),
  );
  const tree = options.tree
    ? treeFile(options.tree)
    : options.ownTree
      ? await ownTree(run, collection, { progress, onNote })
      : undefined;
  const items = plannedItems(listed, { nodes: options.nodes, tree });
  const { embeddingSize: dim, curvature, clipRadius, name } = info;
  // Those that the tree was made over are there already.
  const atHand = tree?.kind === 'own' && !collection.vectors ? run.keptEmbeddings(collection) : undefined;
  const model = await run.model(); // last, so that nothing stays open when what is above fails
  return {
    items,
    tree,
    dim,
    metric,
    curvature,
    clipRadius,
    model: { name, hash },
    metadata: levels,
    run,
    notes,
    ...(collection.vectors
      ? rowsOfVectors(model, collection.vectors, hash)
      : rowsOfImages(model, { hash, thumbnail, notes, atHand })),
    close: () => run.close(),
  };
}

/** How items become rows of the table. */
type Rows = Pick<Source, 'batch' | 'hashOf' | 'make'>;

interface ImageOptions {
  /** Of the network. */
  readonly hash: string;
  readonly thumbnail: number;
  readonly notes: string[];
  /** Embeddings of all items, where they are known. */
  readonly atHand: Float32Array | undefined;
}

function rowsOfImages(model: TrainedModel, { hash, thumbnail, notes, atHand }: ImageOptions): Rows {
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
        ? { embeddings: joinValues(batch.map(({ row }) => rowAt({ values: atHand, dim }, row))), skipped: [] }
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

/** The levels of a collection's taxonomy as columns, and their values for a class. */
function taxonomyOf({ dataset }: Collection): {
  readonly levels: readonly string[];
  metadataOf(label: string | null): Record<string, string | null>;
} {
  const { levels = [], terms = [] } = dataset?.taxonomy ?? {};
  const columns = levels.map((level) => level.replace(/\W+/g, '_'));
  const number = new Map(dataset?.classes.map((name, label) => [name, label]));
  return {
    levels: columns,
    metadataOf: (label) =>
      Object.fromEntries(
        columns.map((name, level) => [
          name,
          label === null ? null : (terms[level][number.get(label)!] ?? null),
        ]),
      ),
  };
}
