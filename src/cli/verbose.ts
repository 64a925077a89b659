/** `--verbose`: what a command is doing and for how long, and of a failure where it came from. */
import { hierVersion } from '../runs/environment.js';
import { formatDuration } from '../runs/progress.js';
import { say, timeLines } from '../runs/terminal.js';

/** An error among those that led to a failure. */
export interface Cause {
  readonly kind: string;
  readonly message: string;
  readonly stack: string | null;
}

/** Most causes that are told. */
const MOST = 8;

let isOn = false;

/** Begins a command: with `on`, lines of standard error tell the time from here on, and the first says what runs. */
export function beginVerbose(on: boolean, words: readonly string[]): void {
  isOn = on;
  timeLines(on ? performance.now() : undefined);
  if (!on) return;
  say(
    `hier ${hierVersion()}, Node.js ${process.version}, ${process.platform}-${process.arch}, process ${process.pid}`,
  );
  say(`command: ${words.map(shownWord).join(' ')}`);
}

/** Ends it. */
export function endVerbose(code: number): void {
  if (!isOn) return;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpu = formatDuration((userCPUTime + systemCPUTime) / 1e6);
  say(
    `ended with exit code ${code}; processor time ${cpu}, at most ${Math.round(maxRSS / 1024)} MB of memory`,
  );
  beginVerbose(false, []);
}

/** Whether it is on. */
export const isVerbose = (): boolean => isOn;

/** An error and what it came from, the nearest first. */
export function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  const seen = new Set<unknown>();
  const waiting = [error];
  while (waiting.length > 0 && causes.length < MOST) {
    const one = waiting.shift();
    if (one === undefined || seen.has(one)) continue;
    seen.add(one);
    const isError = one instanceof Error;
    causes.push({
      kind: isError ? one.name : typeof one,
      message: isError ? one.message : String(one),
      stack: (isError && one.stack) || null,
    });
    if (isError) waiting.push(one.cause, ...(one instanceof AggregateError ? one.errors : []));
  }
  return causes;
}

/** Tells where a failure came from. */
export function sayCauses(error: unknown): void {
  for (const [i, { kind, message, stack }] of causesOf(error).entries())
    say(`${i === 0 ? 'thrown' : 'caused by'}: ${stack ?? `${kind}: ${message}`}`);
}

/** A word of the command without what is secret in it. */
function shownWord(word: string, i: number, words: readonly string[]): string {
  if (i > 0 && words[i - 1] === '--token') return '…';
  const shown = word.replace(/(--token=).*/s, '$1…').replace(/:\/\/[^/@\s]*@/g, '://…@');
  return /^[\w@%+=:,./…~-]+$/.test(shown) ? shown : JSON.stringify(shown);
}
