/**
 * Brings a table up to date with a list of items: what is new is added, what has changed is replaced, what is the
 * same costs a comparison of hashes. Items are written batch by batch, so what a killed run has written stays and
 * is not made again. How vectors are made is the caller's business.
 */
import { createHash } from 'node:crypto';
import { DataError } from '../errors.js';
import type { Item, ItemFacts, Store } from './store.js';

/** Options of {@link indexItems}. */
export interface IndexOptions<P extends ItemFacts> {
  /** All items that should be there, before their vectors are made; `hash` stands for all that an item depends on. */
  readonly items: readonly P[];
  /** The table; null while there is none. */
  readonly store: Store | null;
  /** Makes the table when there is none, to fit the first items. Not called without items. */
  readonly create: (first: readonly Item[]) => Promise<Store>;
  /** Adds vectors and thumbnails; items that it leaves out are not written. */
  readonly make: (batch: readonly P[]) => Promise<readonly Item[]>;
  /**
   * Hash of an item, looked up just before it is needed. Default: the one it has. Of the form CONTENT.FACTS (see
   * `contentOf`), an item whose facts alone have changed keeps its vector and thumbnail.
   */
  readonly hashOf?: (item: P) => Promise<string>;
  /**
   * The item as it is to be written where one of its id is in the table: with what is known of it and its source does not
   * speak of, and the hash that fits. Default: as it is.
   */
  readonly merge?: (item: P, known: ItemFacts) => P;
  /** Items a batch. Default 1024. */
  readonly batch?: number;
  /** Nobody else writes to the table, so new items need no comparison by id. Default false. */
  readonly alone?: boolean;
  /** Remove items that are not listed. Default false. */
  readonly prune?: boolean;
  /** Called after every batch with how many items are dealt with. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops after the batch in hand. */
  readonly signal?: AbortSignal;
}

/** What has been done. */
export interface IndexCounts {
  readonly added: number;
  readonly replaced: number;
  readonly unchanged: number;
  /** Items whose vector could not be made. */
  readonly skipped: number;
  readonly removed: number;
}

/**
 * Writes what is new or changed. The table, `null` when nothing could be written, belongs to the caller.
 * @throws DataError when an id is listed twice
 */
export async function indexItems<P extends ItemFacts>({
  items,
  store,
  create,
  make,
  hashOf = async ({ hash }) => hash,
  merge = (item) => item,
  batch = 1024,
  alone = false,
  prune = false,
  onProgress,
  signal,
}: IndexOptions<P>): Promise<{ store: Store | null; counts: IndexCounts }> {
  const listed = new Set<string>();
  for (const { id } of items) {
    if (listed.has(id))
      throw new DataError(`The id "${id}" is listed twice. Give every item an id of its own.`);
    listed.add(id);
  }
  const wasEmpty = store === null || (await store.count()) === 0;
  const counts = { added: 0, replaced: 0, unchanged: 0, skipped: 0, removed: 0 };
  for (let start = 0; start < items.length && !signal?.aborted; start += batch) {
    const planned = items.slice(start, start + batch);
    const hashes = await Promise.all(planned.map(hashOf));
    const hashed = planned.map((item, i): P => ({ ...item, hash: hashes[i] }));
    const known =
      wasEmpty || !store ? new Map<string, string>() : await store.hashes(planned.map(({ id }) => id));
    const differ = hashed.filter(({ id, hash }) => known.get(id) !== hash);
    const stored = await storedOf(differ, known, store);
    const due = differ
      .map((item) => (stored.has(item.id) ? merge(item, stored.get(item.id)!) : item))
      .filter(({ id, hash }) => known.get(id) !== hash);
    const { items: made, left } = due.length > 0 ? await remade(due, stored, make) : { items: [], left: [] };
    if (made.length > 0) {
      store ??= await create(made);
      const isNew = ({ id }: Item) => !known.has(id);
      const added = made.filter(isNew);
      await store.write(added, { allNew: alone });
      await store.write(made.filter((item) => !isNew(item)));
      counts.added += added.length;
      counts.replaced += made.length - added.length;
    }
    if (left.length > 0) await store?.write(left);
    counts.unchanged += planned.length - due.length;
    counts.skipped += due.length - made.length;
    onProgress?.(Math.min(items.length, start + batch), items.length);
  }
  if (prune && store && !signal?.aborted) counts.removed = await removeOthers(store, listed);
  return { store, counts };
}

/** What the table holds of some items that differ, by id; only of those that it knows. */
async function storedOf(
  items: readonly ItemFacts[],
  known: ReadonlyMap<string, string>,
  store: Store | null,
): Promise<ReadonlyMap<string, Item>> {
  const ids = items.map(({ id }) => id).filter((id) => known.has(id));
  if (!store || ids.length === 0) return new Map();
  return new Map((await store.get(ids)).map((item) => [item.id, item]));
}

/**
 * Items with their vectors and thumbnails: those that are stored where they are still right, else new ones. Of items that
 * could not be made, and are stored, `left` has what else has changed; their content stays due.
 */
async function remade<P extends ItemFacts>(
  due: readonly P[],
  stored: ReadonlyMap<string, Item>,
  make: IndexOptions<P>['make'],
): Promise<{ readonly items: Item[]; readonly left: Item[] }> {
  const kept: Item[] = [];
  const rest: P[] = [];
  for (const item of due) {
    const before = stored.get(item.id);
    const content = contentOf(item.hash);
    if (before && content !== null && contentOf(before.hash) === content) kept.push(asStored(item, before));
    else rest.push(item);
  }
  const fresh = rest.length > 0 ? await make(rest) : [];
  const made = new Set(fresh.map(({ id }) => id));
  const left = rest.flatMap((item) => {
    const before = stored.get(item.id);
    const content = before && contentOf(before.hash);
    if (made.has(item.id) || !before || content === null) return [];
    const hash = `${content}${item.hash.slice(item.hash.indexOf('.'))}`;
    return item.hash.includes('.') && hash !== before.hash ? [asStored({ ...item, hash }, before)] : [];
  });
  return { items: [...kept, ...fresh], left };
}

/** Facts with the vector and the thumbnail that are stored. */
function asStored(facts: ItemFacts, { vector, thumbnail }: Item): Item {
  const { id, path, label, node, place, metadata, hash } = facts;
  return { id, path, label, node, place, metadata, hash, vector, thumbnail };
}

/** The part of a hash CONTENT.FACTS that stands for what the vector and the thumbnail are made from; null without. */
export function contentOf(hash: string): string | null {
  const dot = hash.indexOf('.');
  return dot < 0 ? null : hash.slice(0, dot);
}

/** Removes items that are not listed. */
async function removeOthers(store: Store, listed: ReadonlySet<string>): Promise<number> {
  const gone: string[] = [];
  for await (const batch of store.scan()) for (const { id } of batch) if (!listed.has(id)) gone.push(id);
  return gone.length > 0 ? store.remove(gone) : 0;
}

/** SHA-256 of parts that an item depends on, in hexadecimal; the parts cannot run into one another. */
export function hashOfParts(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
}
