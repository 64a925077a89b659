/**
 * The thread that builds an HNSW graph: adding rows takes all processors for seconds at a time, during which the thread
 * that calls the library can do nothing else. Only types are imported from it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HierError } from '../../errors.js';
import { serveThread } from '../../threads.js';
import { loadUsearch, newGraph } from './usearch.js';

/** What the thread can do; each throws HierError with what the library says. */
export interface HnswCalls {
  begin(): void;
  load(path: string): void;
  save(path: string): void;
  /** Links rows `[N, width]` in. */
  add(given: { readonly ids: BigUint64Array; readonly rows: Float32Array }): void;
  remove(ids: BigUint64Array): void;
}

/** The same function, whose errors are the library's word for the user. */
function told<P extends readonly unknown[]>(work: (...given: P) => unknown): (...given: P) => void {
  return (...given) => {
    try {
      work(...given);
    } catch (cause) {
      throw new HierError((cause as Error).message, { cause });
    }
  };
}

serveThread<HnswCalls>(parentPort, async () => {
  const usearch = await loadUsearch();
  const empty = () => newGraph(usearch, (workerData as { width: number }).width);
  let graph = empty();
  return {
    begin: told(() => {
      graph = empty();
    }),
    load: told((path: string) => (graph = empty()).load(path)),
    save: told((path: string) => graph.save(path)),
    remove: told((ids: BigUint64Array) => graph.remove(ids)),
    // One row after another, which the library's types do not say.
    add: told(({ ids, rows }: { ids: BigUint64Array; rows: Float32Array }) => graph.add(ids, rows as never)),
  };
});
