/**
 * Data-parallel training on one machine: several one-thread copies of the network, each on its part of the
 * batch, which on CPUs is faster than one copy with many threads. The same mechanism trains batches larger than
 * memory: a replica given several microbatches embeds them all, and computes each again on the way back, so the
 * gradient is exact (gradient caching, Gao et al. 2021). Batch-norm statistics are those of a microbatch.
 */
import { Worker } from 'node:worker_threads';
import type { ArraySpec } from '../nn/index.js';
import type { ForwardReply, ReplicaRequest, ReplicaSetup } from './replicaWorker.js';

/** Where an array lies in the shared values. */
export interface Place {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly trained: boolean;
}

/** Settings of the replicas. */
export interface ReplicaOptions {
  readonly arrays: readonly ArraySpec[];
  readonly models: ReplicaSetup['models'];
  readonly count: number;
  /** Threads of each. */
  readonly threads: number;
}

/** The running replicas. Owns worker threads: call `close()`. */
export class Replicas {
  /** Arrays by name, in memory that the replicas read; write them between steps only. */
  readonly values: Record<string, Float32Array> = {};
  private readonly places: Place[] = [];
  private readonly gradients: Float32Array[] = [];
  private readonly workers: Worker[] = [];
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  private nextId = 0;

  /** Starts the worker threads. */
  constructor({ arrays, models, count, threads }: ReplicaOptions) {
    let start = 0;
    for (const { name, shape, trained } of arrays) {
      const length = shape.reduce((product, n) => product * n, 1);
      this.places.push({ name, start, length, trained });
      start += length;
    }
    const values = new SharedArrayBuffer(start * 4);
    for (const { name, start, length } of this.places)
      this.values[name] = new Float32Array(values, start * 4, length);
    for (let i = 0; i < count; i++) {
      const gradients = new SharedArrayBuffer(start * 4);
      this.gradients.push(new Float32Array(gradients));
      const setup: ReplicaSetup = {
        models,
        places: this.places,
        values,
        gradients,
        threads,
      };
      const worker = new Worker(new URL('./replicaWorker.js', import.meta.url), { workerData: setup });
      worker.on('message', ({ id, value, error }: { id: number; value: unknown; error?: string }) => {
        const call = this.waiting.get(id)!;
        this.waiting.delete(id);
        if (error === undefined) call.resolve(value);
        else call.reject(new Error(`replica ${i}: ${error}`));
      });
      worker.on('error', (error) => {
        for (const call of this.waiting.values()) call.reject(error);
        this.waiting.clear();
      });
      this.workers.push(worker);
    }
  }

  /** How many replicas run. */
  get count(): number {
    return this.workers.length;
  }

  private ask<T>(replica: number, request: ReplicaRequest): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.workers[replica].postMessage({ id, request });
    });
  }

  /**
   * Embeds a batch, given as microbatches in order; neighbouring ones go to one replica. Returns each
   * microbatch's embeddings and observed statistics, in order.
   */
  async forward(images: readonly Float32Array[]): Promise<ForwardReply> {
    const replies = await Promise.all(
      this.shares(images).map((part, i) => this.ask<ForwardReply>(i, { kind: 'forward', images: part })),
    );
    return {
      embeddings: replies.flatMap((reply) => reply.embeddings),
      observed: replies.flatMap((reply) => reply.observed),
    };
  }

  /** Gradients of all trained arrays, from those of the embeddings of the last `forward`, microbatch by microbatch. */
  async backward(arriving: readonly Float32Array[]): Promise<Record<string, Float32Array>> {
    await Promise.all(
      this.shares(arriving).map((part, i) => this.ask(i, { kind: 'backward', gradients: part })),
    );
    const sums: Record<string, Float32Array> = {};
    for (const { name, start, length, trained } of this.places) {
      if (!trained) continue;
      const sum = Float32Array.from(this.gradients[0].subarray(start, start + length));
      for (const other of this.gradients.slice(1))
        for (let k = 0; k < length; k++) sum[k] += other[start + k];
      sums[name] = sum;
    }
    return sums;
  }

  /** Embeddings in evaluation form; `batches` are spread over the replicas. */
  async evaluate(batches: AsyncIterable<Float32Array> | Iterable<Float32Array>): Promise<Float32Array[]> {
    const results: Promise<Float32Array>[] = [];
    let next = 0;
    for await (const images of batches) {
      results.push(this.ask<Float32Array>(next++ % this.count, { kind: 'evaluate', images }));
      if (results.length >= 2 * this.count) await results[results.length - 2 * this.count];
    }
    return Promise.all(results);
  }

  /** Equal shares of a list, one a replica, in order. */
  private shares<T>(parts: readonly T[]): T[][] {
    const size = parts.length / this.count;
    return this.workers.map((_, i) => parts.slice(i * size, (i + 1) * size));
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
