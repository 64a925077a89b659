/** Search in a table by image, by id, by vector or by text: what `hier search --table` does. */

import { statSync } from '../disk/index.js';
import { openTable } from '../engines/open.js';
import { DataError, UsageError } from '../errors.js';
import { readVectors } from '../io/vectors.js';
import { type EmbeddedPictures, embedPictures, type UnreadPicture } from '../model/embedPictures.js';
import { openModelFiles } from '../model/trained.js';
import type { Metric } from '../retrieval/index.js';
import type { Rows } from '../rows.js';
import { indexDamage } from '../store/indexDamage.js';
import { answerText, ask, type Group, groupHits, type Question, treeOf, whyNone } from '../store/query.js';
import { similarityAt, similarityOf } from '../store/similarity.js';
import type { Hit, Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import type { NothingFound } from '../store/text/nothingFound.js';
import type { TextHit } from '../store/text/searchText.js';
import type { NodeTree } from '../store/tree.js';
import { hasModel, openTableModel, type TableModelChoice, tableModelFiles, tableModelInfo } from './model.js';

/** Options of {@link searchTable}. */
export interface SearchTableOptions extends Omit<Question, 'query'>, TableModelChoice {
  readonly table: string;
  /** Image files, or ids of items. */
  readonly queries?: readonly string[];
  /**
   * A file of vectors, each row a query: points as they are in the table, or where its network takes feature vectors of
   * this length, such vectors.
   */
  readonly vectors?: string;
  /** The tensor or column of that file which holds them. Default: the one called `embeddings`, else the only one. */
  readonly features?: string;
  /** Gather results under the nodes of the tree. */
  readonly group?: boolean;
}

/** A query of a table and what was found, nearest first. */
export interface TableAnswer {
  readonly query: {
    /** The item asked for; null for images and vectors. */
    readonly id: string | null;
    /** The image asked for. */
    readonly path: string | null;
    /** The row of the file of vectors. */
    readonly row: number | null;
  };
  readonly results: readonly Hit[];
  /** The same results gathered by the tree, when asked for. */
  readonly groups?: readonly Group[];
}

/** Outcome of {@link searchTable}. */
export interface TableSearchResult {
  readonly table: string;
  readonly rows: number;
  readonly metric: Metric;
  /** Whether there were conditions: a filter, or a part of the tree. */
  readonly filtered: boolean;
  /** From where on nothing is similar enough: as learned or given, and whether results beyond it were left out; null for none. */
  readonly cutoff: {
    readonly similarity: number;
    /** Share of items whose class is not there, that pass it all the same; null for a given one. */
    readonly falseAccepts: number | null;
    /** Share of items that have another of their class within it; null for a given one. */
    readonly trueAccepts: number | null;
    readonly applied: boolean;
  } | null;
  /** What a reader should know, such as that the tree of the table is damaged. */
  readonly notes: readonly string[];
  readonly answers: readonly TableAnswer[];
  /** Images that could not be read. */
  readonly skipped: readonly UnreadPicture[];
  /** What was found by text, where that was all that was asked: the best first. */
  readonly found?: readonly TextHit[];
  /** How many items have all words, where words were all that was asked for. */
  readonly total?: number;
  /** Why no item has all words that were asked for; only where none has. */
  readonly nothing?: NothingFound;
}

/**
 * Answers all queries. What is the name of a file is taken as an image, anything else as an id.
 * Images that cannot be read are left out and told.
 * @throws UsageError without a query, and for images where the table has no network; DataError for an unknown id,
 * where none of the images can be read, or for vectors of another dimension
 */
export async function searchTable({
  table,
  queries = [],
  vectors,
  features,
  model,
  modelOutput,
  group = false,
  ...how
}: SearchTableOptions): Promise<TableSearchResult> {
  const isByText = queries.length === 0 && vectors === undefined;
  if (isByText && how.text === undefined)
    throw new UsageError(
      'Nothing to search for: give an image, an id, vectors with --vectors, or words with --text.',
    );
  if (isByText && (group || how.cutoff !== undefined))
    throw new UsageError(
      '--group and --cutoff are for results with a distance: give an image, an id or vectors beside --text.',
    );
  const choice = { model, modelOutput };
  const store = await openTable(table);
  try {
    const notes: string[] = [];
    const tree = await treeIfSound(store, group || how.within !== undefined, (note) => notes.push(note));
    const asked: { query: TableAnswer['query']; question: Question['query'] }[] = [];
    const images = queries.filter(isFile);
    const { embeddings, skipped } = await embedAll(table, images, store, choice);
    for (const word of queries) {
      const place = images.indexOf(word);
      if (place < 0) asked.push({ query: { id: word, path: null, row: null }, question: { id: word } });
      const vector = embeddings[place];
      if (vector) asked.push({ query: { id: null, path: word, row: null }, question: { vector } });
    }
    if (vectors !== undefined) {
      const { values, dim } = await pointsIn(vectors, { name: features, table, store, choice });
      for (let row = 0; row < values.length / dim; row++)
        asked.push({
          query: { id: null, path: null, row },
          question: { vector: values.slice(row * dim, (row + 1) * dim) },
        });
    }
    const { text } = how;
    const byText = isByText ? await answerText(store, tree, { ...how, text: text! }) : undefined;
    const answers: TableAnswer[] = [];
    for (const { query, question } of asked) {
      const results = await ask(store, tree, { query: question, ...how });
      if (results === null)
        throw new DataError(
          `The table has no item "${query.id}", and ${whatIsThere(query.id)}. Give an id as the results show it, or the path of an image.`,
        );
      answers.push({ query, results, ...(group ? { groups: groupHits(results, tree) } : {}) });
    }
    const hasNone = text !== undefined && answers.some(({ results }) => results.length === 0);
    const nothing = hasNone ? await whyNone(store, tree, { ...how, text }) : byText?.nothing;
    const damage = indexDamage(await store.index(), shownTable(table));
    if (damage !== null) notes.push(damage);
    return {
      table: shownTable(table),
      rows: await store.count(),
      metric: store.manifest.space.metric,
      cutoff: await cutoffFor(store, how.cutoff),
      filtered:
        how.within !== undefined || how.text !== undefined || Object.keys(how.filter ?? {}).length > 0,
      notes,
      answers,
      skipped,
      ...(byText ? { found: byText.results, total: byText.total } : {}),
      ...(nothing ? { nothing } : {}),
    };
  } finally {
    await store.close();
  }
}

async function cutoffFor(
  store: Store,
  asked: Question['cutoff'] = false,
): Promise<TableSearchResult['cutoff']> {
  if (typeof asked === 'number')
    return { similarity: asked, falseAccepts: null, trueAccepts: null, applied: true };
  const similarity = await similarityOf(store);
  if (!similarity.cutoff) return null;
  const { distance, falseAccepts, trueAccepts } = similarity.cutoff;
  return { similarity: similarityAt(distance, similarity), falseAccepts, trueAccepts, applied: asked };
}

/** The tree of a table. One that is damaged is told of, and only fails what cannot do without. */
async function treeIfSound(
  store: Store,
  isNeeded: boolean,
  onNote: (note: string) => void,
): Promise<NodeTree | null> {
  try {
    return await treeOf(store);
  } catch (error) {
    if (isNeeded || !(error instanceof DataError)) throw error;
    onNote(`The search goes on without the tree. ${error.message}`);
    return null;
  }
}

async function embedAll(
  table: string,
  images: readonly string[],
  store: Store,
  choice: TableModelChoice,
): Promise<EmbeddedPictures> {
  if (images.length === 0) return { embeddings: [], skipped: [] };
  const model = await openTableModel(table, store, choice);
  if (!model)
    throw new UsageError(
      `${images[0]} is an image, but the vectors of the table ${shownTable(table)} came from a file: search by id or by vector.`,
    );
  try {
    return await embedPictures(model, images);
  } finally {
    await model.close();
  }
}

/** The rows of a file as points of the table. */
async function pointsIn(
  file: string,
  {
    name,
    table,
    store,
    choice,
  }: {
    readonly name: string | undefined;
    readonly table: string;
    readonly store: Store;
    readonly choice: TableModelChoice;
  },
): Promise<Rows> {
  const rows = await readVectors(file, { name, advice: 'choose one with --features' });
  if (choice.model === undefined && !(await hasModel(store))) return rows;
  const files = await tableModelFiles(table, store, choice);
  if (!files || tableModelInfo(files).vectors !== rows.dim) return rows;
  const model = await openModelFiles(files, files.from, files.advice);
  try {
    return { values: await model.embedVectors(rows), dim: model.info.embeddingSize };
  } finally {
    await model.close();
  }
}

/** What there is by the name of a query that is not an item, as a part of a sentence. */
function whatIsThere(word: string | null): string {
  const stats = word === null ? undefined : statSync(word, { throwIfNoEntry: false });
  if (!stats) return 'there is no image file of that name';
  return stats.isDirectory()
    ? 'a folder of that name is not an image'
    : 'what is there by that name is not a plain file';
}

function isFile(word: string): boolean {
  return statSync(word, { throwIfNoEntry: false })?.isFile() ?? false;
}
