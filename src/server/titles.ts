/** What a page calls a table, and what it says of its tree. */
import { basename, dirname, resolve } from 'node:path';
import { DataError } from '../errors.js';
import type { Manifest } from '../store/manifest.js';
import type { Store } from '../store/store.js';
import { parseTable, shortTable } from '../store/tableUri.js';
import { readText } from '../store/textFiles.js';
import { TREE_CHOICE_FILE } from '../store/tree.js';

/** Names that say no more than that it is a table. */
const BARE = /^(the[ _-]?)?(table|index|vectors|items|store|db)s?$/i;

/** A title: the name of the table; where that says nothing, that of its model, or of the folder that it lies in. */
export function tableTitle(table: string, { model }: Pick<Manifest, 'model'>): string {
  const name = shortTable(table);
  if (!BARE.test(name)) return name;
  const place = parseTable(table);
  return model?.name || (place.kind === 'folder' && basename(dirname(resolve(place.path)))) || name;
}

/** Why the table has this tree, in a sentence; null where that is not known. */
export async function treeChoiceOf(store: Pick<Store, 'file'>): Promise<string | null> {
  try {
    return (await readText(store, TREE_CHOICE_FILE)) || null;
  } catch (error) {
    if (error instanceof DataError) return null; // damaged, and not needed for anything
    throw error;
  }
}
