/**
 * The one door to the terminal: nothing else writes to standard output or standard error. What comes from data, such as a
 * label with an escape sequence in it, is made visible on the way; what moves the cursor is added here.
 */
import { cutToWidth, shownText } from '../shown.js';

/** Writes lines to standard output. */
export function writeResult(text: string): void {
  process.stdout.write(`${shownText(text)}\n`);
}

/** Writes a document to standard output as it is; only what a terminal would obey is made visible on one. */
export function writeDocument(text: string): void {
  process.stdout.write(process.stdout.isTTY ? shownText(text) : text);
}

/** When lines on standard error began to tell the time, ms; undefined where they do not. */
let began: number | undefined;

/** From here on lines on standard error begin with the seconds since `from` (as `performance.now()` counts them); undefined: without. */
export function timeLines(from: number | undefined): void {
  began = from;
}

const time = () => (began === undefined ? '' : `[${((performance.now() - began) / 1000).toFixed(2)} s] `);

/** A line, or several, on standard error. */
export function say(text: string): void {
  process.stderr.write(`${time()}${shownText(text)}\n`);
}

/**
 * A line on standard error that changes in place on a terminal, until `isLast`; elsewhere each is a line of its own. On a terminal it
 * is cut at the edge, since only the last of several rows would change.
 */
export function sayInPlace(text: string, isLast: boolean): void {
  if (!process.stderr.isTTY) {
    say(text);
    return;
  }
  const line = `${time()}${shownText(text)}`;
  const shown = isLast ? line : cutToWidth(line, (process.stderr.columns || 100) - 1);
  process.stderr.write(`\r${shown}\x1b[K${isLast ? '\n' : ''}`);
}

/** Whether lines on standard error can change in place. */
export const changesInPlace = (): boolean => process.stderr.isTTY === true;

/** A sentence that begins a line: what follows a line feed in it is indented, so that a name cannot pass for a line. */
export const sentence = (text: string): string => text.replace(/\n(?! )/g, '\n  ');

/** A note as a line. */
export const noteLine = (note: string): string => `note: ${sentence(note)}`;
