/** Progress of long work on standard error: how many, how fast, how long still. */
import { formatDuration, type ProgressReporter } from '../runs/progress.js';
import { changesInPlace, sayInPlace } from '../runs/terminal.js';
import { whole } from './text/columns.js';

/** How much had been done at one time, s. */
interface Seen {
  readonly done: number;
  readonly seconds: number;
}

/** A rate is told once work has been watched for so long, s. */
const ENOUGH = 1;

/** Reports progress with rate and time left: a changing line on a terminal, one every few seconds elsewhere. */
export const reportRate: ProgressReporter = (what) => {
  const started = performance.now();
  let next = started + 1000;
  let first: Seen | undefined;
  return (done, total) => {
    const now = performance.now();
    const seconds = (now - started) / 1000;
    first ??= { done, seconds };
    if (now < next && done < total) return;
    next = now + (changesInPlace() ? 100 : 5000);
    sayInPlace(rateLine(what, { done, seconds }, total, first), done >= total);
  };
};

/**
 * One report as one line. The rate is that since the `first` report: what was prepared before it took time and is not
 * counted, and what was there before it is counted and took none.
 */
export function rateLine(what: string, { done, seconds }: Seen, total: number, first: Seen): string {
  const count = `${what}: ${whole(done)} of ${whole(total)}`;
  const since = done > first.done && seconds - first.seconds >= ENOUGH ? first : { done: 0, seconds: 0 };
  if (since !== first && done < total) return count;
  const rate = (done - since.done) / Math.max(seconds - since.seconds, 1e-3);
  const left = done < total ? `${formatDuration((total - done) / rate)} left` : formatDuration(seconds);
  return `${count} · ${rate < 10 ? rate.toFixed(1) : whole(Math.round(rate))}/s · ${left}`;
}
