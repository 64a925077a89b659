/** Where and with what a run was made: written into its run folder, so that a result can be placed later. */

import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync, readFileSync } from '../disk/index.js';

/** A machine and its software. */
export interface Environment {
  /** Version of hier. */
  hier: string;
  /** Version of Node.js. */
  node: string;
  /** Version of ONNX Runtime; null when it is not installed. */
  onnxruntime: string | null;
  /** Operating system, its release and the processor's architecture. */
  platform: string;
  /** Name of the machine. */
  host: string;
  /** Model of the processor. */
  cpu: string;
  /** Threads that this process may use at once. */
  cores: number;
  /** Main memory, GiB. */
  memoryGiB: number;
  /** Now, ISO 8601. */
  date: string;
  /** The command line, one entry a word. */
  command: string[];
}

/** The version of hier. */
export const hierVersion = (): string =>
  packageVersion(fileURLToPath(import.meta.url), '@hier-ml/hier') ?? 'unknown';

/** Describes this machine and process. */
export function describeEnvironment(): Environment {
  return {
    hier: hierVersion(),
    node: process.versions.node,
    onnxruntime: onnxruntimeVersion(),
    platform: `${platform()} ${release()} ${arch()}`,
    host: hostname(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    date: new Date().toISOString(),
    command: process.argv,
  };
}

function onnxruntimeVersion(): string | null {
  try {
    const path = createRequire(import.meta.url).resolve('#onnxruntime/native');
    return packageVersion(path, 'onnxruntime-node');
  } catch {
    return null;
  }
}

/** Version of the package `name` that the file `path` belongs to. */
function packageVersion(path: string, name: string): string | null {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (found.name === name) return found.version ?? null;
  }
  return null;
}
