/**
 * The file that says what a flat table consists of, `table.json`: its manifest, its parts in the order in which they
 * were written, and the files kept with it. It is replaced as a whole, so a table is always as some commit left it;
 * what parts and files hold is for others.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { mkdirSync, readFileSync, statSync, writeFault } from '../../disk/index.js';
import { DataError, HierError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { acquireLock, whenGone } from '../../io/lock.js';
import { type Manifest, manifestText, parseManifest } from '../../store/manifest.js';

const FORMAT = 'hier-flat-table';
const VERSION = 1;
/** Name of the file; with it there is a table. */
export const STATE_FILE = 'table.json';
const LOCK_FILE = 'commit.lock';

/** Milliseconds that a commit waits for those of others. */
const PATIENCE = 30_000;

const name = z.string().regex(/^[0-9a-f]+$/);
const stateSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** Commits that changed the items. */
  changes: z.int().min(0),
  parts: z.array(
    z.object({
      name,
      rows: z.int().min(0),
      /** CRC-32 of its header, in hexadecimal; absent where it was written before there were such. */
      sum: z.string().optional(),
    }),
  ),
  /** Names on the disk of the files kept with the table, by the names that they are asked for by. */
  files: z.record(z.string(), name),
  /** SHA-256 of those files, by the names that they are asked for by; absent for those kept before there were such. */
  sums: z.record(z.string(), z.string()).default({}),
  manifest: z.unknown(),
});

/** What a table consists of after a commit. */
export interface FlatState extends Omit<z.infer<typeof stateSchema>, 'format' | 'version' | 'manifest'> {
  readonly manifest: Manifest;
}

/** Whether there is a flat table in a folder. */
export function flatExists(folder: string): boolean {
  return statSync(join(folder, STATE_FILE), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** What changes with every commit, at the cost of a look at the file. Throws DataError when the table is gone. */
export function stampOf(folder: string): string {
  const stats = statSync(join(folder, STATE_FILE), { bigint: true, throwIfNoEntry: false });
  if (!stats) throw new DataError(`The table ${folder} is no longer there. Its folder was deleted or moved.`);
  return `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}

/** The state of a table. Throws DataError when it is damaged or of another format. */
export function readState(folder: string): FlatState {
  const text = readFileSync(join(folder, STATE_FILE), 'utf8');
  const again = 'Index its items again into a new table.';
  let found: { readonly version?: unknown } | undefined;
  try {
    const { sum, ...rest } = JSON.parse(text) as { readonly version?: unknown; readonly sum?: unknown };
    found = rest;
    if (sum !== undefined && sum !== sumOf(JSON.stringify(rest))) throw new Error('checksum');
    const { format: _, version: __, ...state } = stateSchema.parse(found);
    return { ...state, manifest: parseManifest(JSON.stringify(state.manifest), folder) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(
      typeof found?.version === 'number' && found.version !== VERSION
        ? `${folder} is a flat table of format ${found.version}; this version of hier reads format ${VERSION}. ${again}`
        : `The file ${STATE_FILE} of the table ${folder} is damaged. ${again}`,
      { cause },
    );
  }
}

/**
 * Makes a change of a table: `change` is given its state, writes what the new one needs and returns it, or null for no
 * change, while nobody else can commit. What it leaves on the disk without having returned counts for nothing.
 * @throws HierError when another process holds the table for too long
 */
export async function commit(folder: string, change: (state: FlatState) => FlatState | null): Promise<void> {
  await whileLocked(folder, () => {
    const state = change(readState(folder));
    if (state) writeState(folder, state);
  });
}

/** Makes an empty table, in a folder that need not be there; false where there is one already. */
export async function createState(folder: string, manifest: Manifest): Promise<boolean> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeFault(folder, error);
  }
  return whileLocked(folder, () => {
    if (flatExists(folder)) return false;
    writeState(folder, { manifest, changes: 0, parts: [], files: {}, sums: {} });
    return true;
  });
}

function writeState(folder: string, { manifest, ...state }: FlatState): void {
  const whole = { format: FORMAT, version: VERSION, ...state, manifest: JSON.parse(manifestText(manifest)) };
  const sum = sumOf(JSON.stringify(whole));
  writeFileAtomic(join(folder, STATE_FILE), JSON.stringify({ ...whole, sum }));
}

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Does work, in one go, that no other process and no other thread does at the same time. */
async function whileLocked<T>(folder: string, work: () => T): Promise<T> {
  const path = join(folder, LOCK_FILE);
  const started = performance.now();
  for (;;) {
    const taken = acquireLock(path);
    if ('lock' in taken)
      try {
        return work();
      } finally {
        taken.lock.release();
      }
    const { pid, host, since } = taken.holder;
    if (performance.now() - started > PATIENCE)
      throw new HierError(
        `Process ${pid} on ${host} has been writing to the table ${folder} since ${since}. Wait for it, or end it.${whenGone(path, taken.holder)}`,
      );
    await delay(5 + 10 * Math.random());
  }
}
