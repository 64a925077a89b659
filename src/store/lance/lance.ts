/**
 * A store in a LanceDB table: a folder on a disk, or a part of a bucket. Readers need no lock; who may write is
 * decided in `writer.ts`. A killed writer leaves the table as it was before its last write. Searches run a few at a
 * time, since each may hold a good part of the table in memory.
 */
import { rmSync } from 'node:fs';
import { type Connection, connect, type Table } from '@lancedb/lancedb';
import { UsageError } from '../../errors.js';
import { checkItems } from '../check.js';
import { quoted, sqlOf } from '../filter.js';
import { NO_HNSW } from '../hnsw/hnsw.js';
import { buildHnsw } from '../hnsw/hnswBuild.js';
import { readHnswFacts } from '../hnsw/hnswFiles.js';
import { hnswOfTable } from '../hnsw/hnswOfTable.js';
import { hasUsearch } from '../hnsw/usearch.js';
import { limitTo } from '../limit.js';
import { createManifest, type Manifest, type ManifestOptions, parseManifest } from '../manifest.js';
import { EXACT_ROWS, type Filter, type IndexState, type Item, type ItemFacts, type Store } from '../store.js';
import { keepText, readText } from '../texts.js';
import {
  type ArrowRow,
  FILES,
  factColumns,
  factsOf,
  factsReader,
  fileToArrow,
  itemsToArrow,
  MANIFEST_KEY,
  schemaOf,
  vectorOf,
  vectorsOf,
} from './arrowItems.js';
import { indexState, type MadeIndex, maintainIndex, parseMadeIndex } from './lanceIndex.js';
import { ITEMS, type LancePlace } from './lancePlace.js';
import type { RowBatch } from './lanceRows.js';
import { searchLance } from './lanceSearch.js';
import { besideOthers, upsert } from './lanceWrite.js';

const NONE = new Float32Array(0);
const FILES_TABLE = 'files';
/** Ids in one condition. */
const IDS_AT_ONCE = 4096;
/** Searches at a time. */
const SEARCHES = 4;
/** Seconds after which an open table notices what others have written. */
const STALE_SECONDS = 1;
/** File that says what the index was made for, and how it is searched. */
const INDEX_FILE = 'index';

/** How a table is opened. */
export interface LanceOptions {
  /** Up to this many items a search looks at every one, and there is no index. Default {@link EXACT_ROWS}. */
  readonly exactRows?: number;
}

/** Opens a table; null when there is none. Throws DataError when its manifest is damaged. */
export async function openLance(place: LancePlace, options: LanceOptions = {}): Promise<Store | null> {
  if (!(await place.exists())) return null;
  const db = await open(place);
  const table = await db.openTable(ITEMS);
  const manifest = parseManifest((await table.schema()).metadata.get(MANIFEST_KEY), place.uri);
  return storeOf(place, db, table, manifest, options);
}

/** Makes an empty table where there is none. */
export async function createLance(
  place: LancePlace,
  options: ManifestOptions,
  how: LanceOptions = {},
): Promise<Store> {
  const manifest = createManifest(options);
  const db = await open(place);
  const table = await db.createEmptyTable(ITEMS, schemaOf(manifest));
  return storeOf(place, db, table, manifest, how);
}

function open({ uri, storage }: LancePlace): Promise<Connection> {
  return connect(uri, {
    readConsistencyInterval: STALE_SECONDS,
    ...(storage ? { storageOptions: { ...storage } } : {}),
  });
}

function storeOf(
  place: LancePlace,
  db: Connection,
  table: Table,
  manifest: Manifest,
  { exactRows = EXACT_ROWS }: LanceOptions,
): Store {
  const { space, metadata } = manifest;
  const facts = factColumns(manifest);
  const condition = (filter?: Filter) => sqlOf(filter, metadata);
  const limited = limitTo(SEARCHES);

  const rowsWhere = async (ids: readonly string[], columns: string[]): Promise<ArrowRow[]> => {
    const rows: ArrowRow[] = [];
    for (const part of parts(ids))
      rows.push(
        ...(await table
          .query()
          .where(condition({ ids: part })!)
          .select(columns)
          .toArray()),
      );
    return rows;
  };
  const count = async (filter?: Filter) => table.countRows(condition(filter));
  const file = async (name: string): Promise<Uint8Array | null> => {
    if (!(await place.exists(FILES_TABLE))) return null;
    const files = await db.openTable(FILES_TABLE);
    const [row]: ArrowRow[] = await files
      .query()
      .where(`name = ${quoted(name)}`)
      .toArray();
    return row ? Uint8Array.from(row.bytes as Uint8Array) : null;
  };
  const setFile = async (name: string, bytes: Uint8Array) => {
    const files = await besideOthers(table, async () =>
      (await place.exists(FILES_TABLE))
        ? db.openTable(FILES_TABLE)
        : db.createEmptyTable(FILES_TABLE, FILES, { existOk: true }),
    );
    await upsert(files, 'name', fileToArrow(name, bytes));
  };

  async function* readBatches(vectors: boolean): AsyncGenerator<RowBatch> {
    for await (const batch of table.query().select(vectors ? [...facts, 'vector'] : facts))
      yield {
        count: batch.numRows,
        factsAt: factsReader(batch, manifest),
        vectors: vectors ? vectorsOf(batch, space.dim) : NONE,
      };
  }

  const madeIndex = async () => parseMadeIndex(await readText({ file }, INDEX_FILE));
  const { graphOf, stateOf } = hnswOfTable(place.hnsw, space.width);
  const index = async (): Promise<IndexState> => {
    const state = await indexState(table);
    const probes = (state.kind && (await madeIndex())?.probes) || null;
    return { ...state, probes, hnsw: await stateOf(await table.version()) };
  };
  const searched = { db, table, manifest, exactRows, madeIndex, graphOf };
  const { search, rowsInMemory, warm } = searchLance(searched);

  return {
    engine: 'lance',
    manifest,
    count,
    async write(items, { allNew = false } = {}) {
      if (items.length === 0) return;
      checkItems(items, manifest);
      const data = itemsToArrow(items, manifest);
      if (allNew) await table.add(data);
      else await upsert(table, 'id', data);
    },
    async remove(ids) {
      let removed = 0;
      for (const part of parts([...new Set(ids)]))
        removed +=
          (await besideOthers(table, () => table.delete(condition({ ids: part })!))).numDeletedRows ?? 0;
      return removed;
    },
    async hashes(ids) {
      return new Map(
        (await rowsWhere(ids, ['id', 'hash'])).map((row) => [row.id as string, row.hash as string]),
      );
    },
    async get(ids) {
      const rows = await rowsWhere([...new Set(ids)], [...facts, 'vector', 'thumbnail']);
      const found = new Map<string, Item>(rows.map((row) => [row.id as string, itemOf(row, manifest)]));
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async vector(id) {
      const kept = (await rowsInMemory())?.vector(id);
      if (kept) return kept;
      const [row] = await rowsWhere([id], ['vector']);
      return row ? vectorOf(row) : null;
    },
    search: (vector, options) => limited(() => search(vector, options)),
    warm,
    async list({ offset = 0, limit, filter }): Promise<ItemFacts[]> {
      const query = table.query().select(facts).orderBy({ columnName: 'id', ascending: true });
      const where = condition(filter);
      if (where) query.where(where);
      const rows: ArrowRow[] = await query.offset(offset).limit(limit).toArray();
      return rows.map((row) => factsOf(row, manifest));
    },
    async *scan({ vectors = false } = {}) {
      const { dim } = space;
      for await (const batch of (await rowsInMemory())?.batches ?? readBatches(vectors))
        yield Array.from({ length: batch.count }, (_, i) =>
          Object.assign(batch.factsAt(i), {
            vector: vectors ? batch.vectors.subarray(i * dim, (i + 1) * dim) : NONE,
          }),
        );
    },
    async maintain({ hnsw, onProgress, signal } = {}) {
      if (hnsw && place.hnsw === null) throw new UsageError(NO_HNSW);
      const keep = (made: MadeIndex) => keepText({ setFile }, INDEX_FILE, JSON.stringify(made));
      await maintainIndex(table, { space, exactRows, made: await madeIndex(), keep });
      await table.checkoutLatest();
      const folder = place.hnsw;
      if (folder && (hnsw === false || (await indexState(table)).kind === null))
        rmSync(folder, { recursive: true, force: true });
      else if (folder && (hnsw ?? (readHnswFacts(folder) !== null && (await hasUsearch()))))
        await buildHnsw({ table, space, folder, onProgress, signal });
      return index();
    },
    index,
    version: async () => String(await table.version()),
    file,
    setFile,
    async close() {
      table.close();
      db.close();
    },
  };
}

function itemOf(row: ArrowRow, manifest: Manifest): Item {
  const thumbnail = row.thumbnail ? Uint8Array.from(row.thumbnail as Uint8Array) : null;
  return { ...factsOf(row, manifest), vector: vectorOf(row), thumbnail };
}

/** Ids in pieces that fit one condition. */
function* parts(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) yield ids.slice(start, start + IDS_AT_ONCE);
}
