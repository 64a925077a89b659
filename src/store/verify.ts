/**
 * How good and how fast a table is searched: recall@10 of the search as everybody gets it against the exact one,
 * on items of the table as queries, and queries a second of one caller who waits for each answer, of a table kept
 * in memory as a server keeps it.
 */
import { randomStream } from '../random.js';
import type { Store } from './store.js';

/** Outcome of {@link verifyStore}. */
export interface Verification {
  /** Rows of the table. */
  readonly rows: number;
  /** Mean share of the ten nearest that the search finds, 0 to 1; NaN for a table without rows. */
  readonly recallAt10: number;
  /** Searches a second, one after the other; NaN for a table without rows. */
  readonly qps: number;
  /** Queries measured. */
  readonly queries: number;
}

/** How to measure. */
export interface VerifyOptions {
  /** Most queries. Default 200. */
  readonly queries?: number;
  /** Chooses the queries. Default 0. */
  readonly seed?: number;
  /** Called after every query with how many are measured. */
  readonly onProgress?: (done: number, total: number) => void;
}

const K = 10;

/** Measures a table. A query's own item counts as its nearest in both searches. */
export async function verifyStore(
  store: Store,
  { queries = 200, seed = 0, onProgress }: VerifyOptions = {},
): Promise<Verification> {
  const rows = await store.count();
  const vectors = await sample(store, Math.min(queries, rows), seed);
  const found: string[][] = [];
  await store.warm();
  for (const vector of vectors.slice(0, 10)) await store.search(vector, { k: K });
  const started = performance.now();
  for (const vector of vectors) found.push((await store.search(vector, { k: K })).map(({ id }) => id));
  const seconds = (performance.now() - started) / 1000;
  let sum = 0;
  for (const [i, vector] of vectors.entries()) {
    const exact = (await store.search(vector, { k: K, exact: true })).map(({ id }) => id);
    const right = new Set(exact);
    sum += found[i].filter((id) => right.has(id)).length / exact.length;
    onProgress?.(i + 1, vectors.length);
  }
  return { rows, recallAt10: sum / vectors.length, qps: vectors.length / seconds, queries: vectors.length };
}

/** Vectors of items drawn without replacement by reservoir sampling. */
async function sample(store: Store, count: number, seed: number): Promise<Float32Array[]> {
  const random = randomStream(seed, 'verify a table');
  const ids: string[] = [];
  let seen = 0;
  for await (const batch of store.scan())
    for (const { id } of batch) {
      seen++;
      if (ids.length < count) ids.push(id);
      else {
        const place = random.integer(seen);
        if (place < count) ids[place] = id;
      }
    }
  return (await store.get(ids)).map(({ vector }) => vector);
}
