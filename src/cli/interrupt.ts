/**
 * Ctrl-C as a request: the first asks the work to stop at a safe point, the second ends the process at once. A closed
 * terminal (SIGHUP) is left to the system, so that `nohup` goes on to work; what it ends is as whole as what is killed.
 */
import { HierError } from '../errors.js';
import { say } from './output.js';

/**
 * A signal that is aborted by the first SIGINT or SIGTERM; `release` gives both back to the system. Its reason is an error for
 * users, for work that ends by throwing it.
 */
export function onInterrupt(notice: string): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const release = () => {
    for (const name of signals) process.off(name, handle);
  };
  const handle = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      release();
      process.kill(process.pid, name);
    } else {
      say(`\n${notice}`);
      controller.abort(new HierError('Stopped.'));
    }
  };
  for (const name of signals) process.on(name, handle);
  return { signal: controller.signal, release };
}
