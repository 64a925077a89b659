/**
 * Searching a LanceDB table. Candidates come from its index, or from a look at every row; then they are measured
 * again in float64, and only what is returned is read in full. Each search keeps to one version of the table. A
 * warmed one has that version's rows in memory as far as they fit, and reads them anew when the table has changed.
 */
import type { Connection, Table } from '@lancedb/lancedb';
import { joinParts } from '../retrieval/vectors.js';
import { type ArrowRow, factColumns, factsOf, rowIdsOf, vectorsOf } from './arrowItems.js';
import { checkVector } from './check.js';
import { sqlOf } from './filter.js';
import { INDEX_NAME, probesFor, shortlistFor } from './lanceIndex.js';
import { ITEMS } from './lancePlace.js';
import { type LanceRows, readLanceRows, rowsBytes } from './lanceRows.js';
import type { Manifest } from './manifest.js';
import { candidatesFor, distancesTo, leastOf, nearestHits } from './rescore.js';
import { queryRow } from './space.js';
import type { Hit, ItemFacts, SearchOptions } from './store.js';

/** The searching part of a store. */
export interface LanceSearch {
  search(vector: Float32Array, options?: SearchOptions): Promise<Hit[]>;
  /** The rows of the table as it is, where they are in memory. */
  rowsInMemory(): Promise<LanceRows | null>;
  /** Reads into memory what searches need. */
  warm(): Promise<void>;
}

/** One version of the table. */
interface Version {
  readonly number: number;
  readonly table: Table;
  /** Its rows, when they are in memory. */
  rows: LanceRows | null;
}

/** Rows to be measured again: their ids, and their vectors `[N, dim]`. */
interface Candidates {
  readonly ids: readonly number[];
  readonly vectors: Float32Array;
}

/** Most bytes of rows in memory. */
const MEMORY = 2 ** 30;
/** After a reading of the rows, the next begins no sooner than after this many times as long. */
const REST = 10;

/** Searches in `table`, whose versions are opened by `db`. */
export function searchLance(
  db: Connection,
  table: Table,
  manifest: Manifest,
  exactRows: number,
): LanceSearch {
  const { space, metadata } = manifest;
  const facts = factColumns(manifest);
  let current: { readonly number: number; readonly version: Promise<Version> } | null = null;
  let isWarm = false;
  let reading: Promise<void> | null = null;
  let restUntil = 0;

  const latest = async (): Promise<Version> => {
    const number = await table.version();
    if (current?.number !== number) {
      const version = openAt(db, number);
      current = { number, version };
      version.catch(() => {
        current = null;
      });
    }
    const version = await current!.version;
    if (isWarm && !version.rows && performance.now() > restUntil) readRows(version).catch(() => undefined);
    return version;
  };
  const readRows = (version: Version): Promise<void> => {
    reading ??= (async () => {
      const started = performance.now();
      try {
        if (rowsBytes(await version.table.countRows(), manifest) <= MEMORY)
          version.rows = await readLanceRows(version.table, manifest);
      } finally {
        restUntil = performance.now() + REST * (performance.now() - started);
        reading = null;
      }
    })();
    return reading;
  };

  const search = async (
    vector: Float32Array,
    { k = 10, filter, exact }: SearchOptions = {},
  ): Promise<Hit[]> => {
    checkVector(vector, space.dim, 'The query');
    const row = queryRow(space, vector); // refuses what is no point of the space
    const version = await latest();
    const { table: at, rows } = version;
    const where = sqlOf(filter, metadata);
    const taking = await at.countRows(where);
    const isExact = exact ?? taking <= exactRows;
    const candidates = async (): Promise<Candidates> => {
      if (rows && isExact && !where) return fromMemory(rows, await rows.nearest(vector, candidatesFor(k)));
      const query = at.query().nearestTo(row).column('search').distanceType('l2');
      query.limit(isExact ? candidatesFor(k) : shortlistFor(k)).withRowId();
      if (where) query.where(where);
      if (isExact) query.bypassVectorIndex();
      else query.nprobes(probesFor(where ? await at.countRows() : taking));
      if (where && !isExact) query.maximumNprobes(0); // go on until enough rows pass
      const { batches } = await query.select(rows ? ['_distance'] : ['vector', '_distance']).toArrow();
      const ids = batches.flatMap((batch) => [...rowIdsOf(batch)]);
      return rows
        ? fromMemory(rows, ids)
        : { ids, vectors: joinParts(batches.map((batch) => vectorsOf(batch, space.dim))) };
    };
    const { ids, vectors } = await candidates();
    const distances = distancesTo(space, vector, vectors);
    const nearest = leastOf(distances, k);
    if (nearest.length === 0) return [];
    const factsAt = await factsIn(
      version,
      nearest.map((i) => ids[i]),
    );
    return nearestHits(
      nearest.map((i): Hit => ({ ...factsAt(ids[i]), distance: distances[i] })),
      k,
    );
  };
  const fromMemory = (rows: LanceRows, ids: readonly number[]): Candidates => {
    const vectors = new Float32Array(ids.length * space.dim);
    ids.forEach((id, i) => {
      rows.copyVector(id, vectors, i * space.dim);
    });
    return { ids, vectors };
  };
  const factsIn = async (
    { table: at, rows }: Version,
    ids: readonly number[],
  ): Promise<(id: number) => ItemFacts> => {
    if (rows) return rows.facts;
    const read: ArrowRow[] = await at.takeRowIds(ids).select(facts).withRowId().toArray();
    const byId = new Map(read.map((row) => [Number(row._rowid), factsOf(row, manifest)]));
    return (id) => byId.get(id)!;
  };

  return {
    search,
    rowsInMemory: async () => (isWarm ? (await latest()).rows : null),
    async warm() {
      isWarm = true;
      const version = await latest();
      if ((await version.table.indexStats(INDEX_NAME)) !== undefined)
        await version.table.prewarmIndex(INDEX_NAME);
      await (version.rows ? undefined : readRows(version));
    },
  };
}

async function openAt(db: Connection, number: number): Promise<Version> {
  const table = await db.openTable(ITEMS);
  await table.checkout(number);
  return { number, table, rows: null };
}
