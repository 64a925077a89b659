/**
 * Runs a benchmark's peer: a Python program that does the same work with the best library of its kind, and prints one
 * JSON document. Nothing of hier is measured here.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findPython } from './python.js';

/** What came of a peer: its JSON document and what it is made of, or why it did not run. */
export type PeerOutcome<T> = { readonly result: T; readonly told: string } | { readonly skipped: string };

/** How a peer runs. */
export interface PeerOptions {
  /** Threads of the peer: as many as there are cores by default, at most 2. */
  readonly threads?: number;
  /** Python modules without which the peer is skipped; the Python with the newest of the first is taken. Default those of PyTorch. */
  readonly modules?: readonly string[];
}

/** Folder of the peers' programs, from the project's root. */
const PEERS = join('bench', 'peers');

/**
 * Runs a program of bench/peers with arguments. A machine without a Python that has the modules skips it with a reason,
 * and so does a program that prints `{"skipped": reason}`; a program that fails is an error.
 *
 * @param script file name in bench/peers
 * @returns the JSON document on its standard output, and one line that names releases and BLAS
 */
export function runPeer<T>(
  script: string,
  args: readonly string[],
  { threads = Math.min(2, availableParallelism()), modules = ['torch', 'numpy'] }: PeerOptions = {},
): PeerOutcome<T> {
  const python = findPython(modules, threads);
  if (!python)
    return {
      skipped: `no Python here has ${modules.join(' and ')} (HIER_PEER_PYTHON=PATH names one; bench/RESULTS.md says what to install)`,
    };
  const run = spawnSync(python.path, [join(PEERS, script), ...args], {
    env: python.env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) throw new Error(`${script} failed (${run.signal ?? run.status}):\n${run.stderr}`);
  const result = JSON.parse(run.stdout) as T & { skipped?: string };
  return result.skipped === undefined
    ? { result, told: python.told }
    : { skipped: `${result.skipped} (${python.told})` };
}
