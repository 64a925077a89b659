/**
 * Checksums of the files kept with a table, such as its tree, its map and its network: made when a file is kept, looked at
 * whenever it is read. Where they lie is the engine's business. A file without one, of a table made before, is read as it is.
 */
import { createHash } from 'node:crypto';
import { DataError } from '../errors.js';

/** A file of a table that is not as it was written. */
export class DamagedFile extends DataError {
  /** Its name within the table. */
  readonly file: string;

  constructor(table: string, file: string, cause?: unknown) {
    super(`The file "${file}" of the table ${table} is damaged. ${wayOut(table, file)}`, { cause });
    this.file = file;
  }
}

/** Whether a file of a table is damaged; what is damaged can be kept anew. */
export async function isDamaged(
  store: { file(name: string): Promise<Uint8Array | null> },
  name: string,
): Promise<boolean> {
  try {
    await store.file(name);
    return false;
  } catch (error) {
    if (error instanceof DamagedFile) return true;
    throw error;
  }
}

/** SHA-256 of a file, in hexadecimal. */
export function sumOfFile(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Name under which an engine that keeps files in a table keeps the checksum of one. */
export const sumName = (file: string) => `${file}#sha256`;

/** A file as it was read. Throws DamagedFile when its checksum is another. */
export function checkedFile(
  table: string,
  file: string,
  { bytes, sum }: { readonly bytes: Uint8Array; readonly sum: string | undefined },
): Uint8Array {
  if (sum !== undefined && sum !== sumOfFile(bytes)) throw new DamagedFile(table, file);
  return bytes;
}

/** How to get out of the damage to a file. */
function wayOut(table: string, file: string): string {
  if (file === 'map' || file === 'map-key') return `Make the map again: npx hier index --map --out ${table}`;
  if (file === 'tree' || file === 'tree-origin')
    return `Index the items again with their tree (that of their run, or --tree FILE.json): npx hier index RUN --out ${table}`;
  if (file === 'model.onnx' || file === 'model.json')
    return `Search with the network that the table was made with (--model MODEL), or index the items again: npx hier index RUN --out ${table}`;
  return `Index the items again: npx hier index SOURCE --out ${table}`;
}
