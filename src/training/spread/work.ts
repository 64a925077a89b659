/**
 * The work of a worker: says who it is, and answers what the training on the other side of a channel asks, until that has no more
 * to do. How the two found each other is not decided here.
 */

import { HierError, UsageError } from '../../errors.js';
import { type Channel, LostError } from '../../fleet/channel.js';
import type { Recipe } from '../../recipe/load.js';
import type { ForwardReply, LossReply } from '../replicas/replicaMessages.js';
import {
  type DataPart,
  type Farewell,
  type Hello,
  type Message,
  pack,
  type Request,
  type SentArray,
  unpack,
  unpackModels,
} from './messages.js';
import type { BackwardHead, ForwardHead, LossHead } from './partOfStep.js';
import type { WorkerInputs } from './workerInputs.js';
import { WorkerReplicas } from './workerReplicas.js';
import { nameHere, softwareHere } from './workers.js';

/** Options of {@link workOn}. */
export interface WorkOnOptions {
  readonly channel: Channel;
  /** Replicas that are computed here at a time. */
  readonly threads: number;
  /** Opens the data of a training. */
  readonly openInputs: (recipe: Recipe, data: DataPart) => Promise<WorkerInputs>;
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Leaves the training, which goes on without it. */
  readonly signal?: AbortSignal;
  /** What the training is told of this process; for tests. */
  readonly hello?: Partial<Hello>;
}

/** What happens to a worker. */
export type WorkerEvent =
  | { readonly kind: 'began'; readonly recipe: string; readonly data: string }
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly replicas: readonly number[];
    };

/** How the work ended: the training is finished, or stopped for now, or gone, or this worker left it. */
export type WorkEnd = 'done' | 'paused' | 'gone' | 'left';

interface Answer {
  readonly head: unknown;
  readonly arrays?: readonly SentArray[];
}

/**
 * Works for a training until its end. Closes the channel.
 * @throws UsageError with the reason when the training refuses this worker; or what has hindered it here
 */
export async function workOn({
  channel,
  threads,
  openInputs,
  onEvent = () => undefined,
  signal,
  hello,
}: WorkOnOptions): Promise<WorkEnd> {
  let replicas: WorkerReplicas | undefined;
  /** Why the training sends this worker away, when that is for what has happened here. */
  let fault: Error | undefined;
  const there = () => {
    if (!replicas) throw new HierError('This worker was asked for a step before it was told of the network.');
    return replicas;
  };

  const answer = async ({ head, arrays }: Message<Request>): Promise<Answer> => {
    if (head.kind === 'begin') {
      const { network, data, models } = head;
      await replicas?.close();
      replicas = undefined;
      const inputs = await openInputs(network.recipe, data);
      const { stepsPerEpoch } = data;
      replicas = new WorkerReplicas({
        ...network,
        models: unpackModels(models, arrays),
        inputs,
        stepsPerEpoch,
      });
      onEvent({ kind: 'began', recipe: network.recipe.name, data: data.name });
      return { head: {} };
    }
    if (head.kind === 'forward') {
      const { epoch, step, replicas: dealt, values } = head;
      const named = new Map(values.map((name, i) => [name, arrays[i] as Float32Array]));
      const parts = await there().forward({ epoch, step }, dealt, named);
      onEvent({ kind: 'step', epoch, step, replicas: dealt });
      return forwardAnswer(parts);
    }
    if (head.kind === 'loss') {
      const [embeddings, labels] = arrays as [Float32Array, Int32Array];
      const { epoch, step } = head;
      return lossAnswer(await there().loss({ embeddings, labels, epoch, step }));
    }
    const sums = await there().backward(arrays as Float32Array[]);
    return { head: { sums: [...sums.keys()] } satisfies BackwardHead, arrays: [...sums.values()].flat() };
  };

  const leave = () => void channel.close();
  signal?.addEventListener('abort', leave);
  if (signal?.aborted) leave();
  try {
    const me: Hello = { kind: 'hello', name: nameHere(), software: softwareHere(), threads, ...hello };
    await channel.send(pack(me));
    for (;;) {
      const message = unpack<(Request & { readonly id: number }) | Farewell>(await channel.receive());
      const { head } = message;
      if (head.kind === 'refused')
        throw fault ?? new UsageError(`The training refuses this worker: ${head.reason}`);
      if (head.kind === 'done' || head.kind === 'paused') return head.kind;
      const { id } = head;
      let reply: Answer & { readonly error?: string };
      try {
        reply = await answer(message as Message<Request>);
      } catch (error) {
        fault = error as Error;
        reply = { head: undefined, error: fault.message };
      }
      const { head: said, arrays, error } = reply;
      // Who has ended meanwhile may have said farewell before, which is read next.
      await channel.send(pack({ id, answer: said, error }, arrays)).catch((lost: unknown) => {
        if (!(lost instanceof LostError)) throw lost;
      });
    }
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    return signal?.aborted ? 'left' : 'gone';
  } finally {
    signal?.removeEventListener('abort', leave);
    await Promise.allSettled([replicas?.close(), channel.close()]);
  }
}

function forwardAnswer(parts: readonly ForwardReply[]): Answer {
  const head: ForwardHead = {
    parts: parts.map(({ embeddings, observed }) => ({
      microbatches: embeddings.length,
      observed: Object.keys(observed[0] ?? {}),
    })),
  };
  const arrays = parts.flatMap(({ embeddings, observed }) => [
    ...embeddings,
    ...observed.flatMap((one) => Object.values(one)),
  ]);
  return { head, arrays };
}

function lossAnswer(parts: readonly LossReply[]): Answer {
  const head: LossHead = { parts: parts.map(({ values }) => ({ values: Object.keys(values) })) };
  return { head, arrays: parts.flatMap(({ gradient, values }) => [gradient, ...Object.values(values)]) };
}
