/**
 * The replicas that a worker computes for a training on another machine: a thread for each, fed with rows that are loaded here and
 * with parameters that have arrived. How they are asked for is not decided here.
 */
import { Worker } from 'node:worker_threads';
import type { Model } from '../../graph/index.js';
import { connectThread, type Thread } from '../../threads.js';
import type { StepPlace } from '../replicas/elsewhere.js';
import { pairsWithin } from '../replicas/pairs.js';
import type {
  ForwardReply,
  LossReply,
  LossRequest,
  ReplicaCalls,
  ReplicaSetup,
} from '../replicas/replicaMessages.js';
import type { NetworkPart } from './messages.js';
import type { WorkerInputs } from './workerInputs.js';

/** A replica of this process. */
interface Replica {
  readonly thread: Thread<ReplicaCalls>;
  readonly sums: SharedArrayBuffer;
}

/** Options of {@link WorkerReplicas}. */
export interface WorkerReplicasOptions extends NetworkPart {
  /** Forward, backward, evaluation, then the losses of each share. */
  readonly models: readonly Model[];
  readonly inputs: WorkerInputs;
  readonly stepsPerEpoch: number;
}

/** The replicas of one network. Owns threads and the inputs: call `close()`. */
export class WorkerReplicas {
  readonly #options: WorkerReplicasOptions;
  readonly #values: SharedArrayBuffer;
  readonly #replicas = new Map<number, Replica>();
  /** Rows in the making, by step and replica. */
  readonly #rows = new Map<string, Promise<Float32Array>>();
  /** Those of the step under way. */
  #dealt: readonly number[] = [];

  constructor(options: WorkerReplicasOptions) {
    this.#options = options;
    this.#values = new SharedArrayBuffer(
      4 * options.places.reduce((end, place) => Math.max(end, place.start + place.length), 0),
    );
  }

  /** Embeds this worker's parts of a batch, with parameters of which some have arrived anew. */
  async forward(
    at: StepPlace,
    replicas: readonly number[],
    values: ReadonlyMap<string, Float32Array>,
  ): Promise<ForwardReply[]> {
    const all = new Float32Array(this.#values);
    for (const { name, start } of this.#options.places) {
      const arrived = values.get(name);
      if (arrived) all.set(arrived, start);
    }
    this.#dealt = replicas;
    for (const [replica, { thread }] of this.#replicas)
      if (!replicas.includes(replica)) {
        this.#replicas.delete(replica);
        thread.terminate().catch(() => undefined);
      }
    for (const replica of replicas) if (!this.#replicas.has(replica)) this.#start(replica);
    const rows = replicas.map((replica) => this.#rowsOf(at, replica));
    this.#rows.clear();
    await Promise.all(rows);
    const next = this.#after(at);
    for (const replica of replicas) this.#rowsOf(next, replica).catch(() => undefined); // told when they are asked for
    return Promise.all(
      replicas.map(async (replica, i) =>
        this.#thread(replica).call('forward', this.#microbatches(await rows[i])),
      ),
    );
  }

  /** This worker's shares of the losses. */
  loss(batch: LossRequest): Promise<LossReply[]> {
    return Promise.all(this.#dealt.map((replica) => this.#thread(replica).call('loss', batch)));
  }

  /**
   * Gradients of the trained arrays, given those of each replica's embeddings: sums over neighbours where all that belongs to
   * such a sum is here, by the first of them; they are overwritten by the next step.
   */
  async backward(gradients: readonly Float32Array[]): Promise<Map<number, Float32Array[]>> {
    const { places, shares } = this.#options;
    await Promise.all(
      this.#dealt.map((replica, i) =>
        this.#thread(replica).call('backward', this.#microbatches(gradients[i])),
      ),
    );
    const sums = new Map(
      this.#dealt.map((replica) => [replica, new Float32Array(this.#replicas.get(replica)!.sums)]),
    );
    for (const [into, from] of pairsWithin(shares.length, this.#dealt)) {
      const [to, other] = [sums.get(into)!, sums.get(from)!];
      for (let i = 0; i < to.length; i++) to[i] += other[i];
      sums.delete(from);
    }
    const trained = places.filter((place) => place.trained);
    return new Map(
      [...sums].map(([replica, whole]) => [
        replica,
        trained.map(({ start, length }) => whole.subarray(start, start + length)),
      ]),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      this.#options.inputs.close(),
      ...[...this.#replicas.values()].map(({ thread }) => thread.terminate()),
    ]);
  }

  #thread(replica: number): Thread<ReplicaCalls> {
    return this.#replicas.get(replica)!.thread;
  }

  #start(index: number): void {
    const { recipe, places, shares, threads, reuseMemory, models } = this.#options;
    const [forward, backward, evaluate, ...losses] = models;
    const each = losses.length / shares.length;
    const sums = new SharedArrayBuffer(this.#values.byteLength);
    const setup: ReplicaSetup = {
      ...{ recipe, index, places, threads, reuseMemory, values: this.#values },
      share: shares[index],
      models: {
        ...{ forward, backward, evaluate, loss: losses[index * each] },
        lossBeforeHier: each > 1 ? losses[index * each + 1] : undefined,
      },
      // The parameters are updated where the training is.
      owned: [],
      optimizer: { step: 0, mean: {}, variance: {} },
      gradients: shares.map((_, replica) => (replica === index ? sums : new SharedArrayBuffer(0))),
    };
    const worker = new Worker(new URL('../replicas/replicaWorker.js', import.meta.url), {
      workerData: setup,
    });
    const thread = connectThread<ReplicaCalls>(worker, { name: `replica ${index}` });
    this.#replicas.set(index, { thread, sums });
  }

  #rowsOf({ epoch, step }: StepPlace, replica: number): Promise<Float32Array> {
    const key = `${epoch}/${step}/${replica}`;
    const known = this.#rows.get(key);
    if (known) return known;
    const { recipe, shares, inputs } = this.#options;
    const size = recipe.batch.size / shares.length;
    const rows = inputs.load(epoch, step, replica * size, (replica + 1) * size);
    this.#rows.set(key, rows);
    return rows;
  }

  #after({ epoch, step }: StepPlace): StepPlace {
    return step + 1 < this.#options.stepsPerEpoch ? { epoch, step: step + 1 } : { epoch: epoch + 1, step: 0 };
  }

  /** A replica's rows, or its embeddings' gradients, microbatch by microbatch. */
  #microbatches(values: Float32Array): Float32Array[] {
    const { recipe, shares } = this.#options;
    const { microbatch } = recipe.engine;
    const count = microbatch ? recipe.batch.size / shares.length / microbatch : 1;
    const length = values.length / count;
    return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length));
  }
}
