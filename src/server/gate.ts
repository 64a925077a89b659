/**
 * A bound on the work that goes on at a time and on what waits for it; the rest is turned away at once: load cannot pile
 * up in memory. Whoever waits and has left is dropped. What the work needs has been fetched before; a gate does not wait
 * for that, so that nobody who sends slowly holds a place.
 */
import { HttpError } from './http.js';

/** A gate in front of costly work. */
export interface Gate {
  /** Throws HttpError 503 when too many wait already. */
  assertRoom(): void;
  /**
   * Runs the work when there is room. Throws as {@link assertRoom} does, and the reason of the signal when that is
   * aborted before the work has begun.
   */
  pass<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Pieces of work going on. */
  running(): number;
  /** Pieces of work waiting. */
  waiting(): number;
}

/** A gate for `most` at work and `queue` waiting. */
export function createGate(most: number, queue: number): Gate {
  let running = 0;
  const turns = new Set<() => void>();
  const assertRoom = () => {
    if (running >= most && turns.size >= queue)
      throw new HttpError(503, 'Too many requests at once. Try again in a second.', { 'Retry-After': '1' });
  };
  /** Waits for a place that another gives up. */
  const turn = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        turns.delete(enter);
        reject(signal?.reason);
      };
      const enter = () => {
        turns.delete(enter);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      turns.add(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  return {
    assertRoom,
    running: () => running,
    waiting: () => turns.size,
    async pass(work, signal) {
      signal?.throwIfAborted();
      assertRoom();
      if (running >= most) await turn(signal);
      else running++;
      try {
        return await work();
      } finally {
        const [next] = turns;
        if (next) next();
        else running--;
      }
    },
  };
}

/** What each kind of work passes: one kind that is asked for too much does not hold up the others. */
export type GateName = 'search' | 'large' | 'image' | 'picture' | 'list' | 'read';

/** The gates of a server. */
export type Gates = Readonly<Record<GateName, Gate>>;

/**
 * Gates for `running` searches at work and `waiting` ones behind them. As many lists of items go on, and as many searches
 * with large answers, behind which others would wait long. Images are embedded
 * one after another; a second one gets ready meanwhile, and large pictures of items are made two at a time. What reads single items, which are fetched together, or what is
 * kept in memory costs little and may wait in thousands: who waits asks for nothing else, who is refused asks again.
 */
export function createGates(running: number, waiting: number): Gates {
  return {
    search: createGate(running, waiting),
    large: createGate(running, waiting),
    image: createGate(Math.min(2, running), waiting),
    picture: createGate(Math.min(2, running), waiting),
    list: createGate(running, waiting),
    read: createGate(16 * running, 64 * waiting),
  };
}
