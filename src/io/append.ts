/** Appending to a file so that a piece is added whole or not at all, as far as one process can see to it. */

import { dirname } from 'node:path';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeFault,
  writeSync,
} from '../disk/index.js';

/**
 * Adds `piece` at the end of `path`, making file and folder when needed. When the disk is full the file is cut
 * back to what it was and HierError is thrown. After a power cut the last pieces may be missing or torn, so
 * readers of such files drop a torn end.
 */
export function appendWhole(path: string, piece: string | Uint8Array): void {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a');
    try {
      const { size } = fstatSync(file);
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      } catch (cause) {
        if (fstatSync(file).isFile()) ftruncateSync(file, size);
        throw cause;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw writeFault(path, cause);
  }
}
