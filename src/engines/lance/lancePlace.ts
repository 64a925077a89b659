/** Where a LanceDB table is, and whether there is one: in a folder, or in a part of a bucket. */

import { join } from 'node:path';
import { existsSync, readdirSync } from '../../disk/index.js';
import { lanceStorage, type ObjectStoreSettings, type Objects, objectsOf } from '../../store/objectStore.js';

/** Name of the LanceDB table that holds the items. */
export const ITEMS = 'items';
/** Name of the one that holds the files kept with them. */
export const FILES_TABLE = 'files';

/** Where a LanceDB table is. */
export interface LancePlace {
  /** As LanceDB names it. */
  readonly uri: string;
  /** Options of its object store. */
  readonly storage?: Readonly<Record<string, string>>;
  /** Folder for the HNSW graph of the items; null where it cannot lie with the table. */
  readonly hnsw: string | null;
  /** Whether there is a LanceDB table of this name; default that of the items. */
  exists(name?: string): Promise<boolean>;
}

/** A folder. */
export function folderPlace(folder: string): LancePlace {
  return {
    uri: folder,
    hnsw: join(folder, 'hnsw'),
    // One that was killed while it was made has neither a version nor data, and is none.
    exists: async (name = ITEMS) =>
      hasFiles(join(folder, `${name}.lance`, '_versions'), '.manifest') ||
      hasFiles(join(folder, `${name}.lance`, 'data'), '.lance'),
  };
}

const hasFiles = (folder: string, ending: string) =>
  existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(ending));

/** A part of a bucket. */
export function objectsPlace(
  uri: string,
  bucket: string,
  prefix: string,
  settings: ObjectStoreSettings,
): LancePlace & { readonly objects: Objects } {
  const objects = objectsOf(bucket, settings);
  const exists = (name = ITEMS) => objects.has(`${prefix}/${name}.lance/`);
  return { uri, storage: lanceStorage(settings), hnsw: null, exists, objects };
}
