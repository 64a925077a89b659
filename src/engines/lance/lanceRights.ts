/**
 * The rights of the files that LanceDB writes. It makes them for their owner alone, whatever the umask says; another user
 * could then not read a table that was meant for both. Files that somebody else owns are left as they are.
 */
import { join } from 'node:path';
import { chmodSync, lstatSync, readdirSync } from '../../disk/index.js';
import { FILES_TABLE, ITEMS, type LancePlace } from './lancePlace.js';

/** Rights of a file that only its owner may read and write. */
const OWNER_ALONE = 0o600;

/** Files that have been looked at and are never written again, so that each is looked at once a process. */
const seen = new Set<string>();
const MOST_SEEN = 100_000;

/** Lets others read what LanceDB has written of a table in a folder, as far as the umask allows. */
export function openToReaders({ uri, storage }: LancePlace): void {
  if (storage !== undefined) return;
  for (const name of [ITEMS, FILES_TABLE]) openFolder(join(uri, `${name}.lance`));
}

/** Gives the files below a folder, if they have the rights that LanceDB gives, those that the umask allows. */
function openFolder(folder: string): void {
  const rights = 0o666 & ~process.umask();
  if (rights === OWNER_ALONE || process.platform === 'win32') return;
  if (seen.size > MOST_SEEN) seen.clear();
  const waiting = [folder];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const entry of namesIn(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (!seen.has(path)) openFile(path, rights);
    }
}

function openFile(path: string, rights: number): void {
  if (!path.endsWith('.json')) seen.add(path); // a hint at the newest version is the one file that is replaced
  try {
    const stats = lstatSync(path);
    if (stats.isFile() && (stats.mode & 0o777) === OWNER_ALONE) chmodSync(path, rights);
  } catch {
    // Removed meanwhile by a writer who tidies up, or owned by another user.
  }
}

function namesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // removed meanwhile
  }
}
