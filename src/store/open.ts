/**
 * Tables by name: a folder, `s3://BUCKET/PREFIX` or `postgres://HOST/DATABASE?table=NAME`. Here, and nowhere else,
 * is decided which engine a table has.
 */
import { UsageError } from '../errors.js';
import { NO_HNSW } from './hnsw/hnsw.js';
import { loadUsearch } from './hnsw/usearch.js';
import { createLance, openLance } from './lance/lance.js';
import { folderPlace, objectsPlace } from './lance/lancePlace.js';
import { createManifest, type ManifestOptions } from './manifest.js';
import { type ObjectStoreSettings, objectStoreSettings } from './objectStore.js';
import { createPostgres, openPostgres, postgresExists } from './postgres/postgres.js';
import type { SqlPool } from './postgres/sql.js';
import type { Store } from './store.js';
import { parseTable, shownTable } from './tableUri.js';
import { anyWriter, folderWriter, objectsWriter, type Writer } from './writer.js';

/** How a table is opened. */
export interface TableOptions {
  /** Up to this many items a search looks at every one, and there is no index. Default 100,000. */
  readonly exactRows?: number;
  /** For `s3://`: where the store is and how to get in. Default: what the variables `AWS_…` say. */
  readonly objectStore?: ObjectStoreSettings;
  /** For `postgres://`: connections to use, which stay open. Default: new ones by the package `pg`. */
  readonly pool?: SqlPool;
}

interface Engine {
  exists(): Promise<boolean>;
  /** The table; null when there is none. */
  open(): Promise<Store | null>;
  create(options: ManifestOptions): Promise<Store>;
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
 * Leave to write to a table, which need not be there yet; take it before the first write. One process at a time in
 * a folder, and on an object store that fails the probe for conditional writes; else several.
 * @throws HierError while another process writes where only one may; as {@link tableExists}
 */
export async function admitWriter(name: string, options: TableOptions = {}): Promise<Writer> {
  return engineOf(name, options).admit();
}

/**
 * Throws UsageError when a table of this name can have no HNSW graph beside its index, or the package for it is missing.
 */
export async function checkHnsw(name: string): Promise<void> {
  if (parseTable(name).kind !== 'folder') throw new UsageError(NO_HNSW);
  await loadUsearch();
}

function engineOf(name: string, options: TableOptions): Engine {
  const place = parseTable(name);
  const { exactRows } = options;
  const limits = exactRows === undefined ? {} : { exactRows };
  if (place.kind === 'postgres')
    return {
      exists: () => postgresExists(place, options.pool),
      open: () => openPostgres(place, options.pool, limits),
      create: (manifest) => createPostgres(place, manifest, options.pool, limits),
      admit: anyWriter,
    };
  if (place.kind === 'folder') {
    const folder = folderPlace(place.path);
    return {
      exists: () => folder.exists(),
      open: () => openLance(folder, limits),
      create: (manifest) => createLance(folder, manifest, limits),
      admit: () => folderWriter(place.path),
    };
  }
  const { uri, bucket, prefix } = place;
  const objects = objectsPlace(uri, bucket, prefix, options.objectStore ?? objectStoreSettings());
  return {
    exists: () => objects.exists(),
    open: () => openLance(objects, limits),
    create: (manifest) => createLance(objects, manifest, limits),
    admit: () => objectsWriter(objects.objects, uri, prefix),
  };
}
