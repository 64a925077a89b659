/**
 * The thread that builds an HNSW graph: adding rows takes all processors for seconds at a time, during
 * which the thread that calls the library can do nothing else. It does what it is sent, one message after another, and
 * answers each.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadUsearch, newGraph } from './usearch.js';

/** What the thread can do; answered by {@link HnswReply}. */
export type HnswRequest =
  | { readonly kind: 'begin' }
  | { readonly kind: 'load'; readonly path: string }
  | { readonly kind: 'save'; readonly path: string }
  | { readonly kind: 'add'; readonly ids: BigUint64Array; readonly rows: Float32Array }
  | { readonly kind: 'remove'; readonly ids: BigUint64Array };

/** `error` says why it did not work. */
export interface HnswReply {
  readonly error?: string;
}

const usearch = await loadUsearch();
const empty = () => newGraph(usearch, (workerData as { width: number }).width);
let graph = empty();

function perform(request: HnswRequest): void {
  if (request.kind === 'begin') graph = empty();
  else if (request.kind === 'load') (graph = empty()).load(request.path);
  else if (request.kind === 'save') graph.save(request.path);
  else if (request.kind === 'remove') graph.remove(request.ids);
  else graph.add(request.ids, request.rows as never); // one row after another, which its types do not say
}

parentPort!.on('message', (request: HnswRequest) => {
  const reply: { error?: string } = {};
  try {
    perform(request);
  } catch (error) {
    reply.error = (error as Error).message;
  }
  parentPort!.postMessage(reply satisfies HnswReply);
});
