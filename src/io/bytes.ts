/** Opening a file, and bounded reading of its parts. */
import { fstatSync, openSync, readSync } from '../disk/index.js';
import { DataError } from '../errors.js';

/** Opens a file; the caller closes it. Throws DataError, naming it, when it cannot be read. */
export function openForReading(path: string): number {
  return openSync(path, 'r');
}

/** Size of an open file in bytes. */
export function fileSize(file: number): number {
  return fstatSync(file).size;
}

/** `length` bytes from `position` on, in an ArrayBuffer of their own. Throws DataError when there are fewer. */
export function readBytes(
  path: string,
  file: number,
  position: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const piece = Math.min(length - done, 1 << 30);
    const read = readSync(file, bytes, done, piece, position + done);
    if (!read) throw new DataError(`${path} is cut short: it ends at byte ${position + done}.`);
    done += read;
  }
  return bytes;
}
