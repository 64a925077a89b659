/**
 * How late the event loop of a process is, told over its channel to whoever started it: `start` begins anew, `tell` is
 * answered by {@link LoopDelay}. Loaded into that process by `--import`, before its own program.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** How late the event loop was, ms. */
export interface LoopDelay {
  readonly p99: number;
  readonly worst: number;
}

/** Between two looks, ms: as long is not late. */
const EVERY = 5;

if (isMainThread && process.send) {
  const delays = monitorEventLoopDelay({ resolution: EVERY });
  delays.enable();
  process.on('message', (word) => {
    if (word === 'start') return delays.reset();
    const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - EVERY);
    process.send!({ p99: ms(delays.percentile(99)), worst: ms(delays.max) } satisfies LoopDelay);
  });
  process.channel!.unref(); // it keeps nobody from ending
}
