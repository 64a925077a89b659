/** Progress of long work on standard error: how many, how fast, how long still. */
import { formatDuration, type Reporter } from '../training/progress.js';
import { whole } from './table.js';

/** Reports progress with rate and time left: a changing line on a terminal, one every few seconds elsewhere. */
export const reportRate: Reporter = (what) => {
  const started = performance.now();
  let next = started + 1000;
  return (done, total) => {
    const now = performance.now();
    if (now < next && done < total) return;
    const terminal = process.stderr.isTTY === true;
    next = now + (terminal ? 100 : 5000);
    const text = rateLine(what, done, total, (now - started) / 1000);
    process.stderr.write(terminal ? `\r${text}\x1b[K${done < total ? '' : '\n'}` : `${text}\n`);
  };
};

/** One report as one line. */
export function rateLine(what: string, done: number, total: number, seconds: number): string {
  const rate = done / Math.max(seconds, 1e-3);
  const left = done < total ? `${formatDuration((total - done) / rate)} left` : formatDuration(seconds);
  return `${what}: ${whole(done)} of ${whole(total)} · ${rate < 10 ? rate.toFixed(1) : whole(Math.round(rate))}/s · ${left}`;
}
