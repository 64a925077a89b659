/**
 * Whether and where a run can be resumed: its own recipe, the same data, its latest checkpoint. It reads the run
 * folder and changes nothing; no checkpoint is copied into a trainer here.
 */
import type { Fingerprint } from '../datasets/fingerprint.js';
import { DataError, UsageError } from '../errors.js';
import { takesVectors } from '../recipe/checks.js';
import { type Recipe, recipeDifferences, recipeHash } from '../recipe/load.js';
import { type Checkpoint, checkpointToResume, readCheckpoint } from '../runs/checkpoint.js';
import type { RunFolder } from '../runs/folder.js';

/** Throws UsageError, with the differences, when a run is to be resumed by another recipe than its own. */
export function requireSameRecipe(stored: Recipe, given: Recipe, folder: string): void {
  const differences = recipeDifferences(stored, given);
  if (differences.length > 0)
    throw new UsageError(
      `The run in ${folder} has another recipe, and resuming must not change it:\n  ${differences.join('\n  ')}\nLeave the recipe out to resume with the run's own, or start a new run with --out.`,
    );
}

/**
 * The checkpoint to continue from; null when the run had not come to its first.
 * @throws DataError when it is damaged, or of other data or another recipe
 */
export function resumePoint(run: RunFolder, recipe: Recipe, data: Fingerprint): Checkpoint | null {
  const path = checkpointToResume(run.folder);
  if (!path) return null;
  const checkpoint = readCheckpoint(path);
  if (checkpoint.dataFingerprint !== data.sha256)
    throw new DataError(
      `The ${takesVectors(recipe) ? 'vectors' : 'images'} have changed since the run in ${run.folder} was started (fingerprint ${checkpoint.dataFingerprint.slice(0, 12)}, now ${data.sha256.slice(0, 12)}). Restore them, or start a new run with --out.`,
    );
  if (checkpoint.recipeHash !== recipeHash(recipe))
    throw new DataError(`${path} belongs to another recipe than the one in ${run.folder}.`);
  return checkpoint;
}
