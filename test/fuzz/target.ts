/** What is fuzzed: a format, valid files of it, and the function of hier that reads them. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A format. */
export interface Target {
  /** Its name on the command line and in the table of results. */
  readonly format: string;
  /** The name that a mutant's file has, with the ending that the reader goes by. */
  readonly file: string;
  /** Valid files; `folder` is there for those that are made on the disk. */
  readonly seeds: (folder: string) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Makes a mutant deeper: sums that would give it away at once are computed again. */
  readonly repair?: (bytes: Buffer) => Buffer;
  /** Reads the file at `path`, whose bytes are `bytes`. May throw an error for users, and nothing else. */
  readonly read: (path: string, bytes: Buffer) => unknown;
}

/** The bytes of a file that `write` makes. */
export function made(folder: string, name: string, write: (path: string) => void): Buffer {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  write(path);
  return readFileSync(path);
}

/** Texts as files. */
export const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text));
