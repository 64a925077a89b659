/**
 * One replica of the embedding network in a worker thread: it runs forward and backward passes over its part of
 * a batch. Parameters come from memory shared with the trainer, gradients are added up in memory of its own
 * that the trainer reads. See `replicas.ts` for the other side.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Model, openSession, type Session, type TensorData, type Values } from '../graph/index.js';
import type { Place } from './replicas.js';

/** What a replica is started with. */
export interface ReplicaSetup {
  readonly models: { readonly forward: Model; readonly backward: Model; readonly evaluate: Model };
  readonly places: readonly Place[];
  readonly values: SharedArrayBuffer;
  readonly gradients: SharedArrayBuffer;
  readonly threads: number;
}

/** What a replica is asked for. Each request gets one reply of the same id. */
export type ReplicaRequest =
  /** Embed microbatches with batch statistics and remember them for the way back. */
  | { readonly kind: 'forward'; readonly images: readonly Float32Array[] }
  /** Gradients of the microbatches' embeddings, in the same order. */
  | { readonly kind: 'backward'; readonly gradients: readonly Float32Array[] }
  /** Embed for evaluation. */
  | { readonly kind: 'evaluate'; readonly images: Float32Array };

/** Embeddings of the microbatches and their observed statistics. */
export interface ForwardReply {
  readonly embeddings: Float32Array[];
  readonly observed: Record<string, Float32Array>[];
}

const { models, places, values, gradients, threads } = workerData as ReplicaSetup;
const shared = new Float32Array(values);
const total = new Float32Array(gradients);
const trained = places.filter((place) => place.trained);

/** The engine refuses shared memory, so each request starts with a copy of the parameters. */
const local: Record<string, Float32Array> = {};
function refresh(): void {
  for (const { name, start, length } of places) {
    local[name] ??= new Float32Array(length);
    local[name].set(shared.subarray(start, start + length));
  }
}

const sessions: Partial<Record<keyof typeof models, Session>> = {};
async function run(name: keyof typeof models, feeds: Record<string, TensorData>): Promise<Values> {
  sessions[name] ??= await openSession(models[name], { threads });
  return sessions[name].run({ ...local, ...feeds });
}

/** Microbatches on their way: with what the backward pass needs, or with the images to compute it again. */
let pending: { images: Float32Array; kept?: Values }[] = [];

async function forward(batches: readonly Float32Array[]): Promise<ForwardReply> {
  refresh();
  pending = [];
  const reply: ForwardReply = { embeddings: [], observed: [] };
  for (const images of batches) {
    const { embeddings, ...rest } = await run('forward', { images });
    const named = (prefix: string) => Object.entries(rest).filter(([name]) => name.startsWith(prefix));
    reply.embeddings.push(Float32Array.from(embeddings as Float32Array));
    reply.observed.push(
      Object.fromEntries(
        named('observed/').map(([name, x]) => [
          name.slice('observed/'.length),
          Float32Array.from(x as Float32Array),
        ]),
      ),
    );
    // One microbatch keeps its activations; with several only one's fit, so they are computed again.
    pending.push(batches.length === 1 ? { images, kept: Object.fromEntries(named('kept/')) } : { images });
  }
  return reply;
}

async function backward(arriving: readonly Float32Array[]): Promise<void> {
  total.fill(0);
  for (const [i, { images, kept }] of pending.entries()) {
    const values = kept ?? (await run('forward', { images }));
    const grads = await run('backward', { images, ...values, embeddings_gradient: arriving[i] });
    for (const { name, start, length } of trained) {
      const grad = grads[`gradient/${name}`] as Float32Array;
      for (let k = 0; k < length; k++) total[start + k] += grad[k];
    }
  }
  pending = [];
}

async function handle(request: ReplicaRequest): Promise<unknown> {
  switch (request.kind) {
    case 'forward':
      return forward(request.images);
    case 'backward':
      return backward(request.gradients);
    case 'evaluate':
      refresh();
      return Float32Array.from(
        (await run('evaluate', { images: request.images })).embeddings as Float32Array,
      );
  }
}

parentPort!.on('message', async ({ id, request }: { id: number; request: ReplicaRequest }) => {
  try {
    parentPort!.postMessage({ id, value: await handle(request) });
  } catch (error) {
    parentPort!.postMessage({ id, error: (error as Error).message });
  }
});
