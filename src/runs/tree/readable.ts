/**
 * The images of a collection that can be read, with their embeddings at hand: of somebody's own pictures one that is damaged costs
 * itself alone. What is told of the others is decided elsewhere.
 */
import { DataError } from '../../errors.js';
import type { UnreadPicture } from '../../model/embedPictures.js';
import { takeRows } from '../../rows.js';
import { counted } from '../../shown.js';
import type { Collection } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { EmbeddedCollection, Run } from '../run.js';

/** What can be read of a collection. */
export interface Readable {
  /** The run, with the embeddings of that collection at hand. */
  readonly run: Run;
  readonly collection: Collection;
  /** Rows of the whole collection that are in it. */
  readonly rows: readonly number[];
}

/** What a reader is told of pictures that were left out; undefined where there are none. */
export function leftOutNote(skipped: readonly UnreadPicture[], source: string): string | undefined {
  if (skipped.length === 0) return undefined;
  return `${counted(skipped.length, 'image')} of ${source} could not be read, and ${skipped.length === 1 ? 'is' : 'are'} left out; the first: ${skipped[0].reason}`;
}

/** The items that were embedded, as a collection of their own; the whole one where none was skipped. */
export function readableOf(run: Run, collection: Collection, embedded: EmbeddedCollection): Readable {
  const { skipped, ...points } = embedded;
  const bad = new Set(skipped.map(({ index }) => index));
  const rows = [...collection.items.keys()].filter((row) => !bad.has(row));
  const { queries, vectors, ...rest } = collection;
  const places = new Map(rows.map((row, place) => [row, place]));
  const some: Collection = {
    ...rest,
    items: rows.map((row) => collection.items[row]),
    ...(queries ? { queries: queries.flatMap((row) => places.get(row) ?? []) } : {}),
    ...(vectors ? { vectors: takeRows(vectors, rows) } : {}),
  };
  const readable = bad.size > 0 ? some : collection;
  const { values } = takeRows(points, rows);
  const embeddings: Run['embeddings'] = async (wanted, how) =>
    wanted === readable ? { ...points, values, skipped: [] } : run.embeddings(wanted, how);
  return {
    run: Object.create(run, { embeddings: { value: embeddings } }) as Run,
    collection: readable,
    rows,
  };
}

/** A picture that was left out, with its row in the whole collection. */
export interface UnreadItem extends UnreadPicture {
  readonly index: number;
}

/**
 * Embeds a collection of images and keeps to those that can be read; `skipped` are the others, by their rows in the whole collection.
 * @throws DataError where none can be read
 */
export async function embedReadable(
  run: Run,
  collection: Collection,
  {
    progress,
    onNote,
  }: { readonly progress?: ProgressReporter | undefined; readonly onNote: (note: string) => void },
): Promise<Readable & { readonly skipped: readonly UnreadItem[] }> {
  const onProgress = progress?.(`embedding with ${run.folder}`);
  const embedded = await run.embeddings(collection, {
    ...{ onBad: 'skip', onNote },
    ...(onProgress ? { onProgress } : {}),
  });
  const { skipped } = embedded;
  if (skipped.length > 0 && skipped.length === collection.items.length)
    throw new DataError(
      `${collection.source}: none of ${counted(skipped.length, 'image')} can be read. The first: ${skipped[0].reason}`,
    );
  return {
    ...readableOf(run, collection, embedded),
    skipped: skipped.map(({ index, reason }) => ({ index, path: collection.items[index].path, reason })),
  };
}
