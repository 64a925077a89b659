/**
 * The training of one network with workers on other machines: who has which replicas in a step, and which arrays travel. Workers
 * are let in and sent away by others.
 */
import { LostError } from '../../fleet/channel.js';
import type { Elsewhere, Network, StepElsewhere, StepPlace } from '../replicas/elsewhere.js';
import { type Pair, pairsWithin } from '../replicas/pairs.js';
import { onTrial, type Passes, withFallback } from '../replicas/passes.js';
import { dealReplicas } from './deal.js';
import { type DataPart, packModels, type Request, type SentArray } from './messages.js';
import { type PartOfStep, partOfStep } from './partOfStep.js';
import type { RemoteWorker } from './remoteWorker.js';
import { absolutePaths } from './workerInputs.js';

/** The replica that a worker is tried with: this process always computes it. */
const TRIED = 0;

/** Options of {@link SpreadTraining}. */
export interface SpreadTrainingOptions {
  readonly data: DataPart;
  /** Those that are there now, in the order in which they came. */
  readonly workers: () => readonly RemoteWorker[];
  readonly onNote: (note: string) => void;
  /** Sends a worker away. */
  readonly refuse: (worker: RemoteWorker, reason: string) => void;
  readonly onClose: () => void;
}

/** A network in training. */
export class SpreadTraining implements Elsewhere {
  readonly #options: SpreadTrainingOptions;
  #network: Network | undefined;
  /** What a worker is told of the network and the data, once. */
  #beginning: { readonly asked: Request; readonly arrays: readonly SentArray[] } | undefined;
  /** Names of the arrays that passes take, and of those among them that change from step to step. */
  #used: readonly string[] = [];
  #changing: readonly string[] = [];

  constructor(options: SpreadTrainingOptions) {
    this.#options = options;
  }

  open(network: Network): void {
    const { recipe, places, threads, reuseMemory, models, losses } = network;
    const { forward, backward, evaluate } = models;
    const ofLosses = losses.flatMap(({ model, beforeHier }) => (beforeHier ? [model, beforeHier] : [model]));
    const { packed, arrays } = packModels([forward, backward, evaluate, ...ofLosses]);
    const shares = losses.map(({ share }) => share);
    this.#network = network;
    this.#beginning = {
      asked: {
        kind: 'begin',
        network: { recipe: absolutePaths(recipe), places, shares, threads, reuseMemory },
        data: this.#options.data,
        models: packed,
      },
      arrays,
    };
    const taken = new Set([forward, backward, ...ofLosses].flatMap(({ inputs }) => Object.keys(inputs)));
    const observed = new Set(Object.keys(forward.outputs).map((name) => name.replace(/^observed\//, '')));
    const used = places.filter(({ name }) => taken.has(name));
    this.#used = used.map(({ name }) => name);
    this.#changing = used
      .filter(({ name, trained }) => trained || observed.has(name))
      .map(({ name }) => name);
    for (const worker of this.#options.workers()) this.prepare(worker);
  }

  /** Has a worker open its data and the network. */
  prepare(worker: RemoteWorker): void {
    const beginning = this.#beginning;
    if (!beginning || worker.state !== 'idle') return;
    worker.state = 'preparing';
    worker.request(beginning.asked, beginning.arrays).then(
      () => {
        // By then another network may be trained.
        if (this.#beginning === beginning && worker.state === 'preparing') worker.state = 'ready';
      },
      (error: Error) => this.#refuse(worker, error),
    );
  }

  get here(): number {
    return this.#dealt()[0].length;
  }

  begin(at: StepPlace): StepElsewhere {
    const { gradients, places } = this.#network!;
    const [, ...dealt] = this.#dealt();
    const parts = new Map<RemoteWorker, { replicas: readonly number[]; part: PartOfStep }>();
    const trained = places.filter((place) => place.trained);
    const sumsOf = (replica: number) =>
      trained.map(({ start, length }) => new Float32Array(gradients[replica], start * 4, length));
    for (const [i, worker] of this.#working().entries())
      if (dealt[i].length > 0)
        parts.set(worker, {
          replicas: dealt[i],
          part: partOfStep({
            ...{ worker, replicas: dealt[i], at, values: this.#values(this.#changing) },
            onSums: (replica, sums) => {
              for (const [k, into] of sumsOf(replica).entries()) into.set(sums[k]);
            },
            onFailure: (error) => this.#refuse(worker, error),
          }),
        });
    const trials = this.#options
      .workers()
      .filter(({ state }) => state === 'ready')
      .map((worker) => this.#trial(worker, at, () => sumsOf(TRIED)));
    const everywhere = [...parts.values()];
    return {
      passes(replica, here) {
        const found = everywhere.find(({ replicas }) => replicas.includes(replica));
        if (found) return withFallback(found.part.passes(replica), here);
        return replica === TRIED ? trials.reduce((passes, tried) => tried(passes), here) : here;
      },
      added: (): readonly Pair[] =>
        everywhere
          .filter(({ part }) => part.isWhole())
          .flatMap(({ replicas }) => pairsWithin(gradients.length, replicas)),
    };
  }

  close(): void {
    this.#beginning = undefined;
    this.#options.onClose();
  }

  /** A worker's first step: what it computes is thrown away when it is the same as here. */
  #trial(worker: RemoteWorker, at: StepPlace, sumsHere: () => Float32Array[]): (here: Passes) => Passes {
    worker.state = 'on trial';
    let sums: readonly Float32Array[] = [];
    const copies = [...this.#values(this.#used)].map(([name, values]) => [name, values.slice()] as const);
    const part = partOfStep({
      ...{ worker, replicas: [TRIED], at, values: new Map(copies) }, // nothing waits for it, and parameters change
      onSums: (_, found) => {
        sums = found;
      },
      onFailure: (error) => this.#refuse(worker, error),
    });
    const onVerdict = (difference: string | null) => {
      if (worker.state !== 'on trial') return;
      if (difference !== null)
        this.#options.refuse(
          worker,
          `it computes other ${difference} than this machine, from the same data with the same network. Processors of different kinds round differently; take machines of one kind.`,
        );
      else {
        worker.state = 'working';
        this.#options.onNote(`${worker.name} computes a part of each step from now on`);
        this.#tellOfIdle();
      }
    };
    return (here) => onTrial(here, part.passes(TRIED), { sumsHere, sumsElsewhere: () => sums, onVerdict });
  }

  /** A worker that is gone is told of elsewhere; one that cannot do its part is sent away. */
  #refuse(worker: RemoteWorker, error: Error): void {
    if (!(error instanceof LostError)) this.#options.refuse(worker, error.message);
  }

  #working(): RemoteWorker[] {
    return this.#options.workers().filter(({ state }) => state === 'working');
  }

  #dealt(): number[][] {
    const { recipe, gradients } = this.#network!;
    const threads = [recipe.engine.threads, ...this.#working().map((worker) => worker.threads)];
    return dealReplicas(gradients.length, threads);
  }

  /** Says when there is less to deal out than could be done. */
  #tellOfIdle(): void {
    const { gradients, recipe } = this.#network!;
    const threads = this.#working().reduce((sum, worker) => sum + worker.threads, recipe.engine.threads);
    if (threads > gradients.length)
      this.#options.onNote(
        `${threads} processors have ${gradients.length} replicas between them, so some are idle: a run with engine.replicas=${threads} would use all`,
      );
  }

  #values(names: readonly string[]): ReadonlyMap<string, Float32Array> {
    const { values } = this.#network!;
    return new Map(names.map((name) => [name, values[name]]));
  }
}
