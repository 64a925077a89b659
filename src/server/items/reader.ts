/**
 * Items by id, fetched together: what is asked for while the store is busy with others goes to it in one question, so that
 * a thousand thumbnails are a few questions and not a thousand.
 */
import type { Item, Store } from '../../store/store.js';
import { nextTurn } from '../../turns.js';

/** Most items of one question: they are answered in one go, and whatever else is asked waits for that. */
const MOST = 16;

/** What gives the item of an id; undefined when there is none. */
export function itemReader(store: Pick<Store, 'get'>): (id: string) => Promise<Item | undefined> {
  interface Asked {
    readonly id: string;
    readonly resolve: (item: Item | undefined) => void;
    readonly reject: (error: unknown) => void;
  }
  const asked: Asked[] = [];
  let isBusy = false;
  const work = async () => {
    isBusy = true;
    while (asked.length > 0) {
      const together = asked.splice(0, MOST);
      try {
        const items = await store.get([...new Set(together.map(({ id }) => id))]);
        const byId = new Map(items.map((item) => [item.id, item]));
        for (const { id, resolve } of together) resolve(byId.get(id));
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
      if (asked.length > 0) await nextTurn('items');
    }
    isBusy = false;
  };
  return (id) =>
    new Promise((resolve, reject) => {
      asked.push({ id, resolve, reject });
      if (!isBusy) void work();
    });
}
