/**
 * The passes of one replica through a step, wherever it is computed: what is computed elsewhere and does not arrive is computed
 * here, and what comes from elsewhere for the first time is held against what is computed here. Every bit counts.
 */
import type { ForwardReply, LossReply, LossRequest } from './replicaMessages.js';

/** One replica in one step. */
export interface Passes {
  forward(): Promise<ForwardReply>;
  loss(batch: LossRequest): Promise<LossReply>;
  /** Adds up its gradients, given those of its microbatches' embeddings. */
  backward(gradients: readonly Float32Array[]): Promise<void>;
}

/** Computes elsewhere; from where that fails on, all of the step is done here, what was done before too. */
export function withFallback(elsewhere: Passes, here: Passes): Passes {
  const made: ((passes: Passes) => Promise<unknown>)[] = [];
  let isHere = false;
  const pass = async <T>(call: (passes: Passes) => Promise<T>): Promise<T> => {
    if (!isHere)
      try {
        const answer = await call(elsewhere);
        made.push(call);
        return answer;
      } catch {
        isHere = true; // why is told by who looks after the other process
        for (const earlier of made) await earlier(here);
      }
    return call(here);
  };
  return {
    forward: () => pass((passes) => passes.forward()),
    loss: (batch) => pass((passes) => passes.loss(batch)),
    backward: (gradients) => pass((passes) => passes.backward(gradients)),
  };
}

/** Options of {@link onTrial}. */
export interface Trial {
  /** The gradients that a replica here has added up. */
  readonly sumsHere: () => readonly Float32Array[];
  /** Those that have come from elsewhere. */
  readonly sumsElsewhere: () => readonly Float32Array[];
  /** Told at the end in what the two differ; null where every bit is the same. Not told when elsewhere has failed. */
  readonly onVerdict: (difference: string | null) => void;
}

/** Computes here what counts, and elsewhere beside it, which nothing waits for. */
export function onTrial(
  here: Passes,
  elsewhere: Passes,
  { sumsHere, sumsElsewhere, onVerdict }: Trial,
): Passes {
  let trial: Promise<void> = Promise.resolve();
  let verdict: string | null = null;
  const beside = <T>(what: string, mine: Promise<T>, theirs: () => Promise<T>): Promise<T> => {
    trial = trial.then(async () => {
      const [a, b] = await Promise.all([mine, theirs()]);
      if (!sameBits(a, b)) verdict ??= what;
    });
    trial.catch(() => undefined);
    return mine;
  };
  return {
    forward: () => beside('embeddings', here.forward(), () => elsewhere.forward()),
    loss: (batch) => beside('losses', here.loss(batch), () => elsewhere.loss(batch)),
    backward(gradients) {
      // The sums here are added to those of others afterwards, so they are copied now.
      const mine = here.backward(gradients).then(() => sumsHere().map((sums) => sums.slice()));
      const theirs = () => elsewhere.backward(gradients).then(sumsElsewhere);
      const made = beside('gradients', mine, theirs);
      trial.then(
        () => onVerdict(verdict),
        () => undefined,
      );
      return made.then(() => undefined);
    },
  };
}

/** Whether two answers are the same, arrays by their bytes. */
export function sameBits(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [a, b].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return Buffer.compare(x, y) === 0;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const names = Object.keys(a).sort();
  if (names.join('\n') !== Object.keys(b).sort().join('\n')) return false;
  return names.every((name) => sameBits(a[name as never], b[name as never]));
}
