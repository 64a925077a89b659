/**
 * The thread that tries mutants, one after another, as it is told: so many of a format from a number on, or for so long.
 * What is being tried stands in shared memory, where the watchdog sees it when the thread does not come back.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { HierError } from '../../src/errors.js';
import { mutant } from './mutate.js';
import type { Target } from './target.js';
import { TARGETS } from './targets/index.js';

/** What the thread is started with. */
export interface Setup {
  readonly seed: number;
  /** A folder of its own. */
  readonly folder: string;
  /** Two numbers: the mutant that is tried, and when that began, in ms since the thread's start was asked for; 0: none. */
  readonly state: SharedArrayBuffer;
}

/** What it is asked for. */
export interface Ask {
  readonly format: string;
  readonly from: number;
  /** Milliseconds, or mutants. */
  readonly forMs?: number;
  readonly count?: number;
}

/** A mutant that brought an error which is not for users. */
export interface Failure {
  readonly format: string;
  readonly number: number;
  readonly error: string;
}

/** What it answers. */
export interface Answer {
  readonly format: string;
  /** The next number. */
  readonly next: number;
  /** Mutants that were read in spite of all. */
  readonly sound: number;
  readonly failures: readonly Failure[];
}

/** Longest message that a user should get of a file, however odd. */
const LONGEST_MESSAGE = 6000;

const { seed, folder, state } = workerData as Setup;
const now = new Float64Array(state);
const files = new Map<string, Promise<readonly Uint8Array[]>>();

async function filesOf(target: Target): Promise<readonly Uint8Array[]> {
  const made =
    files.get(target.format) ?? Promise.resolve(target.seeds(join(folder, 'seeds', target.format)));
  files.set(target.format, made);
  return made;
}

/** Tries one mutant; undefined when it was refused as it should be. */
async function tried(target: Target, number: number): Promise<'sound' | Failure | undefined> {
  let bytes = mutant(await filesOf(target), seed, target.format, number);
  if (target.repair && number % 2 === 0) bytes = target.repair(Buffer.from(bytes));
  const path = join(folder, target.format, target.file);
  writeFileSync(path, bytes);
  now[1] = performance.timeOrigin + performance.now();
  now[0] = number;
  try {
    await target.read(path, bytes);
    return 'sound';
  } catch (error) {
    if (error instanceof HierError && error.message.length <= LONGEST_MESSAGE) return undefined;
    const what =
      error instanceof HierError
        ? `a message of ${error.message.length} characters: ${error.message.slice(0, 300)}`
        : String((error as Error)?.stack ?? error);
    return { format: target.format, number, error: what };
  } finally {
    now[1] = 0;
  }
}

parentPort!.on(
  'message',
  async ({ format, from, forMs = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY }: Ask) => {
    const target = TARGETS.find((one) => one.format === format)!;
    mkdirSync(join(folder, format), { recursive: true });
    const end = performance.now() + forMs;
    const failures: Failure[] = [];
    let [next, sound] = [from, 0];
    while (next < from + count && (performance.now() < end || next === from)) {
      const result = await tried(target, next++);
      if (result === 'sound') sound++;
      else if (result) failures.push(result);
    }
    parentPort!.postMessage({ format, next, sound, failures } satisfies Answer);
  },
);
