/**
 * What a table knows already of images that are to be indexed: their embeddings, as long as image and network are the same to the
 * byte. So a changed price embeds nothing, and a new product one image, for the tree as for the rows.
 */
import type { Collection } from '../runs/collection.js';
import { contentOf, hashOfParts } from '../store/indexItems.js';
import { limitTo } from '../store/limit.js';
import type { Store } from '../store/store.js';
import { bytesOf } from './items.js';
import { FILES_AT_ONCE } from './source.js';

/** Rows that are asked for at a time. */
const AT_ONCE = 1024;

/** Hashes of the images of a collection by row, and of all that makes vectors and thumbnails of them; each file is read once. */
export function contentsOf(
  { items }: Collection,
  { hash, thumbnail }: { readonly hash: string; readonly thumbnail: number },
): (row: number) => Promise<string> {
  const limited = limitTo(FILES_AT_ONCE);
  const known = new Map<number, Promise<string>>();
  return (row) => {
    const made =
      known.get(row) ??
      limited(async () => {
        const bytes = await bytesOf(items[row].path);
        return hashOfParts(hash, bytes ?? 'missing', String(thumbnail));
      });
    known.set(row, made);
    return made;
  };
}

/** What is known of a collection. */
export interface KnownVectors {
  /** Vectors by row, of those that are known. */
  readonly vectors: ReadonlyMap<number, Float32Array>;
  /** Whether all of the table is known, with the classes that it has, and the table holds nothing else. */
  readonly isAll: boolean;
}

/** The vectors that a table has of a collection; undefined without a table. */
export async function knownVectors(
  { items }: Collection,
  {
    store,
    contents,
  }: { readonly store: Store | undefined; readonly contents: (row: number) => Promise<string> },
): Promise<KnownVectors | undefined> {
  if (!store) return undefined;
  const vectors = new Map<number, Float32Array>();
  let sameClass = 0;
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    const stored = new Map((await store.get(some.map(({ id }) => id))).map((item) => [item.id, item]));
    await Promise.all(
      some.map(async ({ id, label }, i) => {
        const item = stored.get(id);
        if (!item || contentOf(item.hash) !== (await contents(from + i))) return;
        vectors.set(from + i, item.vector);
        if (item.label === label && item.node !== null) sameClass++;
      }),
    );
  }
  return { vectors, isAll: sameClass === items.length && (await store.count()) === items.length };
}
