/**
 * A table that stays open for long, such as that of a service. What others write is noticed by the engines themselves; columns that
 * others add are noticed here: the table is then opened anew beside the one that is open, and takes its place once it is ready. What
 * is under way goes on with the former one, which is closed after it.
 */
import type { Manifest } from '../store/manifest.js';
import type { Store } from '../store/store.js';
import { openTable, type TableOptions } from './open.js';

/** How a table is followed. */
export interface FollowOptions extends TableOptions {
  /** Milliseconds after which it is looked whether columns have come, when something is asked. Default 1,000. */
  readonly every?: number;
}

/** A table that is open, and what is under way with it. */
interface Opened {
  readonly store: Store;
  running: number;
  /** Ends once nothing is under way any more; set when another has taken its place. */
  onIdle?: () => void;
}

const METHODS = [
  ...['write', 'remove', 'count', 'hashes', 'get', 'vector', 'search', 'warm', 'list', 'maintain', 'index'],
  ...['latest', 'file', 'setFile'],
] as const;

/** Opens a table whose manifest follows that which it has. Throws as `openTable`. */
export async function followTable(
  name: string,
  { every = 1000, ...options }: FollowOptions = {},
): Promise<Store> {
  let current: Opened = { store: await openTable(name, options), running: 0 };
  let generation = 0;
  let isWarm = false;
  let isClosed = false;
  let looked = performance.now();
  let looking: Promise<void> | null = null;
  const retired = new Set<Promise<unknown>>();

  const retire = (former: Opened) => {
    const idle = new Promise<void>((resolve) => {
      former.onIdle = resolve;
      if (former.running === 0) resolve();
    });
    const closed = idle.then(() => former.store.close()).catch(() => undefined);
    retired.add(closed);
    void closed.then(() => retired.delete(closed));
  };
  const look = async () => {
    if (isSame(await current.store.latest(), current.store.manifest)) return;
    const next: Opened = { store: await openTable(name, options), running: 0 };
    try {
      if (isWarm) await next.store.warm();
    } catch (error) {
      await next.store.close();
      throw error;
    }
    const former = current;
    current = next;
    generation++;
    retire(former);
  };
  const take = (): Opened => {
    if (!isClosed && looking === null && performance.now() - looked >= every) {
      looking = look()
        .catch(() => undefined) // what fails is said by what was asked
        .finally(() => {
          looked = performance.now();
          looking = null;
        });
    }
    current.running++;
    return current;
  };
  const release = (opened: Opened) => {
    if (--opened.running === 0) opened.onIdle?.();
  };
  const doing = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const opened = take();
    try {
      return await work(opened.store);
    } finally {
      release(opened);
    }
  };
  async function* reading<T>(batches: (store: Store) => AsyncIterable<T>): AsyncGenerator<T> {
    const opened = take();
    try {
      yield* batches(opened.store);
    } finally {
      release(opened);
    }
  }
  const methods = Object.fromEntries(
    METHODS.map((method) => [
      method,
      (...given: never[]) =>
        doing((store) => (store[method as keyof Store] as (...given: never[]) => Promise<unknown>)(...given)),
    ]),
  ) as unknown as Store;
  return {
    ...methods,
    engine: current.store.engine,
    get manifest() {
      return current.store.manifest;
    },
    async warm() {
      isWarm = true;
      await doing((store) => store.warm());
    },
    scan: (how) => reading((store) => store.scan(how)),
    words: (asked, filter) => reading((store) => store.words(asked, filter)),
    async version() {
      // What was made of the items without the new columns is not what is there now.
      const version = await doing((store) => store.version());
      return generation === 0 ? version : `${version}-${generation}`;
    },
    async close() {
      isClosed = true;
      await looking;
      await Promise.all([...retired, current.store.close()]);
    },
  };
}

const isSame = (a: Manifest, b: Manifest) =>
  JSON.stringify([a.metadata, a.types]) === JSON.stringify([b.metadata, b.types]);
