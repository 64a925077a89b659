/**
 * The workers of a training on other machines: lets them in, tries each of them with one replica whose results are known, deals
 * the replicas of every step out, and goes on without those that are lost. What a worker does is not decided here.
 */
import { hostname } from 'node:os';
import type { Channel, Meeting } from '../../fleet/channel.js';
import { describeEnvironment } from '../../runs/environment.js';
import { shownLine } from '../../shown.js';
import type { Elsewhere } from '../replicas/elsewhere.js';
import { type DataPart, type Hello, pack, type Software, unpack } from './messages.js';
import { RemoteWorker } from './remoteWorker.js';
import { SpreadTraining } from './spreadTraining.js';

/** The releases that results depend on, of this process. */
export function softwareHere(): Software {
  const { hier, onnxruntime } = describeEnvironment();
  return { hier, engine: `onnxruntime ${onnxruntime}` };
}

/** What this process is called on other machines. */
export const nameHere = (): string => `${hostname()}, process ${process.pid}`;

/** Options of {@link Workers}. */
export interface WorkersOptions {
  readonly meeting: Meeting;
  /** Told in a sentence who came, was refused or is gone. */
  readonly onNote: (note: string) => void;
}

/** The workers of a training. Call `close()`. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #software = softwareHere();
  readonly #all = new Set<RemoteWorker>();
  readonly #accepting: Promise<void>;
  #training: SpreadTraining | undefined;
  /** The last word to all, once the training has ended. */
  #farewell: object | undefined;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#accepting = this.#accept();
    this.#accepting.catch((error: Error) => options.onNote(`no further worker can come: ${error.message}`));
  }

  /** Those that compute a part of each step, or soon will. */
  get all(): readonly RemoteWorker[] {
    return [...this.#all];
  }

  /** For the training of a network over some data; one at a time. */
  training(data: DataPart): Elsewhere {
    const training = new SpreadTraining({
      data,
      workers: () => this.all,
      onNote: this.#options.onNote,
      refuse: (worker, reason) => this.#refuse(worker, reason),
      onClose: () => {
        if (this.#training === training) this.#training = undefined;
        for (const worker of this.#all) worker.state = 'idle';
      },
    });
    this.#training = training;
    return training;
  }

  /** Sends the workers home: with the work done, or to wait for it to go on. */
  async close({ isDone }: { readonly isDone: boolean }): Promise<void> {
    this.#farewell = { kind: isDone ? 'done' : 'paused' };
    await this.#options.meeting.close();
    await this.#accepting.catch(() => undefined);
    await Promise.all(this.all.map((worker) => worker.dismiss(this.#farewell!)));
    this.#all.clear();
  }

  async #accept(): Promise<void> {
    for (;;) {
      const channel = await this.#options.meeting.accept();
      if (!channel) return;
      this.#letIn(channel).catch(() => channel.close()); // gone before it has said who it is
    }
  }

  async #letIn(channel: Channel): Promise<void> {
    const { head } = unpack<Hello>(await channel.receive());
    if (this.#farewell) {
      await channel.send(pack(this.#farewell));
      return channel.close();
    }
    const name = shownLine(String(head.name));
    const reason = this.#strange(head);
    if (reason !== null) {
      this.#options.onNote(`${name} was refused as a worker: ${reason}`);
      await channel.send(pack({ kind: 'refused', reason }));
      return channel.close();
    }
    const worker = new RemoteWorker({ ...head, name }, channel, (error) => {
      this.#all.delete(worker);
      this.#options.onNote(`the worker ${name} is gone, and others do its part: ${error.message}`);
    });
    this.#all.add(worker);
    this.#training?.prepare(worker);
  }

  /** Why a worker cannot be let in; null when it can. */
  #strange({ kind, software, threads }: Hello): string | null {
    const here = this.#software;
    if (kind !== 'hello' || !(Number.isInteger(threads) && threads > 0)) return 'it did not say who it is';
    if (software.hier !== here.hier)
      return `it runs hier ${software.hier}, and the training ${here.hier}. Install the same release on both.`;
    if (software.engine !== here.engine)
      return `it computes with ${software.engine}, and the training with ${here.engine}. Install the same release on both.`;
    return null;
  }

  #refuse(worker: RemoteWorker, reason: string): void {
    if (!this.#all.delete(worker)) return;
    this.#options.onNote(`${worker.name} was refused as a worker: ${reason}`);
    worker.dismiss({ kind: 'refused', reason }).catch(() => undefined);
  }
}

/** Does the work of a run with the workers that come to `meeting`, where there is one, and sends them home at the end. */
export async function withWorkers<R extends { readonly finished: boolean }>(
  meeting: Meeting | undefined,
  onNote: (note: string) => void,
  work: (workers?: Workers) => Promise<R>,
): Promise<R> {
  if (!meeting) return work();
  const workers = new Workers({ meeting, onNote });
  let isDone = false;
  try {
    const result = await work(workers);
    isDone = result.finished;
    return result;
  } finally {
    await workers.close({ isDone });
  }
}
