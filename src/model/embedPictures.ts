/**
 * Embeddings of pictures that somebody has named one by one, such as the queries of a search: one that cannot be read costs itself
 * alone. What is told of it is decided elsewhere.
 */
import { DataError } from '../errors.js';
import { counted } from '../shown.js';
import type { TrainedModel } from './trained.js';

/** A picture that was left out, and why. */
export interface UnreadPicture {
  readonly path: string;
  readonly reason: string;
}

/** Embedded pictures. */
export interface EmbeddedPictures {
  /** The embedding of each, `[d]`, in their order; undefined for one that cannot be read. */
  readonly embeddings: readonly (Float32Array | undefined)[];
  readonly skipped: readonly UnreadPicture[];
}

/** Embeds pictures. Rejects with DataError where none of them can be read, and as `TrainedModel.embed`. */
export async function embedPictures(
  model: Pick<TrainedModel, 'embed' | 'info'>,
  paths: readonly string[],
): Promise<EmbeddedPictures> {
  const { embeddings, skipped } = await model.embed(paths, { onBad: 'skip' });
  const [first] = skipped;
  if (first && skipped.length === paths.length)
    throw new DataError(
      paths.length === 1
        ? first.reason
        : `None of ${counted(paths.length, 'picture')} can be read. The first: ${first.reason}`,
    );
  const bad = new Set(skipped.map(({ index }) => index));
  const { embeddingSize: dim } = model.info;
  return {
    embeddings: paths.map((_, i) => (bad.has(i) ? undefined : embeddings.slice(i * dim, (i + 1) * dim))),
    skipped: skipped.map(({ path, reason }) => ({ path, reason })),
  };
}
