/**
 * Where the items of a table come from: a run, or vectors of any model from a file, which are opened
 * here.
 */
import { statSync } from '../disk/index.js';
import { UsageError } from '../errors.js';
import { isFragmentFolder } from '../fleet/fragmentFolder.js';
import { hasVectorFormat } from '../io/vectors.js';
import { isArchive } from '../items/archivedImages.js';
import { isNetworkName } from '../model/networkFolder.js';
import { joinValues } from '../rows.js';
import { hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Item } from '../store/store.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import { hashOf, itemOf, plannedItems, thumbnailOf } from './items.js';
import { listFile } from './listed.js';
import { runSource } from './ofRun.js';
import { openVectorRows } from './ofVectors.js';
import { FILES_AT_ONCE, type Source, type SourceOptions, VECTORS_AT_ONCE } from './source.js';
import { ownTreeOfVectors, treeFile } from './tree.js';

/** Opens a source. Throws UsageError when it is neither a run, nor a file of vectors or a folder of fragments. */
export async function openSource(options: SourceOptions): Promise<Source> {
  const list =
    options.items ?? (options.model === undefined ? options.images : options.source) ?? options.source;
  const isList = listFile(list) !== undefined || isArchive(list);
  if (Object.keys(options.columns ?? {}).length > 0 && !isList)
    throw new UsageError(
      `--columns says what columns of a list are, and ${list} is not one (CSV, JSON Lines or Parquet).`,
    );
  if (options.encoding !== undefined && !isList)
    throw new UsageError(
      `--encoding says what a list is written in, and ${list} is not one (CSV or JSON Lines).`,
    );
  if (options.model !== undefined || isNetworkName(options.source)) return runSource(options);
  const info = statSync(options.source, { throwIfNoEntry: false });
  if (!info) throw new UsageError(`There is no run folder and no file of vectors ${options.source}.`);
  const isOfImages = listFile(options.source) !== undefined && !hasVectorFormat(options.source);
  if (isOfImages || isArchive(options.source))
    throw new UsageError(
      `${options.source} is ${isOfImages ? 'a list' : 'an archive'} of images: say with --model what embeds them, an ONNX file, hub:OWNER/NAME or a run.`,
    );
  return info.isDirectory() && !isFragmentFolder(options.source) ? runSource(options) : openVectors(options);
}

async function openVectors(options: SourceOptions): Promise<Source> {
  const { source, thumbnail = THUMBNAIL } = options;
  if (options.images !== undefined || options.split !== undefined)
    throw new UsageError('--data and --split are for runs; a file of vectors has its items in --items.');
  const fragments = isFragmentFolder(source);
  for (const name of ['metric', 'curvature'] as const)
    if (fragments && options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; fragments know their own.`);
  const rows = await openVectorRows(source, {
    items: options.items,
    features: options.features,
    roles: options.columns,
    known: options.existing?.manifest,
    encoding: options.encoding,
    keep: 2 * VECTORS_AT_ONCE,
  });
  const { dim, curvature: named, metadata, vectorAt, values, clipRadius } = rows;
  const curvature = options.curvature ?? named ?? 0;
  const metric = options.metric ?? (curvature > 0 ? 'hyperbolic' : 'cosine');
  if (metric === 'hyperbolic' && options.curvature === undefined && named === undefined)
    throw new UsageError(
      `The curvature that ${source} was made with is not known. Give it with --curvature.`,
    );
  const { has } = rows;
  const notes = [...rows.notes];
  // Who says what items hang from has a tree of their own.
  const hangs = has('node') || options.nodes !== undefined;
  const makesOwn = options.ownTree === true && options.tree === undefined && !hangs;
  const points = () => ({
    values: values ?? joinValues(rows.items.map((_, row) => vectorAt(row))),
    ...{ dim, metric, curvature },
  });
  const onNote = (note: string) => notes.push(note);
  const tree = options.tree
    ? treeFile(options.tree)
    : makesOwn
      ? await ownTreeOfVectors(
          { source, items: rows.items, points, metadata, notes: [] },
          { existing: options.existing, onNote },
        )
      : undefined;
  const limited = limitTo(FILES_AT_ONCE);
  return {
    items: plannedItems(rows.items, { nodes: options.nodes, tree }),
    tree,
    dim,
    metric,
    curvature,
    ...(clipRadius === undefined ? {} : { clipRadius }),
    model: rows.model,
    metadata,
    types: rows.types,
    told: {
      path: has('path'),
      label: has('label'),
      node: hangs || tree !== undefined,
      place: has('x') || options.nodes !== undefined,
      metadata: new Set(metadata),
    },
    ...(values ? { vectors: values } : {}),
    vectorAt,
    batch: VECTORS_AT_ONCE,
    notes,
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
