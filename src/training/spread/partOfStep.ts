/** What one worker computes of one step: its replicas' passes, each kind in one message. */
import { joinValues } from '../../rows.js';
import type { StepPlace } from '../replicas/elsewhere.js';
import type { Passes } from '../replicas/passes.js';
import type { ForwardReply, LossReply, LossRequest } from '../replicas/replicaMessages.js';
import type { SentArray } from './messages.js';
import type { RemoteWorker } from './remoteWorker.js';

/** Heads of the replies; the arrays are in the order of the names. */
export interface ForwardHead {
  /** For each replica its microbatches: how many, and the names of what was observed in each. */
  readonly parts: readonly { readonly microbatches: number; readonly observed: readonly string[] }[];
}
/** The names of the values of each replica; its gradient comes first. */
export interface LossHead {
  readonly parts: readonly { readonly values: readonly string[] }[];
}
/** The replicas whose sums follow, each with one array for every trained one of the network. */
export interface BackwardHead {
  readonly sums: readonly number[];
}

/** Options of {@link partOfStep}. */
export interface PartOptions {
  readonly worker: RemoteWorker;
  readonly replicas: readonly number[];
  readonly at: StepPlace;
  /** Arrays of the network that are sent, by name. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Takes the sum of a replica and of those that were added to it; one array for every trained one. */
  readonly onSums: (replica: number, sums: readonly Float32Array[]) => void;
  /** Told when anything fails; once. */
  readonly onFailure: (error: Error) => void;
}

/** A worker's part of a step. */
export interface PartOfStep {
  passes(replica: number): Passes;
  /** Whether the gradients have come. */
  isWhole(): boolean;
}

/** Begins a worker's part of a step: sends the parameters. */
export function partOfStep({ worker, replicas, at, values, onSums, onFailure }: PartOptions): PartOfStep {
  let isTold = false;
  /** All replicas of the part wait for one reply. */
  const shared = <T>(reply: Promise<T>): Promise<T> => {
    reply.catch((error: Error) => {
      if (!isTold) onFailure(error);
      isTold = true;
    });
    return reply;
  };
  let isWhole = false;

  const forward = async (): Promise<ForwardReply[]> => {
    const asked = { kind: 'forward' as const, ...at, replicas, values: [...values.keys()] };
    const { head, arrays } = await worker.request(asked, [...values.values()]);
    const next = following(arrays);
    return (head as ForwardHead).parts.map(({ microbatches, observed }) => ({
      embeddings: Array.from({ length: microbatches }, next),
      observed: Array.from({ length: microbatches }, () =>
        Object.fromEntries(observed.map((name) => [name, next()])),
      ),
    }));
  };
  const loss = async ({ embeddings, labels }: LossRequest): Promise<LossReply[]> => {
    const { head, arrays } = await worker.request({ kind: 'loss', ...at }, [embeddings, labels]);
    const next = following(arrays);
    return (head as LossHead).parts.map(({ values }) => ({
      gradient: next(),
      values: Object.fromEntries(values.map((name) => [name, next()])),
    }));
  };
  const arriving = new Map<number, readonly Float32Array[]>();
  let giveAll: () => void = () => undefined;
  const allArrived = new Promise<void>((resolve) => {
    giveAll = resolve;
  });
  const backward = async (): Promise<void> => {
    await allArrived;
    const gradients = replicas.map((replica) => joinValues(arriving.get(replica)!));
    const { head, arrays } = await worker.request({ kind: 'backward' }, gradients);
    const { sums } = head as BackwardHead;
    const each = arrays.length / sums.length;
    for (const [i, replica] of sums.entries())
      onSums(replica, arrays.slice(i * each, (i + 1) * each) as Float32Array[]);
    isWhole = true;
  };

  const forwarded = shared(forward());
  let lost: Promise<LossReply[]> | undefined;
  let back: Promise<void> | undefined;
  return {
    isWhole: () => isWhole,
    passes: (replica) => {
      const place = replicas.indexOf(replica);
      return {
        forward: async () => (await forwarded)[place],
        loss: async (batch) => (await (lost ??= shared(loss(batch))))[place],
        backward(gradients) {
          arriving.set(replica, gradients);
          back ??= shared(backward());
          if (arriving.size === replicas.length) giveAll();
          return back;
        },
      };
    },
  };
}

/** Arrays one after another. */
function following(arrays: readonly SentArray[]): () => Float32Array {
  let at = 0;
  return () => arrays[at++] as Float32Array;
}
