/**
 * Runs a benchmark's peer: a Python program that does the same work with PyTorch at its best on this machine
 * and prints one JSON document. Nothing of hier is measured here.
 *
 * Debian's PyTorch calls whatever BLAS is installed. At its best that is OpenBLAS with OpenMP, preloaded, and
 * chosen by the processor alone: OPENBLAS_* variables are taken out of the environment.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** What came of a peer: its JSON document, or why it did not run. */
export type PeerOutcome<T> = { readonly result: T } | { readonly skipped: string };

/** How a peer runs. */
export interface PeerOptions {
  /** Threads of the peer: as many as there are cores by default, at most 2. */
  readonly threads?: number;
  /** Python modules without which the peer is skipped. Default those of PyTorch. */
  readonly modules?: readonly string[];
}

/** Folder of the peers' programs, from the project's root. */
const PEERS = join('bench', 'peers');

/**
 * Runs a program of bench/peers with arguments. A machine without Python or the modules skips it with a reason; a
 * program that fails is an error.
 *
 * @param script file name in bench/peers
 * @returns the JSON document on its standard output
 */
export function runPeer<T>(
  script: string,
  args: readonly string[],
  { threads = Math.min(2, availableParallelism()), modules = ['torch', 'numpy'] }: PeerOptions = {},
): PeerOutcome<T> {
  const python = pythonPath();
  const env = peerEnvironment(threads);
  const probe = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { env, encoding: 'utf8' });
  if (probe.error) return { skipped: `no Python: ${python} could not be started` };
  if (probe.status !== 0)
    return { skipped: `no ${modules.join(' and ')} for ${python} (bench/RESULTS.md says what to install)` };
  const run = spawnSync(python, [join(PEERS, script), ...args], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) throw new Error(`${script} failed (${run.signal ?? run.status}):\n${run.stderr}`);
  return { result: JSON.parse(run.stdout) as T };
}

/** Which BLAS the peer is given, for reports. */
export function peerBlas(): string {
  return openBlasPath() ?? 'whatever BLAS PyTorch finds (libopenblas0-openmp is not installed)';
}

/** The Python that `HIER_PYTHON` names, Debian's, which sees Debian's PyTorch, or the first one on the path. */
function pythonPath(): string {
  if (process.env.HIER_PYTHON) return process.env.HIER_PYTHON;
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}

function peerEnvironment(threads: number): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENBLAS_'));
  const blas = openBlasPath();
  return {
    ...Object.fromEntries(kept),
    OMP_NUM_THREADS: String(threads),
    ...(blas ? { LD_PRELOAD: blas } : {}),
  };
}

/** OpenBLAS with OpenMP where Debian puts it, on any architecture. */
function openBlasPath(): string | undefined {
  if (!existsSync('/usr/lib')) return undefined;
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'openblas-openmp', 'libblas.so.3'))
    .find((path) => existsSync(path));
}
