/**
 * The newest version of a LanceDB table, as searches see it: its index, its HNSW graph and, once warmed, its rows in
 * memory as far as they fit, read anew when the table has changed. A search keeps to one version from beginning to end.
 */
import type { Connection, Table } from '@lancedb/lancedb';
import type { Manifest } from '../../store/manifest.js';
import type { HnswGraph } from '../hnsw/hnsw.js';
import type { MadeIndex } from './lanceIndex.js';
import { INDEX_NAMES, type LanceIndices } from './lanceIndices.js';
import { ITEMS } from './lancePlace.js';
import { type LanceRows, readLanceRows, rowsBytes } from './lanceRows.js';

/** One version of the table. */
export interface Version {
  readonly number: number;
  readonly table: Table;
  /** Partitions of its index that a search looks into; null where there is none, or nothing is known of it. Read once. */
  readonly probes: () => Promise<number | null>;
  /** The HNSW graph over its rows; null when there is none. */
  readonly graph: () => Promise<HnswGraph | null>;
  /** Its rows, when they are in memory. */
  rows: LanceRows | null;
}

/** What is searched. */
export interface SearchedTable {
  readonly table: Table;
  /** Opens its versions. */
  readonly db: Connection;
  readonly manifest: Manifest;
  /** Up to this many rows a search looks at every one. */
  readonly exactRows: number;
  /** What of its indices cannot be read. */
  readonly indices: LanceIndices;
  /** How its index was made; null when there is none, or nothing is known of it: then every search is exact. */
  readonly madeIndex: () => Promise<MadeIndex | null>;
  /** The HNSW graph over all rows of a version; null when there is none. */
  readonly graphOf: (version: number) => Promise<HnswGraph | null>;
}

/** The versions of a table, of which the newest counts. */
export interface Versions {
  latest(): Promise<Version>;
  /** The rows of the table as it is, where they are in memory. */
  rowsInMemory(): Promise<LanceRows | null>;
  /** The rows of a version, read into memory where they fit. */
  rowsOf(version: Version): Promise<LanceRows | null>;
  /** Reads into memory what searches need. */
  warm(): Promise<void>;
}

/** Most bytes of rows in memory. */
const MEMORY = 2 ** 30;
/** After a reading of the rows, the next begins no sooner than after this many times as long. */
const REST = 10;

/** Follows a table. */
export function versionsOf({ table, db, manifest, indices, madeIndex, graphOf }: SearchedTable): Versions {
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
    let made: Promise<MadeIndex | null> | undefined;
    return {
      number,
      table: opened,
      probes: async () => (await (made ??= madeIndex()))?.probes ?? null,
      graph: () => graphOf(number),
      rows: null,
    };
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

  return {
    latest,
    async rowsOf(version) {
      if (!version.rows) await readRows(version);
      return version.rows;
    },
    rowsInMemory: async () => (isWarm ? (await latest()).rows : null),
    async warm() {
      isWarm = true;
      const version = await latest();
      const graph = await version.graph();
      if (graph) await graph.warm();
      else if ((await version.table.indexStats(INDEX_NAMES.vectors)) !== undefined)
        await indices.around(
          'vectors',
          () => version.table.prewarmIndex(INDEX_NAMES.vectors),
          async () => undefined,
        );
      await (version.rows ? undefined : readRows(version));
    },
  };
}
