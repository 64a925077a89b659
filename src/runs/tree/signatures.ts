/**
 * Signatures of leaves by what of a run's training classes they look like, in the space of the run's own embeddings: one of
 * the controls of its tree. How a signature is made is decided with the hierarchy.
 */
import { DataError } from '../../errors.js';
import { type Points, signatures } from '../../hierarchy/index.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';

/** Signatures of points of a run; undefined where its training images are not there any more, which is told, or have no classes. */
export async function signaturesOf(
  run: Run,
  points: Points,
  { progress, onNote }: { readonly progress: ProgressReporter; readonly onNote: (note: string) => void },
): Promise<Points | undefined> {
  try {
    const collection = await run.collection({ split: 'train', progress });
    const labels = collection.items.map(({ label }) => label);
    if (labels.every((label) => label === null)) return undefined;
    const onProgress = progress('embedding the training images');
    return signatures(points, { points: await run.embeddings(collection, { onProgress, onNote }), labels });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNote(`No tree of signatures, which needs the training images: ${error.message}`);
    return undefined;
  }
}
