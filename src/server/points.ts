/**
 * All items of a table as points of the unit disk, in one compact answer for the page that draws them. Layout,
 * little-endian: `HIERPTS2`, the length of the header (uint32, bytes), the header in JSON padded by spaces to a
 * multiple of 4, then arrays one after another, each `count` long:
 *   x float32, y float32, label uint32, node uint32; a uint32 for each level; x and y float32 for each epoch.
 * Labels, nodes and terms of levels are places in the lists of the header; 4294967295 stands for none. Items that
 * are not known at an epoch have NaN there.
 */
import { idIndex } from '../store/idIndex.js';
import { type MapEpoch, mapOf } from '../store/map.js';
import type { Store } from '../store/store.js';
import { projectToDisk } from './projection.js';

/** Header of the points. */
export interface PointsHeader {
  readonly count: number;
  /** Ids, in the order of the arrays. */
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly nodes: readonly string[];
  /** Where the places come from: given with the items, a map of the table, or a linear projection of the vectors. */
  readonly places: 'table' | 'map' | 'projection';
  /** Columns of the items that they can be coloured by, and their values. */
  readonly levels: readonly { readonly name: string; readonly terms: readonly string[] }[];
  /** Epochs of training at which the places are known too, ascending. */
  readonly epochs: readonly number[];
}

/** Stands for no label, no node and no term. */
export const NONE = 0xffffffff;
const MAGIC = 'HIERPTS2';
/** A column with more values than this is no level. */
const MOST_TERMS = 1000;

/** The points of a table. Items without a place where others have one stand at the origin. */
export async function pointsOf(store: Store): Promise<Uint8Array> {
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
      for (const { name, values } of columns) values.add(metadata[name] ?? null);
    }
  const count = ids.length;
  const map = isGiven ? null : await mapOf(store);
  const rowOf = map && idIndex(map.ids.length, (row) => map.ids[row]);
  const projected = isGiven || map || count === 0 ? null : await projectToDisk(store, ids);
  const stateOf = (placeOf: (i: number) => readonly [number, number] | null | undefined, none: number) => {
    const [x, y] = [new Float32Array(count), new Float32Array(count)];
    for (let i = 0; i < count; i++) [x[i], y[i]] = placeOf(i) ?? [none, none];
    return [x, y];
  };
  const pair = (places: Float32Array, row: number) => [places[2 * row], places[2 * row + 1]] as const;
  const onMap = (places: Float32Array) => (i: number) => {
    const row = rowOf!(ids[i]);
    return row === undefined ? undefined : pair(places, row);
  };
  const placed = (i: number) => (projected ? pair(projected, i) : given[i]);
  const final = stateOf(map ? onMap(map.places) : placed, 0);
  const epochs: readonly MapEpoch[] = map?.epochs ?? [];
  const levels = columns.filter(({ values }) => isLevel(values.names().length, count));
  const header: PointsHeader = {
    count,
    ids,
    labels: labels.names(),
    nodes: nodes.names(),
    places: isGiven ? 'table' : map ? 'map' : 'projection',
    levels: levels.map(({ name, values }) => ({ name, terms: values.names() })),
    epochs: epochs.map(({ epoch }) => epoch),
  };
  return encode(header, [
    ...final,
    labels.places(),
    nodes.places(),
    ...levels.map(({ values }) => values.places()),
    ...epochs.flatMap(({ places }) => stateOf(onMap(places), Number.NaN)),
  ]);
}

/** Whether a column with so many values groups the items, and does not number them. */
const isLevel = (values: number, count: number) => values >= 2 && values <= Math.min(MOST_TERMS, count / 2);

function encode(header: PointsHeader, arrays: readonly (Float32Array | Uint32Array)[]): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const length = 4 * Math.ceil(text.length / 4);
  const start = Buffer.alloc(12 + length, ' ');
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(length, 8);
  text.copy(start, 12);
  return Buffer.concat([start, ...arrays.map(({ buffer }) => new Uint8Array(buffer))]);
}

/** Reads the ids, places, labels and nodes of points again, as a client does. */
export function readPoints(bytes: Uint8Array): PointsHeader & {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly label: Uint32Array;
  readonly node: Uint32Array;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  if (text.decode(bytes.subarray(0, 8)) !== MAGIC) throw new Error('these are no points');
  const length = view.getUint32(8, true);
  const header = JSON.parse(text.decode(bytes.subarray(12, 12 + length))) as PointsHeader;
  const part = (i: number) => {
    const start = 12 + length + 4 * header.count * i;
    return Uint8Array.from(bytes.subarray(start, start + 4 * header.count)).buffer;
  };
  return {
    ...header,
    x: new Float32Array(part(0)),
    y: new Float32Array(part(1)),
    label: new Uint32Array(part(2)),
    node: new Uint32Array(part(3)),
  };
}

/** Names in order of appearance, and for every item the place of its own. */
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
    places: () => Uint32Array.from(list),
  };
}
