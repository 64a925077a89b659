/**
 * What the commands have in common when they speak: results go to standard output, everything else to standard
 * error, so that `--json` leaves one document and nothing more on standard output.
 */
import { counter, type ProgressReporter } from '../runs/progress.js';

/** Prints a result: the JSON document with `json`, else the text. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text}\n`);
}

/** A line on standard error. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Reports progress on standard error. */
export const progress: ProgressReporter = (what) => counter(what, false);

/** A reader that closes a pipe early, such as `head`, does not count as a failure. */
export function letPipesClose(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}
