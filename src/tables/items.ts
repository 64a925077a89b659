/** Items on their way into a table: what they hang from, when they have changed, and their pictures. */
import { readFile } from '../disk/index.js';
import type { ItemDescription } from '../items/describe.js';
import { readItemPlaces, withPlaces } from '../items/itemPlaces.js';
import { hashOfParts } from '../store/indexItems.js';
import type { Item } from '../store/store.js';
import { makeThumbnail } from '../store/thumbnail.js';
import type { PlannedItem } from './source.js';
import type { TableTree } from './tree.js';

/** Items with their nodes and places, in the order of their rows. */
export function plannedItems(
  items: readonly ItemDescription[],
  { nodes, tree }: { readonly nodes?: string | undefined; readonly tree: TableTree | undefined },
): PlannedItem[] {
  const hung = tree
    ? items.map((item) => ({
        ...item,
        node: item.node ?? tree.leaves.get(item.id) ?? tree.leaves.get(item.label ?? '') ?? null,
      }))
    : items;
  const told = nodes === undefined ? hung : withPlaces(hung, readItemPlaces(nodes));
  return told.map((item, row) => ({ ...item, hash: '', row }));
}

/** An item that is ready to be written. */
export function itemOf(
  { row: _, ...facts }: PlannedItem,
  vector: Float32Array,
  thumbnail: Uint8Array | null,
): Item {
  return { ...facts, vector, thumbnail };
}

/** Hash of an item: of what its vector and thumbnail are made from, and of its facts. */
export function hashOf(item: ItemDescription, content: string): string {
  return `${content}.${factsHash(item)}`;
}

/** Hash of the facts of an item. */
export function factsHash({ path, label, node, place, metadata }: ItemDescription): string {
  return hashOfParts(JSON.stringify([path, label, node, place?.map(Math.fround), metadata]));
}

/** A thumbnail of an image file; null for none, and where there is no such file. */
export async function thumbnailOf(path: string, side: number): Promise<Uint8Array | null> {
  if (side === 0) return null;
  const bytes = await bytesOf(path);
  return bytes && makeThumbnail(bytes, side);
}

/** A file whole; null where there is none. */
export function bytesOf(path: string): Promise<Buffer | null> {
  return readFile(path).catch(() => null);
}
