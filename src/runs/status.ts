/**
 * The state of a run as its folder tells it: what `status.json` says or, where that is lost, what else lies there. It
 * writes nothing.
 */
import { z } from 'zod';
import { existsSync, readFileSync, statSync } from '../disk/index.js';
import { isAlive } from '../io/lock.js';
import { runPaths } from './paths.js';

/** State of a run as its folder tells it. */
export interface RunStatus {
  /** Marks a run folder. */
  format: 'hier-run';
  /** Version of the layout. */
  version: 1;
  /** `interrupted` is never stored: it is a running one whose process has died. */
  state: 'running' | 'finished' | 'failed' | 'interrupted';
  /** Process that trains or trained. */
  pid: number;
  /** Its machine. */
  host: string;
  /** Its start in the system's own count, to tell it from a later process of the same id. */
  processStarted: string | null;
  /** First start, ISO 8601. */
  started: string;
  /** Last change of state, ISO 8601. */
  changed: string;
  /** Why it failed. */
  error?: string;
}

/** The state of the run in `folder`; null when it is not a run folder. */
export function readRunStatus(folder: string): RunStatus | null {
  const status = storedStatus(folder);
  if (!status) return derivedStatus(folder);
  const dead = status.state === 'running' && !isAlive({ ...status, started: status.processStarted });
  return dead ? { ...status, state: 'interrupted' } : status;
}

const statusSchema = z.object({
  format: z.literal('hier-run'),
  version: z.literal(1),
  state: z.enum(['running', 'finished', 'failed', 'interrupted']),
  pid: z.int().min(1),
  host: z.string(),
  processStarted: z.string().nullable(),
  started: z.string(),
  changed: z.string(),
  error: z.string().optional(),
});

/** What `status.json` says; null when it is not there or cannot be read. */
export function storedStatus(folder: string): RunStatus | null {
  try {
    return statusSchema.parse(JSON.parse(readFileSync(runPaths(folder).status, 'utf8'))) as RunStatus;
  } catch {
    return null;
  }
}

/** The state of a run whose `status.json` is lost: what it has written tells that it is one, and it can be resumed. */
function derivedStatus(folder: string): RunStatus | null {
  const { recipe, checkpoints } = runPaths(folder);
  if (!existsSync(recipe) || !existsSync(checkpoints)) return null;
  const since = statSync(recipe).mtime.toISOString();
  const unknown = { pid: 0, host: 'unknown', processStarted: null, started: since, changed: since };
  return { format: 'hier-run', version: 1, state: 'interrupted', ...unknown };
}
