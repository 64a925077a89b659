/**
 * A store in a LanceDB table: a folder on a disk, or a part of a bucket. Readers need no lock; who may write is
 * decided elsewhere. A killed writer leaves the table as it was before its last write. Searches run a few at a
 * time, since each may hold a good part of the table in memory.
 */

import { join } from 'node:path';
import { type Connection, connect, makeArrowTable, type Table } from '@lancedb/lancedb';
import { rmSync } from '../../disk/index.js';
import { DataError, UsageError } from '../../errors.js';
import { atBoundary, bounded, libraryFaults } from '../../store/boundary.js';
import { checkItems } from '../../store/check.js';
import { limitTo } from '../../store/limit.js';
import {
  createManifest,
  type Manifest,
  type ManifestOptions,
  type NewColumn,
  withColumns,
} from '../../store/manifest.js';
import { EXACT_ROWS, type IndexState, type MaintainOptions, type Store } from '../../store/store.js';
import { wordsInMemory } from '../../store/text/wordsInMemory.js';
import { keepText, readText } from '../../store/textFiles.js';
import { NO_HNSW } from '../hnsw/hnsw.js';
import { buildHnsw } from '../hnsw/hnswBuild.js';
import { readHnswFacts } from '../hnsw/hnswFiles.js';
import { hnswOfTable } from '../hnsw/hnswOfTable.js';
import { hasUsearch } from '../hnsw/usearch.js';
import { itemsToArrow, laterColumns, manifestIn, schemaOf } from './arrowItems.js';
import { keptFiles } from './lanceFiles.js';
import { indexState, type MadeIndex, maintainIndex, parseMadeIndex } from './lanceIndex.js';
import { indicesOf } from './lanceIndices.js';
import { FILES_TABLE, ITEMS, type LancePlace } from './lancePlace.js';
import { conditionsFor, type LanceTable, lanceReads } from './lanceReads.js';
import { openToReaders } from './lanceRights.js';
import { searchLance } from './lanceSearch.js';
import { hasWords, keepsWords, lanceWords } from './lanceWords.js';
import { besideOthers, upsert } from './lanceWrite.js';

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
  return atBoundary(faultsOf(place), 'read', async () => {
    const db = await open(place);
    const table = await db.openTable(ITEMS);
    const manifest = manifestIn(await table.schema(), place.uri);
    return storeOf(place, db, table, manifest, options);
  });
}

const faultsOf = ({ uri }: LancePlace) => libraryFaults({ engine: 'LanceDB', table: uri });

/** Makes an empty table where there is none. What a refusal has left of it is removed. */
export async function createLance(
  place: LancePlace,
  options: ManifestOptions,
  how: LanceOptions = {},
): Promise<Store> {
  const manifest = createManifest(options);
  return atBoundary(faultsOf(place), 'write', async () => {
    try {
      const db = await open(place);
      const table = await db.createEmptyTable(ITEMS, schemaOf(manifest), { mode: 'create' });
      openToReaders(place);
      return storeOf(place, db, table, manifest, how);
    } catch (error) {
      if (!(await place.exists())) removeParts(place);
      throw error;
    }
  });
}

/** Gives a table further columns in one commit. Throws as `withColumns`. */
export function addLanceColumns(place: LancePlace, columns: readonly NewColumn[]): Promise<void> {
  return atBoundary(faultsOf(place), 'write', async () => {
    const db = await open(place);
    const table = await db.openTable(ITEMS);
    try {
      await besideOthers(table, async () => {
        const manifest = manifestIn(await table.schema(), place.uri);
        const { added = [] } = withColumns(manifest, columns, place.uri);
        const fresh = added.slice(manifest.added?.length ?? 0);
        // The library wants a schema of its own copy of Arrow.
        if (fresh.length > 0)
          await table.addColumns(makeArrowTable([], { schema: laterColumns(fresh) }).schema);
      });
      openToReaders(place);
    } finally {
      table.close();
      db.close();
    }
  });
}

/** Removes a table, whatever is left of it. */
export function dropLance(place: LancePlace): Promise<void> {
  return atBoundary(faultsOf(place), 'write', async () => {
    if (place.storage === undefined) return removeParts(place);
    const db = await open(place);
    const names = await db.tableNames();
    for (const name of [ITEMS, FILES_TABLE]) if (names.includes(name)) await db.dropTable(name);
  });
}

/** Removes the folders of a table that lies in a folder. */
function removeParts({ uri, storage, hnsw }: LancePlace): void {
  if (storage !== undefined) return;
  for (const name of [ITEMS, FILES_TABLE])
    rmSync(join(uri, `${name}.lance`), { recursive: true, force: true });
  if (hnsw !== null) rmSync(hnsw, { recursive: true, force: true });
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
  const files = keptFiles(place, db, table);
  const indices = indicesOf(table);
  const opened = { place, db, table, manifest, exactRows, indices, files };
  const { graphOf, stateOf } = hnswOfTable(place.hnsw, manifest.space.width);
  // Damaged as if it were not known: the index is not used then.
  const madeIndex = () =>
    readText(files, INDEX_FILE).then(parseMadeIndex, async (error) => {
      if (!(error instanceof DataError)) throw error;
      await indices.mark('vectors');
      return null;
    });
  const index = async ({ whole = false } = {}): Promise<IndexState> => {
    if (whole) await indices.look();
    const state = await indexState(table);
    const probes = (state.kind && (await madeIndex())?.probes) || null;
    const damaged = await indices.damaged();
    const hnsw = await stateOf(await table.version());
    return { ...state, probes, hnsw, ...(damaged.length > 0 ? { damaged } : {}) };
  };
  const { search, rowsInMemory, warm } = searchLance({
    ...opened,
    madeIndex,
    graphOf,
  });
  const limited = limitTo(SEARCHES);
  const reads = lanceReads(opened, rowsInMemory);
  const inMemory = wordsInMemory({ manifest, ...reads });
  const store: Store = {
    engine: 'lance',
    manifest,
    search: (vector, options) => limited(() => search(vector, options)),
    warm,
    ...reads,
    async *words(asked, filter) {
      yield* (await keepsWords(table)) ? lanceWords(opened, asked, filter) : inMemory(filter);
    },
    ...writes(opened),
    latest: async () => manifestIn(await table.schema(), place.uri),
    index,
    async maintain(options = {}) {
      await maintainLance(opened, await madeIndex(), options);
      return index();
    },
    ...files,
    async close() {
      openToReaders(place); // what was still written after the last change
      table.close();
      db.close();
    },
  };
  return bounded(store, faultsOf(place));
}

function writes({ place, table, manifest, indices }: LanceTable): Pick<Store, 'write' | 'remove'> {
  return {
    async write(items, { allNew = false } = {}) {
      if (items.length === 0) return;
      checkItems(items, manifest);
      const data = itemsToArrow(items, manifest, await hasWords(table));
      if (allNew) await table.add(data);
      else await upsert(table, 'id', data);
      openToReaders(place);
    },
    async remove(ids) {
      let removed = 0;
      for (const condition of conditionsFor([...new Set(ids)]))
        removed +=
          (await besideOthers(table, () => indices.where(condition, (where) => table.delete(where!))))
            .numDeletedRows ?? 0;
      openToReaders(place);
      return removed;
    },
  };
}

async function maintainLance(
  { place, table, manifest, exactRows, indices, files }: LanceTable,
  made: MadeIndex | null,
  { hnsw, onProgress, signal }: MaintainOptions,
): Promise<void> {
  const { space } = manifest;
  const folder = place.hnsw;
  if (hnsw && folder === null) throw new UsageError(NO_HNSW);
  const keep = (index: MadeIndex) => keepText(files, INDEX_FILE, JSON.stringify(index));
  await maintainIndex(table, { manifest, exactRows, made, indices, keep });
  openToReaders(place);
  await table.checkoutLatest();
  if (folder && (hnsw === false || (await indexState(table)).kind === null))
    rmSync(folder, { recursive: true, force: true });
  else if (folder && (hnsw ?? (readHnswFacts(folder) !== null && (await hasUsearch()))))
    await buildHnsw({ table, space, folder, onProgress, signal });
}
