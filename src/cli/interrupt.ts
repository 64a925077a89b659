/** Ctrl-C as a request: the first asks the work to stop at a safe point, the second ends the process at once. */
import { say } from './output.js';

/** A signal that is aborted by the first SIGINT or SIGTERM; `release` gives both back to the system. */
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
      controller.abort();
    }
  };
  for (const name of signals) process.on(name, handle);
  return { signal: controller.signal, release };
}
