/**
 * What tells a network from another: the SHA-256 of its ONNX file, and of the files of weights beside it where it has such.
 * It is what a run keeps of the network that it began with.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { closeSync, openSync, readSync, statSync } from '../../../disk/index.js';
import { filesBeside } from './beside.js';
import type { OpenedModel } from './door.js';

/** The checksums by which a network is known, hexadecimal. */
export interface NetworkIdentity {
  /** Of all that it is made of; of a network in one file, the SHA-256 of that file. */
  readonly sha256: string;
  /** Of the ONNX file alone, which is what earlier versions kept. */
  readonly sha256OfFile: string;
}

/** Bytes that are hashed at a time. */
const PIECE = 2 ** 20;

/** The checksums of an opened network. What lies beside it is read for them; what is not there counts as absent. */
export function identityOf(model: OpenedModel): NetworkIdentity {
  const { file, sha256 } = model;
  const beside = filesBeside(model, file).sort();
  if (beside.length === 0) return { sha256, sha256OfFile: sha256 };
  const hash = createHash('sha256').update(`${sha256}\n`);
  for (const name of beside) hash.update(`${hashOf(join(dirname(file), name))}  ${name}\n`);
  return { sha256: hash.digest('hex'), sha256OfFile: sha256 };
}

/** Whether a network is the one that a checksum was kept of, by this version or an earlier one. */
export const isSameNetwork = ({ sha256, sha256OfFile }: NetworkIdentity, kept: string): boolean =>
  [sha256, sha256OfFile].includes(kept.toLowerCase());

function hashOf(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return 'absent';
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const count = readSync(file, piece, 0, piece.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}
