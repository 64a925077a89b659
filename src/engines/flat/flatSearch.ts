/** Searching a flat table: a look at every row that takes part, in memory, and true distances for the nearest. */
import { checkVector } from '../../store/check.js';
import { nearestRows } from '../../store/exactScan.js';
import { conditionsOf } from '../../store/filter/filter.js';
import type { Manifest } from '../../store/manifest.js';
import { candidatesFor, distancesTo, leastOf, nearestHits } from '../../store/rescore.js';
import { queryRow } from '../../store/space.js';
import type { Hit, SearchOptions } from '../../store/store.js';
import { nextTurn } from '../../turns.js';
import { type FlatPart, factsAt, loadVectors } from './flatPart.js';
import { type FlatSnapshot, passing } from './flatRows.js';

/** A part whose vectors are in memory. */
type LoadedPart = FlatPart & { readonly vectors: Float32Array };

/** Reads the vectors of all rows into memory. Throws as `readPart` does. */
export async function loadAllVectors({ views }: FlatSnapshot, manifest: Manifest): Promise<void> {
  for (const { part, count } of views) {
    if (count === 0 || part.vectors) continue;
    loadVectors(part, manifest);
    await nextTurn('scan');
  }
}

/** The rows of a snapshot nearest to a vector. Throws DataError for a vector that cannot be a row. */
export async function searchFlat(
  snapshot: FlatSnapshot,
  manifest: Manifest,
  vector: Float32Array,
  { k = 10, filter }: SearchOptions,
): Promise<Hit[]> {
  const { space } = manifest;
  const { dim } = space;
  checkVector(vector, dim, 'The query');
  queryRow(space, vector); // refuses what is not a point of the space
  const conditions = conditionsOf(filter, manifest);
  await loadAllVectors(snapshot, manifest);
  const passed = await passing(snapshot.views, conditions);
  const scanned = snapshot.views.flatMap((view, i) => {
    const { leftOut, count } = passed[i];
    return count > 0 ? [{ view, block: view.part as LoadedPart, leftOut }] : [];
  });
  const places = await nearestRows(space, scanned, vector, candidatesFor(k));
  const candidates = new Float32Array(places.length * dim);
  places.forEach(({ block, at }, i) => {
    candidates.set(scanned[block].block.vectors.subarray(at * dim, (at + 1) * dim), i * dim);
  });
  const distances = distancesTo(space, vector, candidates);
  const hits = leastOf(distances, k).map((i): Hit => {
    const { block, at } = places[i];
    return { ...factsAt(scanned[block].view.part, at, manifest), distance: distances[i] };
  });
  return nearestHits(hits, k);
}
