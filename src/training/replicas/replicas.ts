/**
 * Data-parallel training on one machine: several one-thread copies of the network, each on its part of the
 * batch, which on CPUs is faster than one copy with many threads. The losses and the update of the parameters
 * are spread over the same threads.
 * The mechanism also trains batches larger than memory: a replica given several microbatches embeds them all,
 * and computes each again on the way back, so the gradient is exact (gradient caching, Gao et al. 2021).
 * Batch-norm statistics are those of a microbatch. Passes can be left to other processes; every replica has its thread here
 * all the same, which takes over what is lost there, and updates its part of the parameters.
 */

import { Worker } from 'node:worker_threads';
import { HierError } from '../../errors.js';
import type { ArraySpec } from '../../nn/index.js';
import type { Recipe } from '../../recipe/load.js';
import type { AdamWState } from '../../runs/checkpoint.js';
import { connectThread, type Thread } from '../../threads.js';
import { createAdamW, type SharedOptions, type Updates } from '../optimizer.js';
import type { Parts } from './clock.js';
import { dealOut } from './dealOut.js';
import type { Elsewhere, StepElsewhere, StepPlace } from './elsewhere.js';
import { pairsOf } from './pairs.js';
import type { Passes } from './passes.js';
import type {
  ForwardReply,
  LossReply,
  LossRequest,
  Place,
  ReplicaCalls,
  ReplicaSetup,
  ShareOfLosses,
} from './replicaMessages.js';

/** Settings of the replicas. */
export interface ReplicaOptions {
  readonly recipe: Recipe;
  /** Every array that training changes, proxies included. */
  readonly arrays: readonly ArraySpec[];
  readonly models: Omit<ReplicaSetup['models'], 'loss' | 'lossBeforeHier'>;
  /** Each replica's share of the losses. */
  readonly losses: readonly ShareOfLosses[];
  /** Threads of each. */
  readonly threads: number;
  /** Whether the network keeps freed memory for its next pass: for small microbatches. Default false. */
  readonly reuseMemory?: boolean;
  /** As in {@link ReplicaSetup}. */
  readonly profile?: string | undefined;
  /** Other processes that compute a part of each step. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** Microbatches of a replica, asked for when they are needed in this process. */
export type PartOfBatch = (replica: number) => Promise<readonly Float32Array[]>;

/** The running replicas. Owns worker threads: call `close()`. */
export class Replicas {
  /** Arrays by name, in memory that the replicas read; write them between steps only. */
  readonly values: Record<string, Float32Array> = {};
  /** AdamW's memory for the trained arrays, likewise. */
  readonly optimizer: AdamWState;
  readonly #places: Place[] = [];
  readonly #gradients: Record<string, Float32Array> = {};
  readonly #threads: readonly Thread<ReplicaCalls>[];
  readonly #elsewhere: Elsewhere | undefined;
  /** The step under way, and each replica's passes in it. */
  #step: StepElsewhere | undefined;
  #passes: readonly Passes[] = [];

  /** Starts the worker threads, one for each of `losses`. */
  constructor(options: ReplicaOptions) {
    const { recipe, arrays, models, losses, threads, reuseMemory = false, elsewhere, profile } = options;
    let size = 0;
    for (const { name, shape, trained } of arrays) {
      const length = shape.reduce((product, n) => product * n, 1);
      this.#places.push({ name, start: size, length, trained });
      size += length;
    }
    const values = new SharedArrayBuffer(size * 4);
    for (const { name, start, length } of this.#places)
      this.values[name] = new Float32Array(values, start * 4, length);
    const trained = this.#places.filter((place) => place.trained);
    this.optimizer = createAdamW(
      Object.fromEntries(trained.map(({ name }) => [name, this.values[name]])),
      (length) => new Float32Array(new SharedArrayBuffer(length * 4)),
    );
    const gradients = losses.map(() => new SharedArrayBuffer(size * 4));
    for (const { name, start, length } of trained)
      this.#gradients[name] = new Float32Array(gradients[0], start * 4, length);
    const owned = dealOut(trained, losses.length);
    this.#threads = losses.map(({ share, model: loss, beforeHier: lossBeforeHier }, index) =>
      this.#start({
        recipe,
        index,
        share,
        models: { ...models, loss, lossBeforeHier },
        places: this.#places,
        owned: owned[index],
        values,
        gradients,
        optimizer: this.optimizer,
        threads,
        reuseMemory,
        profile,
      }),
    );
    this.#elsewhere = elsewhere;
    const network = { recipe, places: this.#places, threads, reuseMemory, models, losses, gradients };
    elsewhere?.open({ ...network, values: this.values });
  }

  #start(setup: ReplicaSetup): Thread<ReplicaCalls> {
    const worker = new Worker(new URL('./replicaWorker.js', import.meta.url), { workerData: setup });
    return connectThread<ReplicaCalls>(worker, { name: `replica ${setup.index}` });
  }

  /** How many replicas run. */
  get count(): number {
    return this.#threads.length;
  }

  /** How many of them, from the first one on, this process computes in a step. */
  get here(): number {
    return this.#elsewhere?.here ?? this.count;
  }

  /** What all replicas answer, in order. A defect says which of them it is in. */
  #all<T>(call: (thread: Thread<ReplicaCalls>, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#threads.map((thread, i) => named(i, call(thread, i))));
  }

  /** What the passes of all replicas answer, in order. */
  #pass<T>(call: (passes: Passes, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#passes.map((passes, i) => named(i, call(passes, i))));
  }

  /**
   * Embeds a batch, given as microbatches in order; neighbouring ones go to one replica. Returns each
   * microbatch's embeddings and observed statistics, in order.
   * @param at which step it is of, where other processes may compute parts of it
   */
  async forward(images: readonly Float32Array[] | PartOfBatch, at?: StepPlace): Promise<ForwardReply> {
    const shares = typeof images === 'function' ? undefined : this.#shares(images);
    const partOf = typeof images === 'function' ? images : async (replica: number) => shares![replica];
    this.#step = at && this.#elsewhere?.begin(at);
    this.#passes = this.#threads.map((thread, i) => {
      const here: Passes = {
        forward: async () => thread.call('forward', await partOf(i)),
        loss: (batch) => thread.call('loss', batch),
        backward: (gradients) => thread.call('backward', gradients),
      };
      return this.#step?.passes(i, here) ?? here;
    });
    const replies = await this.#pass((passes) => passes.forward());
    return {
      embeddings: replies.flatMap((reply) => reply.embeddings),
      observed: replies.flatMap((reply) => reply.observed),
    };
  }

  /** The losses of a batch: reported values and the embeddings' gradient, summed over the shares. */
  async loss(batch: LossRequest): Promise<LossReply> {
    const replies = await (batch.isAlone
      ? this.#all((thread) => thread.call('loss', batch))
      : this.#pass((passes) => passes.loss(batch)));
    const values: Record<string, Float32Array> = {};
    for (const reply of replies)
      for (const [name, value] of Object.entries(reply.values))
        values[name] = values[name] ? sum([values[name], value]) : value;
    return { values, gradient: sum(replies.map((reply) => reply.gradient)) };
  }

  /**
   * Gradients of all trained arrays, from the last `loss` and those of the embeddings of the last `forward`,
   * microbatch by microbatch; with the squared Euclidean norm of all together. The arrays are overwritten by the
   * next `loss`.
   */
  async backward(
    arriving: readonly Float32Array[],
  ): Promise<{ gradients: Readonly<Record<string, Float32Array>>; squaredNorm: number }> {
    const parts = this.#shares(arriving);
    await this.#pass((passes, i) => passes.backward(parts[i]));
    const added = new Set(this.#step?.added().map(([, from]) => from));
    return { gradients: this.#gradients, squaredNorm: await this.#combine(false, added) };
  }

  /** Gradients of the proxies alone, from the last `loss`, where the network stays as it is: their squared Euclidean norm. */
  async proxyGradients(): Promise<number> {
    return this.#combine(true);
  }

  /** @param added replicas whose gradients have been added to those of another one already */
  async #combine(ofProxies: boolean, added: ReadonlySet<number> = new Set()): Promise<number> {
    const pairs = pairsOf(this.count).filter(([, from]) => !added.has(from));
    const norms = await this.#all((thread) => thread.call('combine', { ofProxies, pairs }));
    return norms.reduce((total, norm) => total + norm, 0);
  }

  /** One AdamW update of the arrays that `updates` names, with the gradients of the last `backward`. */
  async update(updates: Updates, options: SharedOptions): Promise<void> {
    await this.#all((thread) => thread.call('update', { updates, options: { ...options } }));
  }

  /** Embeddings in evaluation form; `batches` are spread over the replicas of this process, two at a time waiting for each. */
  async evaluate(batches: AsyncIterable<Float32Array> | Iterable<Float32Array>): Promise<Float32Array[]> {
    const results: Promise<Float32Array>[] = [];
    const count = this.here;
    for await (const images of batches) {
      const replica = results.length % count;
      results.push(named(replica, this.#threads[replica].call('evaluate', images)));
      if (results.length >= 2 * count) await results[results.length - 2 * count];
    }
    return Promise.all(results);
  }

  /** Ends the timing that `profile` began: what each replica spent its time on. */
  async timed(): Promise<Parts[]> {
    return this.#all((thread) => thread.call('timed'));
  }

  /** Equal shares of a list, one a replica, in order. */
  #shares<T>(parts: readonly T[]): T[][] {
    const size = parts.length / this.count;
    return this.#threads.map((_, i) => parts.slice(i * size, (i + 1) * size));
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    this.#elsewhere?.close();
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

/** The same answer; an error that is a defect, not meant for the user, says which replica it is from. */
async function named<T>(replica: number, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof HierError) throw cause;
    throw new Error(`replica ${replica}: ${(cause as Error).message}`, { cause });
  }
}

/** Element-wise sum of arrays of one length, in order, as a new array. */
function sum(arrays: readonly Float32Array[]): Float32Array {
  const total = arrays[0].slice();
  for (const array of arrays.slice(1)) for (let i = 0; i < total.length; i++) total[i] += array[i];
  return total;
}
