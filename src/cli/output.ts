/**
 * What the commands have in common when they speak: results go to standard output, everything else to standard
 * error, so that `--json` leaves one document and nothing more on standard output.
 */
import { counter, type ProgressReporter } from '../runs/progress.js';
import { noteLine, say, sentence, writeDocument, writeResult } from '../runs/terminal.js';

export { noteLine, say, sentence, writeDocument };

let documents = 0;

/** Begins the output of a command. */
export function beginOutput(): void {
  documents = 0;
}

/** Prints a result: the JSON document with `json`, else the text. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  if (json) documents++;
  writeResult(json ? JSON.stringify(value, null, 2) : text);
}

/** With `json`, prints a document on one line, as what goes on after it, or was written in steps, is told to scripts. */
export function printLine(json: boolean | undefined, value: unknown): void {
  if (!json) return;
  documents++;
  writeResult(JSON.stringify(value));
}

/** Whether a JSON document has been printed; there must be one at most. */
export const hasPrintedDocument = (): boolean => documents > 0;

/** Reports progress on standard error. */
export const progress: ProgressReporter = (what) => counter(what, false);
