/**
 * Where the items of a table come from: images embedded by the network of a run, or vectors of any model from a
 * file. A source lists its items at once, and makes vectors and thumbnails batch by batch when they are asked for.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { isFragmentFolder } from '../fleet/fragmentFolder.js';
import type { Metric } from '../retrieval/index.js';
import { hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Manifest } from '../store/manifest.js';
import type { Item } from '../store/store.js';
import { makeThumbnail, THUMBNAIL } from '../store/thumbnail.js';
import { leafNodes } from '../store/tree.js';
import type { Collection, Split } from './collection.js';
import { metricOf, openModel } from './model.js';
import type { Reporter } from './progress.js';
import { recipeOf, runCollection } from './runData.js';
import { type Described, placed, readPlacings } from './tableItems.js';
import { modelHash } from './tableModel.js';
import { openVectorRows } from './vectorRows.js';

/** An item before it is made, and its row in a file of vectors. */
export interface PlannedItem extends Described {
  readonly hash: string;
  readonly row: number;
}

/** Items and how to make them. Call `close()`. */
export interface Source {
  readonly items: readonly PlannedItem[];
  readonly dim: number;
  readonly metric: Metric;
  readonly curvature: number;
  readonly clipRadius?: number;
  readonly model: Manifest['model'];
  /** Further columns; for a run the levels of its data's taxonomy. */
  readonly metadata: readonly string[];
  /** All vectors, where they are in memory anyway. */
  readonly vectors?: Float32Array;
  /** Folder of the run that the vectors come from. */
  readonly run?: string;
  /** A fitting number of items a batch. */
  readonly batch: number;
  /** What a reader should know; grows while items are made. */
  readonly notes: string[];
  hashOf(item: PlannedItem): Promise<string>;
  make(batch: readonly PlannedItem[]): Promise<Item[]>;
  close(): Promise<void>;
}

/** What {@link openSource} needs to know. */
export interface SourceOptions {
  /** A run's folder, a .npy or .safetensors file of vectors, or a folder of fragments. */
  readonly source: string;
  /** For a run: which images. Default: the test split of its own data. */
  readonly images?: string;
  readonly split?: Split;
  /** For vectors: a CSV or JSON Lines file with the columns id, path, label, node, x, y and any others. */
  readonly items?: string;
  /** For vectors. Default: hyperbolic where a curvature is given or named by the file, else cosine. */
  readonly metric?: Metric;
  /** For vectors. Default: the one that the file names. */
  readonly curvature?: number;
  /** A tree (JSON). Items hang from the leaf of their id or their class, where it names its leaves. */
  readonly tree?: string;
  /** A file with the columns id and node, or id, x and y; its nodes come before those of the tree's leaves. */
  readonly nodes?: string;
  /** Longer side of thumbnails, px; 0 for none. Default 96, or what the table has. */
  readonly thumbnail?: number;
  readonly report?: Reporter;
}

/** Images embedded at a time: little is lost when the process is killed, and the workers are worth starting. */
const IMAGES_AT_ONCE = 1024;
/** Vectors written at a time. */
const VECTORS_AT_ONCE = 20_000;
/** Files read at a time. */
const FILES_AT_ONCE = 8;

/** Opens a source. Throws UsageError when it is neither a run, nor a file of vectors or a folder of fragments. */
export function openSource(options: SourceOptions): Promise<Source> {
  const info = statSync(options.source, { throwIfNoEntry: false });
  if (!info) throw new UsageError(`There is no run folder and no file of vectors ${options.source}.`);
  return info.isDirectory() && !isFragmentFolder(options.source) ? openRun(options) : openVectors(options);
}

async function openRun(options: SourceOptions): Promise<Source> {
  const { source: run, images, split = images === undefined ? 'test' : 'all' } = options;
  const { thumbnail = THUMBNAIL, report } = options;
  for (const name of ['items', 'metric', 'curvature'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; a run knows its own.`);
  const model = await openModel(run);
  const hash = modelHash(run);
  const collection = await runCollection(recipeOf(run), {
    source: images,
    split,
    ...(report ? { report } : {}),
  });
  const { levels, metadataOf } = taxonomyOf(collection);
  const listed = collection.items.map(
    ({ id, path, label }): Described => ({
      ...{ id, path, label, node: null, place: null },
      metadata: metadataOf(label),
    }),
  );
  const limited = limitTo(FILES_AT_ONCE);
  const notes: string[] = [];
  const { embeddingSize: dim, curvature, clipRadius, name } = model.info;
  return {
    items: planned(options, listed),
    dim,
    metric: metricOf(model.info),
    curvature,
    clipRadius,
    model: { name, hash },
    metadata: levels,
    run,
    batch: IMAGES_AT_ONCE,
    notes,
    hashOf: async (item) => {
      const bytes = await limited(() => bytesOf(item.path!));
      return hashOf(item, hashOfParts(hash, bytes ?? 'missing', String(thumbnail)));
    },
    async make(batch) {
      const paths = batch.map(({ path }) => path!);
      const { embeddings, skipped } = await model.embed(paths, { onBad: 'skip' });
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
    close: () => model.close(),
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

async function openVectors(options: SourceOptions): Promise<Source> {
  const { source, thumbnail = THUMBNAIL } = options;
  if (options.images !== undefined || options.split !== undefined)
    throw new UsageError('--images and --split are for runs; a file of vectors has its items in --items.');
  const fragments = isFragmentFolder(source);
  for (const name of ['metric', 'curvature'] as const)
    if (fragments && options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; fragments know their own.`);
  const rows = openVectorRows(source, { items: options.items, keep: 2 * VECTORS_AT_ONCE });
  const { dim, curvature: named, metadata, vectorAt, values, clipRadius } = rows;
  const curvature = options.curvature ?? named ?? 0;
  const metric = options.metric ?? (curvature > 0 ? 'hyperbolic' : 'cosine');
  if (metric === 'hyperbolic' && options.curvature === undefined && named === undefined)
    throw new UsageError(
      `The curvature that ${source} was made with is not known. Give it with --curvature.`,
    );
  const limited = limitTo(FILES_AT_ONCE);
  return {
    items: planned(options, rows.items),
    dim,
    metric,
    curvature,
    ...(clipRadius === undefined ? {} : { clipRadius }),
    model: rows.model,
    metadata,
    ...(values ? { vectors: values } : {}),
    batch: VECTORS_AT_ONCE,
    notes: [...rows.notes],
    hashOf: async (item) => {
      const { buffer, byteOffset, byteLength } = vectorAt(item.row);
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return hashOf(item, hashOfParts(bytes, item.path ?? '', String(thumbnail)));
    },
    make: (batch) =>
      Promise.all(
        batch.map(async (item): Promise<Item> => {
          const { path, row } = item;
          const picture = path === null ? null : await limited(() => thumbnailOf(path, thumbnail));
          return itemOf(item, vectorAt(row), picture);
        }),
      ),
    close: async () => undefined,
  };
}

/** Items with their nodes and places, in the order of their rows. */
function planned({ nodes, tree }: SourceOptions, items: readonly Described[]): PlannedItem[] {
  const leaves = tree === undefined ? undefined : leafNodes(textOf(tree), tree);
  const hung = leaves
    ? items.map((item) => ({
        ...item,
        node: item.node ?? leaves.get(item.id) ?? leaves.get(item.label ?? '') ?? null,
      }))
    : items;
  const told = nodes === undefined ? hung : placed(hung, readPlacings(nodes));
  return told.map((item, row) => ({ ...item, hash: '', row }));
}

function textOf(path: string): string {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  return readFileSync(path, 'utf8');
}

function itemOf({ row: _, ...facts }: PlannedItem, vector: Float32Array, thumbnail: Uint8Array | null): Item {
  return { ...facts, vector, thumbnail };
}

/** Hash of an item: of what its vector and thumbnail are made from, and of its facts. */
function hashOf({ path, label, node, place, metadata }: Described, content: string): string {
  return `${content}.${hashOfParts(JSON.stringify([path, label, node, place, metadata]))}`;
}

async function thumbnailOf(path: string, side: number): Promise<Uint8Array | null> {
  if (side === 0) return null;
  const bytes = await bytesOf(path);
  return bytes && makeThumbnail(bytes, side);
}

function bytesOf(path: string): Promise<Buffer | null> {
  return readFile(path).catch(() => null);
}
