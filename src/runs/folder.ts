/**
 * The folder of one training run: what lies where in it, who may write to it, and in what state the run is.
 * One process at a time owns it. It knows no training; metrics and checkpoints have files of their own.
 */

import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFault,
} from '../disk/index.js';
import { HierError, UsageError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { acquireLock, type Lock, type LockHolder, processStart } from '../io/lock.js';
import { type Recipe, recipeToYaml } from '../recipe/load.js';
import { ASIDE, madeAgainNote } from './aside.js';
import { checkpointToResume } from './checkpoint.js';
import { readRecord } from './data.js';
import { describeEnvironment, type Environment } from './environment.js';
import { ownNames, type RunPaths, runPaths } from './paths.js';
import { type RunStatus, readRunStatus, storedStatus } from './status.js';

export { type RunPaths, runPaths } from './paths.js';
export { type RunStatus, readRunStatus } from './status.js';

/** What to do when there is a run already: refuse, resume it, or replace it. */
export type RunMode = 'new' | 'resume' | 'overwrite';

/** A run folder that this process owns, until it is finished, failed or closed. */
export class RunFolder {
  /** Where everything lies. */
  readonly paths: RunPaths;
  readonly #lock: Lock;
  readonly #made: string | undefined;
  #status: RunStatus;

  /** Use {@link openRunFolder}. */
  constructor(
    readonly folder: string,
    readonly resumed: boolean,
    /** The state that the run was found in; null for a new one. */
    readonly previous: RunStatus | null,
    /** What was damaged when the folder was opened, in sentences. */
    readonly notes: readonly string[],
    lock: Lock,
    /** The outermost folder that was made for it; undefined where the folder was there. */
    made?: string,
  ) {
    this.paths = runPaths(folder);
    this.#lock = lock;
    this.#made = made;
    const now = new Date().toISOString();
    this.#status = {
      format: 'hier-run',
      version: 1,
      state: 'running',
      pid: process.pid,
      host: hostname(),
      processStarted: processStart(process.pid),
      started: previous?.started ?? now,
      changed: now,
    };
    writeJson(this.paths.status, this.#status);
    mkdirSync(this.paths.checkpoints, { recursive: true });
  }

  /** Writes what the run is: resolved recipe, environment, fingerprint of the data. Returns what was found damaged. */
  describe({ recipe, data }: { recipe: Recipe; data: unknown }): string[] {
    const notes = this.resumed
      ? [this.paths.data, this.paths.environment].flatMap((path) =>
          existsSync(path) && !readRecord(path) ? [madeAgainNote(path)] : [],
        )
      : [];
    writeFileAtomic(this.paths.recipe, recipeToYaml(recipe));
    writeJson(this.paths.data, data);
    const now = describeEnvironment();
    const first =
      this.resumed &&
      (readRecord(this.paths.environment) as (Environment & { resumed?: Environment[] }) | null);
    const resumed = first && Array.isArray(first.resumed) ? first.resumed : [];
    writeJson(this.paths.environment, first ? { ...first, resumed: [...resumed, now] } : now);
    return notes;
  }

  /** Marks the run as finished and gives the folder up. */
  finish(): void {
    this.#end({ state: 'finished' });
  }

  /**
   * Marks the run as failed and gives the folder up; it can be resumed. What a new run was refused for before its first
   * step, an error for users, leaves nothing: the folder is as it was, or gone; and a run that was finished stays so. Never throws.
   */
  fail(error: unknown): void {
    try {
      const isRefused = error instanceof HierError && !this.resumed && !hasBegun(this.folder);
      if (isRefused) this.#leave();
      // Resumed where there was nothing left to do: what it has come to stays.
      else if (this.previous?.state === 'finished') this.#end({ ...this.previous });
      else this.#end({ state: 'failed', error: error instanceof Error ? error.message : String(error) });
    } catch {
      // The disk may be full: the error that is on its way to the user matters more, and the state then
      // reads as interrupted once this process has ended.
    }
  }

  /** Gives the folder up without a change of state. */
  close(): void {
    this.#lock.release();
  }

  /** Takes away what was made for a run that came to nothing. */
  #leave(): void {
    removeOwn(this.folder);
    this.#lock.release();
    if (this.#made === undefined) return;
    const top = resolve(this.#made);
    for (let path = resolve(this.folder); path.startsWith(top); path = dirname(path)) {
      if (readdirSync(path).length > 0) return;
      rmdirSync(path);
    }
  }

  #end(change: Partial<RunStatus>): void {
    try {
      this.#status = { ...this.#status, ...change, changed: new Date().toISOString() };
      writeJson(this.paths.status, this.#status);
    } finally {
      this.#lock.release();
    }
  }
}

/**
 * Takes possession of a run folder, creating it when needed. A run that ended before its first step is in
 * nobody's way: a new one replaces it.
 *
 * @throws UsageError when `mode` does not fit what is there, HierError when another process is at work in it;
 *   both name the ways out.
 */
export function openRunFolder(folder: string, mode: RunMode = 'new'): RunFolder {
  const before = survey(folder);
  if (mode === 'resume' && !before.status)
    throw new UsageError(
      `There is no run to resume in ${folder}${before.names.length ? ': it is not a run folder' : ''}. Leave --resume out to start one.`,
    );
  if (before.names.length && !before.status)
    throw new UsageError(
      `${folder} is not a run folder but holds other files (${before.names.slice(0, 3).join(', ')}${before.names.length > 3 ? ', …' : ''}). Choose another folder with --out.`,
    );
  let made: string | undefined;
  try {
    made = mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw writeFault(folder, cause);
  }
  const taken = acquireLock(runPaths(folder).lock);
  if ('holder' in taken) throw new HierError(inUse(folder, taken.holder));
  const { lock } = taken;
  try {
    // Looked at again: another process may have been quicker than the lock.
    const { status } = survey(folder);
    const replaced = mode === 'overwrite' || (mode === 'new' && cameToNothing(folder, status));
    if (status && mode === 'new' && !replaced)
      throw new UsageError(
        `The run folder ${folder} exists already (${status.state}, started ${status.started}). Continue it with --resume, choose another folder with --out, or replace it with --overwrite.`,
      );
    removeLeftovers(folder);
    if (status && replaced) removeOwn(folder);
    const resumed = mode === 'resume';
    const isLost = resumed && !storedStatus(folder);
    const notes = isLost ? [madeAgainNote(runPaths(folder).status)] : [];
    return new RunFolder(folder, resumed, resumed ? status : null, notes, lock, made);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The entries of a folder, without a lock and what a killed process may have left, and its run's state. */
function survey(folder: string): { names: string[]; status: RunStatus | null } {
  if (!existsSync(folder)) return { names: [], status: null };
  if (!statSync(folder).isDirectory())
    throw new UsageError(`${folder} is a file, not a folder. Choose another place with --out.`);
  const names = readdirSync(folder).filter((name) => name !== 'run.lock' && !name.endsWith('.tmp'));
  return { names: names.sort(), status: readRunStatus(folder) };
}

/** Removes what a run writes, and nothing else. */
function removeOwn(folder: string): void {
  for (const name of ownNames)
    for (const own of [name, `${name}${ASIDE}`]) rmSync(join(folder, own), { recursive: true, force: true });
}

/** Whether a run ended before its first step, such as by a mistake in its data: nothing is lost with it. */
function cameToNothing(folder: string, status: RunStatus | null): boolean {
  const ended = status?.state === 'failed' || status?.state === 'interrupted';
  return ended && !hasBegun(folder);
}

/** Whether a run, or its trial, has logged a step or written a checkpoint. */
export function hasBegun(folder: string): boolean {
  const { metrics, trial } = runPaths(folder);
  if (existsSync(metrics) || checkpointToResume(folder) !== null) return true;
  return existsSync(trial) && hasBegun(trial);
}

/** Removes temporary files of writes that were cut short. */
function removeLeftovers(folder: string): void {
  for (const inner of [folder, join(folder, 'checkpoints'), join(folder, 'events')])
    for (const name of existsSync(inner) ? readdirSync(inner) : [])
      if (/^(\.|run\.lock\.).*\.tmp$/.test(name)) rmSync(join(inner, name), { force: true });
}

function inUse(folder: string, { pid, host, since }: LockHolder): string {
  const elsewhere = host !== hostname();
  const who = `process ${pid || '?'}${elsewhere ? ` on ${host}` : ''}, since ${since}`;
  const stale = elsewhere ? `, or delete ${runPaths(folder).lock} when that process is gone` : '';
  return `The run folder ${folder} is in use (${who}). Wait for it to end, or choose another folder with --out${stale}.`;
}

function writeJson(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
