/**
 * What a run folder still needs: one rule for all that train many runs and are started again. It trains nothing.
 */
import { UsageError } from '../errors.js';
import { type Recipe, recipeDifferences, recipeHash } from '../recipe/load.js';
import { recipeOf } from '../runs/data.js';
import { hasBegun, readRunStatus } from '../runs/folder.js';

/** Whether a run is trained from the start, resumed, or used as it is. */
export type RunPlan = 'train' | 'resume' | 'reuse';

/**
 * What there is to do for a run of `recipe` in `folder`. How the work is spread over the machine may differ: a run is
 * resumed as it was begun.
 * @param option that names another folder, for the error
 * @throws UsageError, with the differences, when the folder holds a run of another recipe
 */
export function whatIsLeft(folder: string, recipe: Recipe, option: string): RunPlan {
  const status = readRunStatus(folder);
  if (!status || !hasBegun(folder)) return 'train';
  const stored = recipeOf(folder);
  if (recipeHash(stored) !== recipeHash(recipe)) {
    const differences = recipeDifferences(stored, recipe).filter((text) => !text.startsWith('engine.'));
    if (differences.length > 0)
      throw new UsageError(
        `The run in ${folder} has another recipe:\n  ${differences.join('\n  ')}\nName another folder with ${option}${asItWas(differences)}.`,
      );
  }
  return status.state === 'finished' ? 'reuse' : 'resume';
}

/** How to go on with the run that is there, where that can be said in `KEY=VALUE`. */
function asItWas(differences: readonly string[]): string {
  const pairs = differences.map((text) => /^([\w.]+): (.+) → /.exec(text));
  if (pairs.some((pair) => pair === null || pair[2] === 'absent' || /[\s']/.test(pair[2]))) return '';
  return `, or go on with it as it was begun: ${pairs.map((pair) => `${pair![1]}=${pair![2]}`).join(' ')}`;
}
