/** What is asked of a collection of feature vectors: items by their id, or the rows of a file of vectors. */

import { existsSync } from '../../disk/index.js';
import { DataError, suggestion } from '../../errors.js';
import { hasVectorFormat, readVectors, VECTOR_FORMATS } from '../../io/vectors.js';
import type { TrainedModel } from '../../model/trained.js';
import { joinValues, rowAt, rowCount } from '../../rows.js';
import type { Collection } from '../collection.js';

/** One query. */
export interface VectorQuery {
  /** Its id, or the file and row that it is from. */
  readonly path: string;
  /** Its place in the collection, when it is an item of it. */
  readonly item?: number;
  /** Its numbers, `[dim]`. */
  readonly values: Float32Array;
}

/** Embeddings `[N, d]` of queries of `dim` numbers each by the network of a run over vectors. */
export function embedQueries(
  model: TrainedModel,
  queries: readonly VectorQuery[],
  dim: number,
): Promise<Float32Array> {
  return model.embedVectors({ values: joinValues(queries.map(({ values }) => values)), dim });
}

/**
 * The queries that a word stands for: one for an id, one a row for a file.
 * @throws DataError when there is neither, or the file's vectors are of another length
 */
export async function vectorQueries(
  word: string,
  { items, vectors, source }: Pick<Collection, 'items' | 'vectors' | 'source'>,
): Promise<VectorQuery[]> {
  const { dim } = vectors!;
  const item = items.findIndex(({ id }) => id === word);
  if (item >= 0) return [{ path: word, item, values: rowAt(vectors!, item) }];
  if (!existsSync(word) || !hasVectorFormat(word)) {
    const near = suggestion(word, items.length > 20_000 ? [] : items.map(({ id }) => id));
    throw new DataError(
      `There is no item "${word}" in ${source}, and no file of vectors (${VECTOR_FORMATS.join(', ')}).${near} An id looks like "${items[0].id}".`,
    );
  }
  const file = await readVectors(word);
  if (file.dim !== dim)
    throw new DataError(`The vectors of ${word} have ${file.dim} numbers, those of ${source} ${dim}.`);
  return Array.from({ length: rowCount(file) }, (_, row) => ({
    path: `${word}#${row}`,
    values: rowAt(file, row),
  }));
}
