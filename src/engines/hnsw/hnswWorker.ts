/**
 * The thread that builds an HNSW graph: adding rows takes all processors for seconds at a time, during which the thread
 * that calls the library can do nothing else. Only types are imported from it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { libraryFaults } from '../../store/boundary.js';
import { serveThread } from '../../threads.js';
import { loadUsearch, newGraph } from './usearch.js';

/** What the thread is given when it starts. */
export interface HnswThreadData {
  /** Numbers of a row. */
  readonly width: number;
  /** Folder of the graph, for what messages call it. */
  readonly folder: string;
}

/** What the thread can do; each throws errors for users. */
export interface HnswCalls {
  begin(): void;
  load(path: string): void;
  save(path: string): void;
  /** Links rows `[N, width]` in. */
  add(given: { readonly ids: BigUint64Array; readonly rows: Float32Array }): void;
  remove(ids: BigUint64Array): void;
}

const { width, folder } = workerData as HnswThreadData;
const faults = libraryFaults({ engine: 'The package usearch', table: folder });

/** The same function, whose errors are for users. */
function told<P extends readonly unknown[]>(work: (...given: P) => unknown): (...given: P) => void {
  return (...given) => {
    try {
      work(...given);
    } catch (cause) {
      throw faults(cause, 'write');
    }
  };
}

serveThread<HnswCalls>(parentPort, async () => {
  const usearch = await loadUsearch();
  const empty = () => newGraph(usearch, width);
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
