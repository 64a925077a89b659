/** New images or vectors in the hierarchy of a run, which stays as it is. */

import { resolve } from 'node:path';
import { statSync } from '../../disk/index.js';
import { DataError, UsageError } from '../../errors.js';
import { placeInTree } from '../../hierarchy/index.js';
import { type EmbeddedPictures, embedPictures, type UnreadPicture } from '../../model/embedPictures.js';
import type { TrainedModel } from '../../model/trained.js';
import { joinValues, rowAt } from '../../rows.js';
import { embedQueries, vectorQueries } from '../evaluation/vectorQueries.js';
import type { Run } from '../run.js';
import type { RunTree } from './build.js';

/** Where an image belongs. */
export interface PlacedImage {
  /** The file (and the row, in a file of vectors), or the id of an item of the collection. */
  readonly image: string;
  /** Nodes from the root down to where it belongs. */
  readonly path: readonly { readonly id: number; readonly label: string; readonly members: number }[];
  /** The nearest leaf by distance in the embedding space. */
  readonly nearest: { readonly leaf: string; readonly distance: number };
}

/**
 * Places images or vectors, given as files or as ids of items, in the hierarchy that a run has made. `onSkipped` is told of images that
 * cannot be read, which are left out unless none can be; without it one is a DataError.
 */
export async function placeInRun(
  run: Run,
  tree: RunTree,
  images: readonly string[],
  { onSkipped }: { readonly onSkipped?: (picture: UnreadPicture) => void } = {},
): Promise<PlacedImage[]> {
  if (images.length === 0) throw new UsageError('Nothing to place: give an image.');
  const { built, shown, leaves, proxies, hierarchy } = tree;
  const { names: wanted, embed } = await whatToPlace(tree, images);
  const { embeddings, skipped } = await embed(await run.model());
  for (const picture of skipped) {
    if (!onSkipped) throw new DataError(picture.reason);
    onSkipped(picture);
  }
  const names = wanted.filter((_, i) => embeddings[i] !== undefined);
  const added = joinValues(embeddings.filter((one) => one !== undefined));
  return placeInTree({ built, points: leaves.points, proxies, added }).map((one, i) => {
    // Several nodes of the built tree may be one as it is shown.
    const path = [...new Set(one.path.map((node) => shown.to[node]))];
    return {
      image: names[i],
      path: path.map((id) => ({
        id,
        label: hierarchy.nodes[id].label,
        members: hierarchy.nodes[id].members.length,
      })),
      nearest: { leaf: leaves.names[one.nearest], distance: one.distance },
    };
  });
}

/** What is placed: a name for each, and how all are embedded. */
interface ToPlace {
  readonly names: readonly string[];
  readonly embed: (model: TrainedModel) => Promise<EmbeddedPictures>;
}

/** The images or vectors that some words name. Throws DataError for one that names none. */
async function whatToPlace({ items, vectors, data }: RunTree, words: readonly string[]): Promise<ToPlace> {
  if (vectors) {
    const known = { items, vectors, source: data.source };
    const queries = (await Promise.all(words.map((word) => vectorQueries(word, known)))).flat();
    return {
      names: queries.map(({ path }) => path),
      async embed(model) {
        const values = await embedQueries(model, queries, vectors.dim);
        const { embeddingSize: dim } = model.info;
        return { embeddings: queries.map((_, i) => rowAt({ values, dim }, i)), skipped: [] };
      },
    };
  }
  const paths = words.map((word) => {
    if (statSync(word, { throwIfNoEntry: false })?.isFile()) return resolve(word);
    const item = items.find(({ id }) => id === word);
    if (!item)
      throw new DataError(
        `There is no image file ${word}, and no item of that id. An id looks like "${items[0].id}".`,
      );
    return item.path;
  });
  return { names: words, embed: (model) => embedPictures(model, paths) };
}
