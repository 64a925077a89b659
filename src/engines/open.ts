/**
 * Tables by name: a folder, `s3://BUCKET/PREFIX` or `postgres://HOST/DATABASE?table=NAME`. Here, and nowhere else,
 * is decided which engine a table has; what an engine needs from a package is loaded with the first table of its kind.
 */
import { UsageError } from '../errors.js';
import { installCommand, isLoadable, loadOptional } from '../io/optional.js';
import { createManifest, type ManifestOptions, type NewColumn } from '../store/manifest.js';
import { type ObjectStoreSettings, objectStoreSettings } from '../store/objectStore.js';
import { type EngineName, EXACT_ROWS, type Store } from '../store/store.js';
import { parseTable, shownTable } from '../store/tableUri.js';
import { anyWriter, folderWriter, objectsWriter, type Writer } from '../store/writer.js';
import { addFlatColumns, createFlat, dropFlat, noHnswInFlat, openFlat } from './flat/flat.js';
import { flatExists } from './flat/flatState.js';
import { NO_HNSW } from './hnsw/hnsw.js';
import { loadUsearch } from './hnsw/usearch.js';
import { folderPlace, objectsPlace } from './lance/lancePlace.js';
import {
  addPostgresColumns,
  createPostgres,
  dropPostgres,
  openPostgres,
  type PostgresPlace,
  postgresExists,
} from './postgres/postgres.js';
import type { SqlPool } from './postgres/sql.js';

/** How a table is opened. */
export interface TableOptions {
  /**
   * What a new table in a folder is to be kept by. Default: plain files (`flat`), or LanceDB (`lance`) where more rows
   * are expected than an exact search looks at and its packages are installed. A table that is there keeps its own.
   */
  readonly engine?: 'flat' | 'lance';
  /** Rows that a new table is expected to get. Default 0. */
  readonly rows?: number;
  /** Up to this many items a search looks at every one, and there is no index. Default 100,000. */
  readonly exactRows?: number;
  /** For `s3://`: where the store is and how to get in. Default: what the variables `AWS_…` say. */
  readonly objectStore?: ObjectStoreSettings;
  /** For `postgres://`: connections to use, which stay open. Default: new ones by the package `pg`. */
  readonly pool?: SqlPool;
}

type Limits = Pick<TableOptions, 'exactRows'>;

interface Engine {
  exists(): Promise<boolean>;
  /** The table; null when there is none. */
  open(): Promise<Store | null>;
  create(options: ManifestOptions): Promise<Store>;
  addColumns(columns: readonly NewColumn[]): Promise<void>;
  /** Removes a table, or what is left of one. */
  drop(): Promise<void>;
  admit(): Promise<Writer>;
}

/**
 * Whether there is a table of this name.
 * @throws UsageError for a name of no known kind, or without a key to its object store; HierError when the store
 * or database cannot be reached
 */
export async function tableExists(name: string, options: TableOptions = {}): Promise<boolean> {
  return engineOf(name, options).exists();
}

/**
 * Opens a table: a folder, `s3://BUCKET/PREFIX` or `postgres://HOST/DATABASE?table=NAME`. Call `close()`.
 * @throws UsageError when there is none; DataError when its manifest is damaged; as {@link tableExists}
 */
export async function openTable(name: string, options: TableOptions = {}): Promise<Store> {
  const store = await engineOf(name, options).open();
  if (store) return store;
  const shown = shownTable(name);
  throw new UsageError(`There is no table ${shown}. Make one with: npx hier index RUN --out ${shown}`);
}

/**
 * Makes an empty table and opens it.
 * @throws UsageError when there is one already; as {@link tableExists}
 */
export async function createTable(
  name: string,
  manifest: ManifestOptions,
  options: TableOptions = {},
): Promise<Store> {
  createManifest(manifest); // refuse it before anything is made
  const engine = engineOf(name, options);
  if (await engine.exists()) throw new UsageError(`There is a table ${shownTable(name)} already.`);
  return engine.create(manifest);
}

/**
 * Gives a table that is there further columns, in one step: all of them or, when it fails or is killed, none. Rows have no value in
 * them at first. Those that it has are passed over; a store that is open goes on without the new ones, unless it was opened by `followTable`.
 * @throws UsageError when there is no such table; DataError for a column that it has with another type; as {@link tableExists}
 */
export async function addColumns(
  name: string,
  columns: readonly NewColumn[],
  options: TableOptions = {},
): Promise<void> {
  const engine = engineOf(name, options);
  if (!(await engine.exists())) throw new UsageError(`There is no table ${shownTable(name)}.`);
  await engine.addColumns(columns);
}

/** Removes a table with all that is kept with it. Throws as {@link tableExists}, and HierError where that is refused. */
export async function dropTable(name: string, options: TableOptions = {}): Promise<void> {
  await engineOf(name, options).drop();
}

/**
 * Permission to write to a table, which need not be there yet; take it before the first write. One process at a time in
 * a folder, and on an object store that fails the probe for conditional writes; else several.
 * @throws HierError while another process writes where only one may; as {@link tableExists}
 */
export async function admitWriter(name: string, options: TableOptions = {}): Promise<Writer> {
  return engineOf(name, options).admit();
}

/**
 * Throws UsageError when a table of this name can have no HNSW graph beside its index, or a package for it is missing.
 */
export async function checkHnsw(name: string): Promise<void> {
  const place = parseTable(name);
  if (place.kind !== 'folder') throw new UsageError(NO_HNSW);
  if (flatExists(place.path)) throw new UsageError(noHnswInFlat(shownTable(name)));
  await loadLance('An HNSW graph lies beside a LanceDB table, which needs', 'Or leave out --hnsw.');
  await loadUsearch();
}

function engineOf(name: string, options: TableOptions): Engine {
  const place = parseTable(name);
  const { exactRows } = options;
  const limits = exactRows === undefined ? {} : { exactRows };
  if (place.kind === 'postgres') return postgresEngine(place, options, limits);
  if (place.kind === 'folder') return folderEngine(place.path, options, limits);
  const { uri, bucket, prefix } = place;
  const objects = objectsPlace(uri, bucket, prefix, options.objectStore ?? objectStoreSettings());
  const lance = () => loadLance('A table on an object store needs', 'Or make the table in a folder.');
  return {
    async exists() {
      await lance(); // first of all, since nothing can be done without
      return objects.exists();
    },
    open: async () => (await lance()).openLance(objects, limits),
    create: async (manifest) => (await lance()).createLance(objects, manifest, limits),
    addColumns: async (columns) => (await lance()).addLanceColumns(objects, columns),
    drop: async () => (await lance()).dropLance(objects),
    admit: () => objectsWriter(objects.objects, uri, prefix),
  };
}

function postgresEngine(place: PostgresPlace, { pool }: TableOptions, limits: Limits): Engine {
  return {
    exists: () => postgresExists(place, pool),
    open: () => openPostgres(place, pool, limits),
    create: (manifest) => createPostgres(place, manifest, pool, limits),
    addColumns: (columns) => addPostgresColumns(place, columns, pool),
    drop: () => dropPostgres(place, pool),
    admit: anyWriter,
  };
}

/** A folder says by what lies in it which engine its table has; a new table gets the one that fits it. */
function folderEngine(path: string, options: TableOptions, limits: Limits): Engine {
  const place = folderPlace(path);
  return {
    exists: async () => flatExists(path) || (await place.exists()),
    async open() {
      if (flatExists(path)) return openFlat(path);
      if (!(await place.exists())) return null;
      const lance = await loadLance(`The table ${path} was made with LanceDB, which needs`);
      return lance.openLance(place, limits);
    },
    async create(manifest) {
      if ((await engineForNew(options)) === 'flat') return createFlat(path, manifest);
      const lance = await loadLance(
        'A LanceDB table needs',
        'Or leave the engine out: then plain files keep it.',
      );
      return lance.createLance(place, manifest, limits);
    },
    async addColumns(columns) {
      if (flatExists(path)) return addFlatColumns(path, columns);
      await (await loadLance(`The table ${path} needs`)).addLanceColumns(place, columns);
    },
    async drop() {
      if (flatExists(path)) return dropFlat(path);
      if (await place.exists()) await (await loadLance(`The table ${path} needs`)).dropLance(place);
    },
    admit: () => folderWriter(path),
  };
}

async function engineForNew({ engine, rows = 0, exactRows = EXACT_ROWS }: TableOptions): Promise<EngineName> {
  return engine ?? (rows > exactRows && (await isLoadable(importLance)) ? 'lance' : 'flat');
}

const LANCE = ['@lancedb/lancedb', 'apache-arrow'];

/** Loads the engine. The library would write warnings of its own to the terminal: what hier is to say of them, it says itself. */
const importLance = () => {
  process.env.LANCEDB_LOG ??= 'off';
  return import('./lance/lance.js');
};

/** The engine for LanceDB tables. Throws UsageError without its packages. */
function loadLance(purpose: string, otherwise?: string) {
  const packages = { purpose, names: LANCE, ...(otherwise === undefined ? {} : { otherwise }) };
  return loadOptional(packages, importLance);
}

/** What somebody should know whose table has outgrown exact search; null where it has not. */
export function growthNote({ engine }: Pick<Store, 'engine'>, rows: number): string | null {
  if (engine !== 'flat' || rows <= EXACT_ROWS) return null;
  return `The table has ${rows.toLocaleString('en')} rows, and every search looks at each of them. For an approximate index, ${installCommand({ purpose: '', names: LANCE })} and index the items into a new table: LanceDB then keeps it.`;
}
