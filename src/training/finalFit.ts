/**
 * A run that ends with a fit on all classes has two parts. The trial, a run in a folder of its own within the run's, holds
 * classes out and finds the start of the head and the best epoch. The final fit then begins anew, with all training classes.
 * What the second takes from the first is said here; both are
 * trained by the same loop.
 */
import { dirname, resolve } from 'node:path';
import type { Recipe } from '../recipe/load.js';
import { type Checkpoint, checkpointToResume, readCheckpoint } from '../runs/checkpoint.js';
import { type RunGain, soundGain } from '../runs/gain.js';
import { runPaths } from '../runs/paths.js';
import { readRunStatus } from '../runs/status.js';
import { counted } from '../shown.js';

/** Whether a run of a recipe begins with a trial. */
export function hasTrial({ data: { finalFit, validation } }: Recipe): boolean {
  return finalFit && validation > 0;
}

/** The recipe of the trial. */
export function trialOf(recipe: Recipe): Recipe {
  return { ...recipe, data: { ...recipe.data, finalFit: false } };
}

/** The folder of the run that a folder is the trial of; null when it is none. */
export function runOfTrial(folder: string): string | null {
  const whole = dirname(resolve(folder));
  const isTrial = resolve(folder) === runPaths(whole).trial && readRunStatus(whole) !== null;
  return isTrial ? dirname(folder) : null;
}

/** What the final fit has to know of its trial. */
export interface TrialOutcome {
  /** False when it was stopped on the way. */
  readonly finished: boolean;
  /** The best epoch, as many as the final fit has; null where nothing could be measured, and all count. */
  readonly best: Checkpoint['best'];
  readonly gain: RunGain | null;
  /** Seconds that this process spent in it. */
  readonly seconds: number;
}

/**
 * What a trial that is finished has found; null for one that is not, or has to be resumed since its gain is damaged or lost.
 * Throws DataError when its checkpoint is damaged.
 */
export function trialDone(folder: string, { head }: Recipe): TrialOutcome | null {
  if (readRunStatus(folder)?.state !== 'finished') return null;
  const path = checkpointToResume(folder);
  const gain = soundGain(runPaths(folder).gain);
  if (!path || (head.initial === 'whitening' && !gain)) return null;
  return { finished: true, best: readCheckpoint(path).best, gain, seconds: 0 };
}

/** What the trial has found, with what followed from it for the run. */
export function gainOfFinal(tried: RunGain, classes: number): RunGain {
  if (!tried.heldOut) return tried;
  const note = `The network was then made anew from all ${counted(classes, 'training class')}${tried.epoch > 0 ? `, in as many epochs (${tried.epoch})` : ''}: data.finalFit.`;
  return { ...tried, notes: [...tried.notes, note] };
}
