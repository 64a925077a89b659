/**
 * One replica of the network in a worker thread. It runs forward and backward passes over its part of a batch,
 * and its share of the losses. Parameters come from memory shared with the trainer; gradients are added up in
 * memory of its own that the trainer reads. See `replicas.ts` for the other side.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Model, openSession, type Session, type TensorData, type Values } from '../graph/index.js';
import type { Share } from '../losses/mining.js';
import { stepRandomness } from './lossGraph.js';
import type { Recipe } from './recipe.js';
import type { Place } from './replicas.js';

/** What a replica is started with. */
export interface ReplicaSetup {
  readonly recipe: Recipe;
  readonly share: Share;
  readonly models: {
    readonly forward: Model;
    readonly backward: Model;
    readonly evaluate: Model;
    readonly loss: Model;
  };
  readonly places: readonly Place[];
  readonly values: SharedArrayBuffer;
  readonly gradients: SharedArrayBuffer;
  readonly threads: number;
}

/** What a replica is asked for. Each request gets one reply of the same id. */
export type ReplicaRequest =
  /** Embed microbatches with batch statistics and remember them for the way back. */
  | { readonly kind: 'forward'; readonly images: readonly Float32Array[] }
  /** This replica's share of the losses of the whole batch. Starts the sums of gradients at 0. */
  | {
      readonly kind: 'loss';
      readonly embeddings: Float32Array;
      readonly labels: Int32Array;
      readonly epoch: number;
      readonly step: number;
    }
  /** Gradients of the microbatches' embeddings, in the order of `forward`. */
  | { readonly kind: 'backward'; readonly gradients: readonly Float32Array[] }
  /** Embed for evaluation. */
  | { readonly kind: 'evaluate'; readonly images: Float32Array };

/** Embeddings of the microbatches and their observed statistics. */
export interface ForwardReply {
  readonly embeddings: Float32Array[];
  readonly observed: Record<string, Float32Array>[];
}

/** Scalars and usage of a share of the losses, and its part of the embeddings' gradient `[B, d]`. */
export interface LossReply {
  readonly values: Record<string, Float32Array>;
  readonly gradient: Float32Array;
}

const { recipe, share, models, places, values, gradients, threads } = workerData as ReplicaSetup;
const shared = new Float32Array(values);
const total = new Float32Array(gradients);
const randomness = stepRandomness(recipe, share);

/** The engine refuses shared memory, so each pass starts with a copy of the parameters. */
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

/** Outputs whose names start with `prefix`, without it. The arrays are the engine's own. */
function outputsOf(outputs: Values, prefix: string): [string, Float32Array][] {
  return Object.entries(outputs)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, values]) => [name.slice(prefix.length), values as Float32Array]);
}

/** Adds the gradients among a model's outputs to the sums. */
function addGradients(outputs: Values): void {
  for (const { name, start, length } of places) {
    const grad = outputs[`gradient/${name}`] as Float32Array | undefined;
    if (grad) for (let k = 0; k < length; k++) total[start + k] += grad[k];
  }
}

/** Microbatches on their way: with what the backward pass needs, or with the images to compute it again. */
let pending: { images: Float32Array; kept?: Values }[] = [];

async function forward(batches: readonly Float32Array[]): Promise<ForwardReply> {
  refresh();
  pending = [];
  const reply: ForwardReply = { embeddings: [], observed: [] };
  for (const images of batches) {
    const outputs = await run('forward', { images });
    reply.embeddings.push(Float32Array.from(outputs.embeddings as Float32Array));
    const observed = outputsOf(outputs, 'observed/').map(([name, x]) => [name, Float32Array.from(x)]);
    reply.observed.push(Object.fromEntries(observed));
    // One microbatch keeps its activations; of several only one's may fit, so they are computed again.
    pending.push(batches.length === 1 ? { images, kept: keptOf(outputs) } : { images });
  }
  return reply;
}

const keptOf = (outputs: Values): Values =>
  Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith('kept/')));

async function loss({
  embeddings,
  labels,
  epoch,
  step,
}: Extract<ReplicaRequest, { kind: 'loss' }>): Promise<LossReply> {
  total.fill(0);
  if (Object.keys(models.loss.outputs).length === 0)
    return { values: {}, gradient: new Float32Array(embeddings.length) };
  const outputs = await run('loss', { embeddings, labels, ...randomness(epoch, step) });
  addGradients(outputs);
  const scalars = Object.entries(outputs).filter(([name]) => !name.startsWith('gradient/'));
  return {
    values: Object.fromEntries(scalars.map(([name, x]) => [name, Float32Array.from(x as Float32Array)])),
    gradient: Float32Array.from(outputs['gradient/embeddings'] as Float32Array),
  };
}

async function backward(arriving: readonly Float32Array[]): Promise<void> {
  for (const [i, { images, kept }] of pending.entries()) {
    const values = kept ?? keptOf(await run('forward', { images }));
    addGradients(await run('backward', { images, ...values, embeddings_gradient: arriving[i] }));
  }
  pending = [];
}

async function handle(request: ReplicaRequest): Promise<unknown> {
  switch (request.kind) {
    case 'forward':
      return forward(request.images);
    case 'loss':
      return loss(request);
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
