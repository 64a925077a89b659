/** Whether the words that a table keeps are those of its items: what cannot be seen from what a search finds. It reads everything. */
import { crc32 } from 'node:zlib';
import { inPieces } from '../../turns.js';
import type { Store } from '../store.js';
import { type ItemWords, wordsOf } from './itemWords.js';

/** Whether all items, and no others, have the words that their facts have. Rejects as reading the table does. */
export async function wordsAreRight(store: Pick<Store, 'manifest' | 'scan' | 'words'>): Promise<boolean> {
  async function* derived() {
    for await (const batch of store.scan())
      yield batch.map((item) => ({ id: item.id, words: wordsOf(item, store.manifest) }));
  }
  return (await sumOf(store.words(null))) === (await sumOf(derived()));
}

/** A sum over items in whatever order, modulo 2^32. */
async function sumOf(batches: AsyncIterable<readonly ItemWords[]>): Promise<number> {
  const pause = inPieces('scan');
  let sum = 0;
  for await (const batch of batches) {
    for (const { id, words } of batch) sum = (sum + crc32(`${id}\n${words}`)) >>> 0;
    await pause();
  }
  return sum;
}
