/** A download on the command line: megabytes as they arrive, notes, and Ctrl-C as a request to stop. It fetches nothing itself. */
import { onInterrupt } from './interrupt.js';
import { noteLine, progress, say } from './output.js';

/** What a download is given of the terminal, as the options of every download take it. */
export interface Told {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly onNote: (note: string) => void;
  /** Called with bytes. */
  readonly onProgress: (done: number, total: number | null) => void;
}

/**
 * Downloads something, saying how far it is; the first Ctrl-C stops it, and what has arrived is kept.
 * @param megabytes about how many there will be, for servers that do not say
 */
export async function fetchTold<T>(
  name: string,
  fetch: (told: Told) => Promise<T>,
  megabytes?: number,
): Promise<T> {
  const interrupt = onInterrupt('stopping; what has arrived is kept');
  const told = progress(`fetching ${name}, MB`);
  try {
    return await fetch({
      signal: interrupt.signal,
      onNote: (note) => say(noteLine(note)),
      onProgress(done, total) {
        const expected = total ?? (megabytes === undefined ? done + 1e6 : megabytes * 1e6);
        told(Math.floor(done / 1e6), Math.floor(Math.max(done, expected) / 1e6));
      },
    });
  } finally {
    interrupt.release();
  }
}
