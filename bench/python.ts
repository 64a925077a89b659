/**
 * Finds the Python that runs a benchmark's peer: of all that are on the machine, the one with the newest release of what
 * the peer is made of, so that nobody is measured beside an old rival. It runs nothing; what is measured is elsewhere.
 *
 * `HIER_PEER_PYTHON=PATH` names one, such as that of a virtual environment, and no other is looked at then. Debian's own
 * PyTorch calls whatever BLAS is installed; at its best that is OpenBLAS with OpenMP, preloaded and chosen by the processor
 * alone. A PyTorch from a wheel has its own. OPENBLAS_* variables are taken out of the environment.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** A Python that has what a peer needs. */
export interface Python {
  readonly path: string;
  /** Release of each module, as it tells of itself. */
  readonly versions: Readonly<Record<string, string>>;
  /** The environment it is started in. */
  readonly env: NodeJS.ProcessEnv;
  /** One line for a row of results: the releases, and whose BLAS. */
  readonly told: string;
}

/** Debian's Python, the only one that sees Debian's PyTorch. */
const DEBIANS = '/usr/bin/python3';

/** Prints the releases of the modules that are its arguments, and Python's. Fails where one cannot be imported. */
const PROBE = `
import importlib, json, platform, sys
print(json.dumps({"python": platform.python_version(), **{m: getattr(importlib.import_module(m), "__version__", "?") for m in sys.argv[1:]}}))
`;

const known = new Map<string, Python | undefined>();

/**
 * The Python with the newest release of the first module, among those that have them all.
 *
 * @param modules names to import, the one that counts first
 * @param threads of OpenMP
 * @returns undefined where no Python has them all
 */
export function findPython(modules: readonly string[], threads: number): Python | undefined {
  const key = JSON.stringify([modules, threads]);
  if (!known.has(key)) {
    const found = candidates().flatMap((path) => probe(path, modules, threads) ?? []);
    known.set(key, found.sort((a, b) => newerFirst(a.versions[modules[0]], b.versions[modules[0]]))[0]);
  }
  return known.get(key);
}

function candidates(): string[] {
  const chosen = process.env.HIER_PEER_PYTHON;
  if (chosen) return [chosen];
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '' && existsSync(folder));
  const named = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^python3(\.\d+)?$/.test(name))
      .map((name) => join(folder, name)),
  );
  // Two links to one program are one; a link in a virtual environment is not, so only names in one folder count as such.
  const seen = new Map(
    [DEBIANS, ...named].filter((path) => existsSync(path)).map((path) => [same(path), path]),
  );
  return [...seen.values()];
}

const same = (path: string) => join(path, '..', realpathSync(path));

function probe(path: string, modules: readonly string[], threads: number): Python | undefined {
  const blas = path === DEBIANS ? openBlasPath() : undefined;
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENBLAS_'))),
    OMP_NUM_THREADS: String(threads),
    ...(blas ? { LD_PRELOAD: blas } : {}),
  };
  const run = spawnSync(path, ['-c', PROBE, ...modules], { env, encoding: 'utf8' });
  if (run.status !== 0) return undefined;
  const versions = JSON.parse(run.stdout) as Record<string, string>;
  const releases = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const whose = blas ? 'OpenBLAS (OpenMP)' : path === DEBIANS ? 'the BLAS that is installed' : 'its own BLAS';
  return { path, versions, env, told: `${releases.join(', ')}, ${whose}, ${threads} threads` };
}

/** Order of releases such as 2.13.0+cpu, the newest first. */
function newerFirst(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => (version.split('+')[0].match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** OpenBLAS with OpenMP where Debian puts it, on any architecture. */
function openBlasPath(): string | undefined {
  if (!existsSync('/usr/lib')) return undefined;
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'openblas-openmp', 'libblas.so.3'))
    .find((path) => existsSync(path));
}
