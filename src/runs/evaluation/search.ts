/**
 * Search by image with the network of a run: the nearest images of a collection, exactly, with distances. The
 * collection's embeddings are kept in the run's folder, so that only the first search is slow.
 */

import { basename, resolve } from 'node:path';
import { statSync } from '../../disk/index.js';
import { DataError, suggestion, UsageError } from '../../errors.js';
import type { ContactSheetRow } from '../../images/contactSheet.js';
import { embedPictures, type UnreadPicture } from '../../model/embedPictures.js';
import { type Metric, nearestNeighbours } from '../../retrieval/index.js';
import { joinValues, takeRows } from '../../rows.js';
import { counted } from '../../shown.js';
import type { Collection, CollectionItem, Split } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { embedQueries, vectorQueries } from './vectorQueries.js';

/** Options of {@link searchRun}. */
export interface SearchRunOptions {
  /** Image files, or ids of items of the collection; with feature vectors, ids or files whose rows are queries. */
  readonly queries: readonly string[];
  /** Where to search; by default the test split of the run's own data. */
  readonly source?: string | undefined;
  /** Default as for the run's collection. */
  readonly split?: Split | undefined;
  /** Results a query. Default 10. */
  readonly top?: number | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** An image that was found. */
export interface FoundItem extends CollectionItem {
  /** From 1. */
  readonly rank: number;
  /** Hyperbolic distance, or 1 - cosine in a flat space. */
  readonly distance: number;
  /** Whether it is of the query's class; null when one of the two is not known. */
  readonly correct: boolean | null;
}

/** A query and what was found, nearest first. */
export interface Answer {
  /** The image asked for; id and label are null when it is not an item of the collection. */
  readonly query: { readonly path: string; readonly id: string | null; readonly label: string | null };
  readonly results: readonly FoundItem[];
}

/** Outcome of {@link searchRun}. */
export interface SearchResult {
  readonly run: string;
  readonly data: { readonly source: string; readonly split: Split; readonly images: number };
  readonly metric: Metric;
  readonly answers: readonly Answer[];
  /** What a reader should know, such as images of the collection that could not be read. */
  readonly notes: readonly string[];
  /** Queries that could not be read. */
  readonly skipped: readonly UnreadPicture[];
  /** Names and licences of the authors of the images, to be shown wherever these are. */
  readonly attribution: readonly string[];
}

/**
 * The nearest images of each query, the query itself left out. Images of the collection that cannot be read are
 * left out and said; so are queries, unless none can be read: that is a DataError.
 */
export async function searchRun(
  run: Run,
  { queries, source, split, top = 10, progress = () => () => undefined }: SearchRunOptions,
): Promise<SearchResult> {
  if (queries.length === 0) throw new UsageError('Nothing to search for: give an image.');
  if (!(Number.isInteger(top) && top >= 1))
    throw new UsageError(`The number of results is ${top}. Give a whole number of at least 1.`);
  const collection = await run.collection({ source, split, progress });
  const vectors = collection.vectors
    ? (await Promise.all(queries.map((word) => vectorQueries(word, collection)))).flat()
    : undefined;
  const wanted = vectors ?? queries.map((query) => findQuery(query, collection));
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const onProgress = progress('embedding the collection');
  const embedded = await run.embeddings(collection, { onBad: 'skip', onProgress, onNote });
  const { skipped, dim, metric, curvature } = embedded;
  if (skipped.length > 0)
    notes.push(
      `Left out, since they cannot be read: ${counted(skipped.length, 'image')} of ${collection.items.length}. The first: ${skipped[0].reason}`,
    );
  const bad = new Set(skipped.map(({ index }) => index));
  const usable = [...collection.items.keys()].filter((index) => !bad.has(index));
  if (usable.length === 0) throw new DataError(`No image of ${collection.source} can be read.`);
  const model = await run.model();
  const paths = wanted.map(({ path }) => path);
  const pictures = vectors ? undefined : await embedPictures(model, paths);
  const readable = wanted.filter((_, i) => pictures === undefined || pictures.embeddings[i] !== undefined);
  const asked = pictures
    ? joinValues(pictures.embeddings.filter((one) => one !== undefined))
    : await embedQueries(model, vectors!, collection.vectors!.dim);
  const found = await nearestNeighbours({
    queries: asked,
    gallery: takeRows(embedded, usable).values,
    dim,
    k: top + 1,
    metric,
    curvature,
    excludeSelf: false,
  });
  const answers = readable.map(({ path, item }, row): Answer => {
    const label = item === undefined ? null : collection.items[item].label;
    const results: FoundItem[] = [];
    for (let place = row * found.k; place < (row + 1) * found.k && results.length < top; place++) {
      const index = usable[found.indices[place]];
      if (index === item) continue;
      const other = collection.items[index];
      const correct = label === null || other.label === null ? null : label === other.label;
      results.push({ rank: results.length + 1, distance: found.distances[place], ...other, correct });
    }
    return { query: { path, id: item === undefined ? null : collection.items[item].id, label }, results };
  });
  const data = {
    source: collection.source,
    split: collection.split,
    images: collection.items.length,
  };
  const attribution = collection.dataset?.attribution ?? [];
  return { run: run.folder, data, metric, answers, notes, skipped: pictures?.skipped ?? [], attribution };
}

/** Results a row of a contact sheet has room for. */
export const SHEET_COLUMNS = 12;

/** The rows of a contact sheet: class (or name) and distance under every picture. */
export function sheetRows(answers: readonly Answer[]): ContactSheetRow[] {
  return answers.map(({ query, results }) => ({
    query: { path: query.path, caption: query.label ?? query.id ?? basename(query.path) },
    results: results.slice(0, SHEET_COLUMNS).map(({ path, label, id, distance, correct }) => ({
      path,
      caption: `${distance.toFixed(2)} ${label ?? basename(id)}`,
      ...(correct === null ? {} : { correct }),
    })),
  }));
}

/** A query's file, and its place in the collection when it is an item of it. */
function findQuery(query: string, { items }: Collection): { path: string; item?: number } {
  const file = statSync(query, { throwIfNoEntry: false });
  if (file?.isDirectory())
    throw new UsageError(`${query} is a folder. Search for an image; search in a folder with --in.`);
  if (!file) {
    const item = items.findIndex(({ id }) => id === query);
    if (item >= 0) return { path: items[item].path, item };
    const near = suggestion(query, items.length > 20_000 ? [] : items.map(({ id }) => id));
    throw new DataError(
      `There is no image file ${query}, and no item of that id in the collection.${near} An id looks like "${items[0].id}".`,
    );
  }
  const path = resolve(query);
  const item = items.findIndex((one) => one.path === path || isSameFile(one.path, file));
  return item >= 0 ? { path, item } : { path };
}

/** Whether a path, perhaps through links, leads to this very file. */
function isSameFile(path: string, { dev, ino, size }: { dev: number; ino: number; size: number }): boolean {
  const other = statSync(path, { throwIfNoEntry: false });
  return other !== undefined && other.ino === ino && other.dev === dev && other.size === size;
}
