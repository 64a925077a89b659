/**
 * The rows of one version of a LanceDB table in memory, without pictures. Vectors and facts of the candidates of a
 * search are then read from here: from the disk each of them is a read of its own for every column, which takes
 * longer than finding the candidates. An exact search goes through them without asking LanceDB.
 */
import type { Table } from '@lancedb/lancedb';
import { rowAt } from '../../rows.js';
import { nearestRows, type ScannedBlock } from '../../store/exactScan.js';
import { type Condition, LONG, testOf } from '../../store/filter/filter.js';
import { idIndex } from '../../store/idIndex.js';
import type { Manifest } from '../../store/manifest.js';
import type { RowConstants } from '../../store/rowKeys.js';
import type { ItemFacts } from '../../store/store.js';
import { inPieces } from '../../turns.js';
import { checkVectors, factColumns, factsReader, rowIdsOf, vectorsOf } from './arrowItems.js';

/** Rows by the ids that LanceDB gives them. */
export interface LanceRows {
  /** Writes the vector of a row to `target` at `offset`. */
  copyVector(rowId: number, target: Float32Array, offset: number): void;
  /** The facts of a row. */
  facts(rowId: number): ItemFacts;
  /** The vector of an item; undefined when it is not there. */
  vector(id: string): Float32Array | undefined;
  /** All rows, some at a time. */
  readonly batches: readonly RowBatch[];
  /**
   * Ids of the `count` rows nearest to a vector, of those that meet all conditions, in no order; gives way to other work in
   * between.
   */
  nearest(vector: Float32Array, count: number, conditions?: readonly Condition[]): Promise<number[]>;
}

/** Some rows of the table. */
export interface RowBatch {
  readonly count: number;
  readonly factsAt: (at: number) => ItemFacts;
  /** `[count, dim]`. */
  readonly vectors: Float32Array;
}

/** Bytes of a row beside its vector, roughly. */
const FACTS = 160;

/** Bytes that the rows of a table take in memory, roughly. */
export function rowsBytes(rows: number, { space, metadata }: Manifest): number {
  return rows * (4 * space.dim + FACTS + 24 * metadata.length);
}

interface Piece extends RowBatch {
  /** The texts of a column. */
  readonly column: (name: string) => { get(at: number): unknown };
  /** Which rows fail a test of a column, for long lists of values. */
  readonly misses: Map<string, WeakMap<Condition['values'], Uint8Array>>;
  /** Row ids, ascending. */
  readonly ids: Float64Array;
  /** The same as `factsAt`, and held against their checksum. */
  readonly checkedFactsAt: RowBatch['factsAt'];
  /** The ids of the items. */
  readonly texts: { get(at: number): unknown };
  /** Made with the first exact search. */
  constants: RowConstants | null;
}

/** Reads the rows of a table, which must stay at one version. */
export async function readLanceRows(table: Table, manifest: Manifest): Promise<LanceRows> {
  const { space } = manifest;
  const { dim } = space;
  const pieces: Piece[] = [];
  const columns = [...factColumns(manifest), 'vector'];
  for await (const batch of table.query().select(columns).withRowId()) {
    const ids = rowIdsOf(batch);
    const texts = batch.getChild('id')!;
    const factsAt = factsReader(batch, manifest);
    checkVectors(batch, manifest);
    const vectors = vectorsOf(batch, dim);
    const checkedFactsAt = factsReader(batch, manifest, { check: true });
    if (ids.length > 0)
      pieces.push({
        ...{ count: ids.length, ids, texts, vectors, factsAt, checkedFactsAt, constants: null },
        column: (name) => batch.getChild(name)!,
        misses: new Map(),
      });
  }
  pieces.sort((a, b) => a.ids[0] - b.ids[0]);
  const starts = Float64Array.from(pieces, ({ ids }) => ids[0]);
  let rows = 0;
  const firsts = Float64Array.from(pieces, ({ ids: { length } }) => (rows += length) - length);
  const numbered = (number: number) => {
    const i = lastUpTo(firsts, number);
    return { piece: pieces[i], at: number - firsts[i] };
  };
  const numberOf = idIndex(rows, (number) => {
    const { piece, at } = numbered(number);
    return piece.texts.get(at) as string;
  });
  const find = (rowId: number) => {
    const piece = pieces[lastUpTo(starts, rowId)];
    return { piece, at: lastUpTo(piece.ids, rowId) };
  };
  return {
    batches: pieces,
    copyVector(rowId, target, offset) {
      const { piece, at } = find(rowId);
      target.set(rowAt({ values: piece.vectors, dim }, at), offset);
    },
    facts(rowId) {
      const { piece, at } = find(rowId);
      return piece.checkedFactsAt(at);
    },
    vector(id) {
      const number = numberOf(id);
      if (number === undefined) return undefined;
      const { piece, at } = numbered(number);
      return piece.vectors.slice(at * dim, (at + 1) * dim);
    },
    async nearest(vector, count, conditions = []) {
      const pause = inPieces('scan');
      const scanned: ScannedBlock[] = [];
      for (const block of pieces) {
        scanned.push({ block, leftOut: leftOutOf(block, conditions) });
        await pause();
      }
      const found = await nearestRows(space, scanned, vector, count);
      return found.map(({ block, at }) => pieces[block].ids[at]);
    },
  };
}

/** Which rows of a piece do not take part under some conditions; null where all do. */
function leftOutOf(piece: Piece, conditions: readonly Condition[]): Uint8Array | null {
  if (conditions.length === 0) return null;
  const leftOut = new Uint8Array(piece.count);
  for (const condition of conditions)
    missesOf(piece, condition).forEach((misses, at) => {
      leftOut[at] |= misses;
    });
  return leftOut;
}

/** Which rows of a piece fail a condition; that of a long list is found once, for as long as somebody holds the list. */
function missesOf({ count, column, misses }: Piece, condition: Condition): Uint8Array {
  const { column: name, test, values } = condition;
  const key = `${test} ${name}`;
  const kept = misses.get(key) ?? new WeakMap<Condition['values'], Uint8Array>();
  misses.set(key, kept);
  const known = kept.get(values);
  if (known) return known;
  const [texts, passes] = [column(name), testOf(condition)];
  const found = new Uint8Array(count);
  for (let at = 0; at < count; at++) if (!passes(texts.get(at) as string | null)) found[at] = 1;
  if (values.length > LONG) kept.set(values, found);
  return found;
}

/** Place of the last of some ascending values that is at most `value`. */
function lastUpTo(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}
