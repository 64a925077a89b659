/**
 * Requests that a handler in an application has open, and how they end when it closes. The connections that they came on
 * belong to the application.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { closing } from '../http.js';

/** Time that open requests have when the handler closes, and that an answer has then to go out, ms. */
const PATIENCE = 8000;
const LAST = 500;

/** A request that is open. */
export interface OpenRequest {
  /** Aborted when nobody waits for the answer any more, and when the handler closes: with the reason. */
  readonly signal: AbortSignal;
  /** Says that nobody waits for the answer. */
  abort(reason: unknown): void;
  /** Says that it has been answered. */
  end(): void;
}

/** The open requests of a handler. */
export interface OpenRequests {
  /** Notes a request. One that comes after the handler has begun to close is aborted at once (HttpError 503). */
  enter(): OpenRequest;
  /** Waits for the open requests, and ends those that take long. Safe to repeat. */
  close(): Promise<void>;
}

/** No open requests yet. */
export function openRequests({ patience = PATIENCE } = {}): OpenRequests {
  const open = new Set<AbortController>();
  let ended: Promise<void> | undefined;
  const until = async (ms: number) => {
    const end = performance.now() + ms;
    while (open.size > 0 && performance.now() < end) await delay(10);
  };
  const close = async () => {
    await until(patience);
    for (const stop of open) stop.abort(closing());
    await until(LAST);
  };
  return {
    enter() {
      const stop = new AbortController();
      open.add(stop);
      if (ended) stop.abort(closing());
      return { signal: stop.signal, abort: (reason) => stop.abort(reason), end: () => open.delete(stop) };
    },
    close() {
      ended ??= close();
      return ended;
    },
  };
}
