/**
 * A lock file: one process at a time, on one machine or over a shared folder. A lock whose process has died,
 * by SIGKILL or a power cut, is recognised and taken over. It keeps honest processes apart, not hostile ones.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFault,
  writeFileSync,
} from '../disk/index.js';
import { HierError } from '../errors.js';

/** Who holds a lock. */
export interface LockHolder {
  /** Process id; 0 when it is not known. */
  pid: number;
  /** Name of its machine. */
  host: string;
  /** When the lock was taken, ISO 8601. */
  since: string;
  /** When the process started, as its system counts, to tell it from a later one of the same id. */
  started: string | null;
  /** Random; no two locks have the same. */
  token: string;
}

/** A lock that is held. */
export interface Lock {
  /** Whether it was taken over from a process that had died. */
  tookOver: boolean;
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

/** Takes the lock file `path`, whose folder exists, or says who holds it. */
export function acquireLock(path: string): { lock: Lock } | { holder: LockHolder } {
  const me: LockHolder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    started: processStart(process.pid),
    token: randomBytes(12).toString('hex'),
  };
  let tookOver = false;
  for (;;) {
    if (create(path, me)) {
      const release = () => {
        if (readHolder(path)?.token === me.token) rmSync(path, { force: true });
        process.off('exit', release);
      };
      process.on('exit', release);
      return { lock: { tookOver, release } };
    }
    const holder = readHolder(path);
    if (!holder) {
      refuseLink(path);
      continue;
    }
    if (isAlive(holder)) return { holder };
    tookOver = removeStale(path, holder) || tookOver;
  }
}

/** How to get rid of a lock whose process, on another machine, cannot be looked for from here; else empty. */
export function whenGone(path: string, { pid, host }: LockHolder): string {
  return pid === 0 || host === hostname() ? '' : ` If it no longer runs there, delete ${path}.`;
}

/** Whether the process that `holder` names still runs; on another machine that is assumed. */
export function isAlive({ pid, host, started }: Pick<LockHolder, 'pid' | 'host' | 'started'>): boolean {
  if (host !== hostname()) return true;
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return started === null || started === processStart(pid);
}

/** When a process started, in the system's own count; null where the system does not tell. */
export function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Creates the lock file with all of its content at once; false when there is one. */
function create(path: string, holder: LockHolder): boolean {
  const temporary = `${path}.${holder.token}.tmp`;
  const text = `${JSON.stringify(holder)}\n`;
  try {
    writeFileSync(temporary, text);
    try {
      linkSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      // A file system without hard links: create it empty and fill it.
      writeFileSync(path, text, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw writeFault(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What a lock file says; undefined when there is none. One that cannot be read counts as dead after 10 s. */
function readHolder(path: string): LockHolder | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const holder = parseHolder(text);
    if (holder) return holder;
    const { mtimeMs, mtime } = statSync(path);
    const fresh = Math.abs(Date.now() - mtimeMs) < 10_000;
    return {
      pid: 0,
      host: fresh ? 'another process' : hostname(),
      since: mtime.toISOString(),
      started: null,
      token: text,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Throws HierError where a link to nothing lies in place of a lock file: there is then neither a lock nor room for one. */
function refuseLink(path: string): void {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch {
    return; // it is gone: the lock can be taken
  }
  if (stats.isSymbolicLink() && !existsSync(path))
    throw new HierError(`A link to nothing, ${path}, is where a lock file should be. Delete it.`);
}

/** Who a lock file names; undefined when it says nothing of the kind, whatever else it may hold. */
function parseHolder(text: string): LockHolder | undefined {
  let found: Partial<Record<keyof LockHolder, unknown>> | null;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const { pid, host, since, started = null, token } = found;
  const isOurs =
    Number.isInteger(pid) &&
    Math.abs(pid as number) < 2 ** 31 &&
    [host, since, token].every((one) => typeof one === 'string') &&
    (started === null || typeof started === 'string');
  return isOurs ? ({ pid, host, since, started, token } as LockHolder) : undefined;
}

/** Removes a dead process's lock, unless another process has just replaced it; true when it was removed. */
function removeStale(path: string, dead: LockHolder): boolean {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && moved.token !== dead.token) {
    renameSync(aside, path);
    return false;
  }
  rmSync(aside, { force: true });
  return true;
}
