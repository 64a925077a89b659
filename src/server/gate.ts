/** So many requests at work, so many waiting, and the rest turned away at once: load cannot pile up in memory. */
import { HttpError } from './http.js';

/** A gate in front of costly work. */
export interface Gate {
  /** Runs work when there is room. Throws HttpError 503 when too many wait already. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Pieces of work going on. */
  running(): number;
  /** Pieces of work waiting. */
  waiting(): number;
}

/** A gate for `most` at work and `queue` waiting. */
export function createGate(most: number, queue: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    running: () => running,
    waiting: () => waiting.length,
    async pass(work) {
      if (running >= most) {
        if (waiting.length >= queue)
          throw new HttpError(503, 'Too many requests at once. Try again in a second.', {
            'Retry-After': '1',
          });
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running++;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
