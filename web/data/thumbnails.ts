/** Addresses of thumbnails. Items may lack one: an address that gave no picture is not asked for again. */
import type { Source } from './collection.js';

const failed = new Set<string>();

/** Address of an item's thumbnail; null when it has none, as far as is known. */
export function thumbnailAddress(source: Pick<Source, 'thumbnail'>, item: number): string | null {
  const address = source.thumbnail(item);
  return address === null || failed.has(address) ? null : address;
}

/** Notes that an address gave no picture. */
export function thumbnailFailed(address: string): void {
  failed.add(address);
}
