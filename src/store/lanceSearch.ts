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
import { INDEX_NAME, type MadeIndex } from './lanceIndex.js';
import { ITEMS } from './lancePlace.js';
import { measuredFor, shortlist } from './lanceProbes.js';
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
  /** Partitions of its index that a search looks into; null where the index is not to be used. */
  readonly probes: number | null;
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

/** What is searched. */
export interface SearchedTable {
  readonly table: Table;
  /** Opens its versions. */
  readonly db: Connection;
  readonly manifest: Manifest;
  /** Up to so many rows a search looks at every one. */
  readonly exactRows: number;
  /** How its index was made; null when there is none, or nothing is known of it: then every search is exact. */
  readonly madeIndex: () => Promise<MadeIndex | null>;
}

/** Searches in a table. */
export function searchLance({ table, db, manifest, exactRows, madeIndex }: SearchedTable): LanceSearch {
  const { space, metadata } = manifest;
  const facts = factColumns(manifest);
  let current: { readonly number: number; readonly version: Promise<Version> } | null = null;
  let isWarm = false;
  let reading: Promise<void> | null = null;
  let restUntil = 0;

  const latest = async (): Promise<Version> => {
    const number = await table.version();
    if (current?.number !== number) {
      const version = openVersion(number);
      current = { number, version };
      version.catch(() => {
        current = null;
      });
    }
    const version = await current!.version;
    if (isWarm && !version.rows && performance.now() > restUntil) readRows(version).catch(() => undefined);
    return version;
  };
  const openVersion = async (number: number): Promise<Version> => {
    const opened = await db.openTable(ITEMS);
    await opened.checkout(number);
    return { number, table: opened, probes: (await madeIndex())?.probes ?? null, rows: null };
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
    const { table: at, rows, probes } = version;
    const where = sqlOf(filter, metadata);
    const isExact = probes === null || (exact ?? (await at.countRows(where)) <= exactRows);
    const candidates = async (): Promise<Candidates> => {
      if (rows && isExact && !where) return fromMemory(rows, await rows.nearest(vector, candidatesFor(k)));
      const query = isExact ? exactly(at, row, candidatesFor(k)) : shortlist(at, row, k, probes);
      if (where) query.where(where);
      if (where && !isExact) query.maximumNprobes(0); // go on until enough rows pass
      const { batches } = await query.select(rows ? ['_distance'] : ['vector', '_distance']).toArrow();
      const ids = batches.flatMap((batch) => [...rowIdsOf(batch)]);
      if (!isExact) ids.splice(measuredFor(k));
      if (rows) return fromMemory(rows, ids);
      const vectors = joinParts(batches.map((batch) => vectorsOf(batch, space.dim)));
      return { ids, vectors: vectors.subarray(0, ids.length * space.dim) };
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

/** The nearest rows of all. */
function exactly(table: Table, row: Float32Array, count: number) {
  const query = table.query().nearestTo(row).column('search').distanceType('l2');
  return query.limit(count).withRowId().bypassVectorIndex();
}
