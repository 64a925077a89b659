/**
 * A bound on the requests at work and those waiting; the rest are turned away at once, before their bodies are read: load
 * cannot pile up in memory.
 */
import { HttpError } from './http.js';

/** A gate in front of costly work. */
export interface Gate {
  /**
   * Fetches what the work needs, and runs it when there is room. Throws HttpError 503, and fetches nothing, when too
   * many wait already.
   */
  pass<I, T>(fetch: () => Promise<I>, work: (input: I) => Promise<T>): Promise<T>;
  /** Pieces of work going on. */
  running(): number;
  /** Pieces of work waiting, for room or for what they need. */
  waiting(): number;
}

/** A gate for `most` at work and `queue` waiting. */
export function createGate(most: number, queue: number): Gate {
  let [inside, running] = [0, 0];
  const turns: (() => void)[] = [];
  return {
    running: () => running,
    waiting: () => inside - running,
    async pass(fetch, work) {
      if (inside >= most + queue)
        throw new HttpError(503, 'Too many requests at once. Try again in a second.', { 'Retry-After': '1' });
      inside++;
      try {
        const input = await fetch();
        if (running >= most) await new Promise<void>((resolve) => turns.push(resolve));
        else running++;
        try {
          return await work(input);
        } finally {
          const next = turns.shift();
          if (next) next();
          else running--;
        }
      } finally {
        inside--;
      }
    },
  };
}
