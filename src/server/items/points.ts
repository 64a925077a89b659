/**
 * All items of a table as points of the unit disk, with the places at earlier epochs, and with their columns in the same
 * order. How points are written and read is described by their format, not here.
 */
import { columnText } from '../../store/columns.js';
import { idIndex } from '../../store/idIndex.js';
import { type MapEpoch, mapIfSound, type TableMap } from '../../store/map.js';
import type { Store } from '../../store/store.js';
import { type DiskPoints, NONE } from '../protocol/points.js';
import { projectToDisk } from './projection.js';

/** A column with more values than this is not a level. */
const MOST_TERMS = 1000;

/** The values of a column, item by item. */
export interface ItemColumn {
  readonly name: string;
  /** Different values, as text. */
  readonly values: readonly string[];
  /** For each item the index of its value, {@link NONE} for none. */
  readonly rows: Uint32Array;
}

/** All items of a table. */
export interface TableItems {
  readonly points: DiskPoints;
  /** The user's columns in the order of the table; without those of many values where there are many items. */
  readonly columns: readonly ItemColumn[];
}

/** With more items than this, columns that number the items are not kept: their texts would fill the memory. */
const MOST_NUMBERED = 300_000;

/**
 * The items of a table. Items without a place where others have one stand at the origin. Where `readMap` gives no map,
 * places are a projection of the vectors.
 */
export async function tableItems(
  store: Store,
  readMap: (store: Store) => Promise<TableMap | null> = async (own) => (await mapIfSound(own)).map,
): Promise<TableItems> {
  const ids: string[] = [];
  const given: (readonly [number, number] | null)[] = [];
  const [labels, nodes] = [numbering(), numbering()];
  const columns = store.manifest.metadata.map((name) => ({ name, values: numbering() }));
  let isGiven = false;
  for await (const batch of store.scan())
    for (const { id, place, label, node, metadata } of batch) {
      ids.push(id);
      given.push(place);
      isGiven ||= place !== null;
      labels.add(label);
      nodes.add(node);
      for (const { name, values } of columns) values.add(columnText(metadata, name));
    }
  const count = ids.length;
  const map = isGiven ? null : await readMap(store);
  const rowOf = map && idIndex(map.ids.length, (row) => map.ids[row]);
  const projected = isGiven || map || count === 0 ? null : await projectToDisk(store, ids);
  const columnsOf = (
    placeOf: (i: number) => readonly [number, number] | null | undefined,
    unknown: number,
  ) => {
    const [x, y] = [new Float32Array(count), new Float32Array(count)];
    for (let i = 0; i < count; i++) [x[i], y[i]] = placeOf(i) ?? [unknown, unknown];
    return [x, y];
  };
  const pair = (places: Float32Array, row: number) => [places[2 * row], places[2 * row + 1]] as const;
  const onMap = (places: Float32Array) => (i: number) => {
    const row = rowOf!(ids[i]);
    return row === undefined ? undefined : pair(places, row);
  };
  const placed = (i: number) => (projected ? pair(projected, i) : given[i]);
  const epochs: readonly MapEpoch[] = map?.epochs ?? [];
  const [x, y] = columnsOf(map ? onMap(map.places) : placed, 0);
  const read = columns.map(({ name, values }) => ({ name, values: values.names(), rows: values.indices() }));
  const levels = read.filter(({ values }) => isLevel(values.length, count));
  const points: DiskPoints = {
    ids,
    labels: labels.names(),
    nodes: nodes.names(),
    places: isGiven ? 'table' : map ? 'map' : 'projection',
    x,
    y,
    label: labels.indices(),
    node: nodes.indices(),
    levels: levels.map(({ name, values, rows }) => ({ name, terms: values, term: rows })),
    epochs: epochs.map(({ epoch, places }) => {
      const [epochX, epochY] = columnsOf(onMap(places), Number.NaN);
      return { epoch, x: epochX, y: epochY };
    }),
  };
  return { points, columns: count > MOST_NUMBERED ? levels : read };
}

/** Whether a column of `count` items with a number of different values groups the items instead of numbering them. */
const isLevel = (values: number, count: number) => values >= 2 && values <= Math.min(MOST_TERMS, count / 2);

/** Names in order of appearance, and for every item the index of its own. */
function numbering() {
  const numbers = new Map<string, number>();
  const list: number[] = [];
  return {
    add(name: string | null) {
      let number = name === null ? NONE : numbers.get(name);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(name!, number);
      }
      list.push(number);
    },
    names: () => [...numbers.keys()],
    indices: () => Uint32Array.from(list),
  };
}
