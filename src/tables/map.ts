/**
 * The map of a table, made of its vectors by hyperbolic UMAP, and of the snapshots of the run that it was made from:
 * where its items stood after earlier epochs. The states are laid out backwards from the final one, each beginning
 * with the places of the one after it, so that an item stays where it can. What is kept is the store's business.
 */

import { createHash } from 'node:crypto';
import { metricOf } from '../model/files.js';
import { takeRows } from '../rows.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { Snapshot } from '../runs/snapshots.js';
import { contentOf } from '../store/indexItems.js';
import { keepMap, type MapEpoch, mapIfSound, mapKey, type TableMap } from '../store/map.js';
import type { Store } from '../store/store.js';
import { fromDisk, toDisk } from '../umap/hyperboloid.js';
import { layOutMany } from '../umap/many.js';

/** Options of {@link mapTable}. */
export interface MapTableOptions {
  readonly store: Store;
  /** Snapshots of the run that the table was made from: the map at earlier epochs. Absent: those of the map before. */
  readonly snapshots?: readonly Snapshot[] | undefined;
  /** Items that are laid out; beyond, the others are put beside their neighbours. Default 12,000. */
  readonly most?: number | undefined;
  readonly progress?: ProgressReporter | undefined;
  /** Told in a sentence what the map could show and does not. */
  readonly onNote?: ((note: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of the map: made anew, kept since nothing had changed, or left to the places that came with the items. */
export type MapState = 'made' | 'kept' | 'given';

/** Changes when maps are made differently. */
const VERSION = 2;
const ELSEWHERE =
  'hier explore will show no earlier epochs of this table: the run kept those of training images alone, and this table has none of them. A table with --split train has them.';

/**
 * Brings the map of a table up to date. Until it is whole the earlier one stays.
 * @throws the signal's reason when it is aborted
 */
export async function mapTable({
  store,
  snapshots: all,
  most,
  progress = () => () => undefined,
  onNote = () => undefined,
  signal,
}: MapTableOptions): Promise<MapState> {
  const facts: { id: string; hash: string }[] = [];
  let isGiven = false;
  for await (const batch of store.scan())
    for (const { id, hash, place } of batch) {
      facts.push({ id, hash });
      isGiven ||= place !== null;
    }
  if (isGiven) return 'given';
  facts.sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = facts.map(({ id }) => id);
  const rows = new Map(ids.map((id, row) => [id, row]));
  const snapshots = (all ?? []).filter((one) => one.ids.some((id) => rows.has(id)));
  if (all && snapshots.length < all.length) onNote(ELSEWHERE);
  const key = keyOf(facts, most, all ? snapshots : null);
  const former = await mapKey(store);
  const { map: before, problem } = await mapIfSound(store);
  if (problem !== null) onNote(`${problem} It is made again now.`);
  else if (former === key || (!all && former?.split('+')[0] === key)) return 'kept';
  const known = before && placesById(before);

  const { metric, curvature, dim } = store.manifest.space;
  const how = { most, signal };
  const places = await layOutMany({
    ...how,
    points: await vectorsOf(store, rows),
    ...{ dim, metric, curvature },
    known: known ? fromDisk(ids.flatMap((id) => known(id, before.places))) : undefined,
    onProgress: progress('laying out the map'),
    onPlaced: progress('placing the other items'),
  });
  const epochs = all
    ? await layOutEpochs(snapshots, { rows, places, ...how, progress })
    : (before?.epochs ?? []).map((state) => ({
        epoch: state.epoch,
        places: Float32Array.from(ids.flatMap((id) => known!(id, state.places))),
      }));
  const suffix = !all && former?.includes('+') ? `+${former.split('+')[1]}` : '';
  await keepMap(store, { key: key + suffix, ids, places: Float32Array.from(toDisk(places)), epochs });
  return 'made';
}

/** Hash of all that a map depends on, and behind a plus sign the epochs that it shows, where there are any. */
function keyOf(
  facts: readonly { id: string; hash: string }[],
  most: number | undefined,
  snapshots: readonly Snapshot[] | null,
): string {
  const hash = createHash('sha256').update(JSON.stringify([VERSION, most ?? null]));
  for (const { id, hash: own } of facts) hash.update(JSON.stringify([id, contentOf(own) ?? own]));
  const epochs = (snapshots ?? []).map(({ epoch, ids }) => `${epoch}:${ids.length}`).join(',');
  return hash.digest('hex').slice(0, 32) + (epochs === '' ? '' : `+${epochs}`);
}

function placesById({ ids }: TableMap): (id: string, places: Float32Array) => [number, number] {
  const at = new Map(ids.map((id, i) => [id, i]));
  return (id, places) => {
    const i = at.get(id);
    return i === undefined ? [Number.NaN, Number.NaN] : pairAt(places, i);
  };
}

const pairAt = (places: ArrayLike<number>, i: number): [number, number] => [places[2 * i], places[2 * i + 1]];

async function vectorsOf(store: Store, rows: ReadonlyMap<string, number>): Promise<Float32Array> {
  const { dim } = store.manifest.space;
  const vectors = new Float32Array(rows.size * dim);
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, vector } of batch) {
      const row = rows.get(id);
      if (row !== undefined) vectors.set(vector, row * dim);
    }
  return vectors;
}

interface EpochsOptions {
  /** Row of each id. */
  readonly rows: ReadonlyMap<string, number>;
  /** Final places, on the hyperboloid. */
  readonly places: Float64Array;
  readonly most: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly progress: ProgressReporter;
}

async function layOutEpochs(
  snapshots: readonly Snapshot[],
  { rows, places, most, signal, progress }: EpochsOptions,
): Promise<MapEpoch[]> {
  const epochs: MapEpoch[] = [];
  let later = places;
  for (const { epoch, embeddings, dim, curvature, ids } of snapshots.toReversed()) {
    const own = [...ids.keys()].filter((i) => rows.has(ids[i]));
    const laid = await layOutMany({
      points: takeRows({ values: embeddings, dim }, own).values,
      ...{ dim, curvature, metric: metricOf({ curvature }), most, signal },
      known: Float64Array.from(own.flatMap((i) => pairAt(later, rows.get(ids[i])!))),
      onProgress: progress(`laying out epoch ${epoch}`),
    });
    const state = new Float64Array(places.length).fill(Number.NaN);
    own.forEach((i, at) => {
      state.set(pairAt(laid, at), 2 * rows.get(ids[i])!);
    });
    later = state;
    epochs.unshift({ epoch, places: Float32Array.from(toDisk(state)) });
  }
  return epochs;
}
