/** What `hier doctor` looks at: each check says how things are and, where they are not well, what to do. */

import { availableParallelism, cpus, freemem, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { emojiVersions } from '../../../datasets/emoji/vendors.js';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from '../../../disk/index.js';
import { loadEngine } from '../../../graph/engine.js';
import { compile, input, matmul, scatterAdd } from '../../../graph/index.js';
import { decodeFile } from '../../../images/decode.js';
import { loadSharp } from '../../../images/sharp.js';
import { cacheFolder } from '../../../io/cacheFolder.js';
import { describeEnvironment } from '../../../runs/environment.js';

/** Outcome of one check. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly advice?: string;
}

/** A check; one that throws has failed with that message. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Omit<Finding, 'check'>> | Omit<Finding, 'check'>;
  /** What to do when it throws. */
  readonly advice: string;
}

const GIB = 2 ** 30;
const INSTALL =
  'Install again: in a clone with "node scripts/setup.mjs", in a project with "npm install @hier-ml/hier".';

const ENGINES = { native: 'native', wasm: 'in WebAssembly' };
const SLOW =
  'The native engine does not load here (docs/install.md says where it does). Embedding and searching go well without it; training takes several times as long.';

/** The checks that training cannot do without; they take well under a second. */
export const essentialChecks: readonly Check[] = [
  { name: 'Node.js', run: nodeVersion, advice: 'Install Node.js 20.19 or newer: https://nodejs.org' },
  { name: 'ONNX Runtime', run: knownProduct, advice: INSTALL },
  { name: 'image decoding', run: decodes, advice: INSTALL },
  {
    name: 'cache folder',
    run: cacheWritable,
    advice: 'Set the variable HIER_CACHE to a folder that you can write to.',
  },
];

/** All checks, the essential ones first. */
export const allChecks: readonly Check[] = [
  ...essentialChecks,
  { name: 'emoji packages', run: emojiPackages, advice: 'Only the data set emoji-9 needs them.' },
  { name: 'processor', run: processor, advice: '' },
  { name: 'memory', run: memory, advice: '' },
  { name: 'disk', run: disk, advice: 'Free some room.' },
  {
    name: 'sums by threads',
    run: sumsByThreads,
    advice: 'Please report this: training would lose gradients.',
  },
  { name: 'throughput', run: throughput, advice: INSTALL },
];

/** Runs one check; never throws. */
export async function examine({ name, run, advice }: Check): Promise<Finding> {
  try {
    return { check: name, ...(await run()) };
  } catch (error) {
    return { check: name, state: 'fail', found: (error as Error).message, advice };
  }
}

function nodeVersion(): Omit<Finding, 'check'> {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const found = `${process.version}, ${process.platform} ${process.arch}`;
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough
    ? { state: 'ok', found }
    : { state: 'fail', found, advice: 'Install Node.js 20.19 or newer: https://nodejs.org' };
}

/** Loads the engine and multiplies two small matrices whose product is known. */
async function knownProduct(): Promise<Omit<Finding, 'check'>> {
  const [a, b] = [input('a', [2, 3]), input('b', [3, 2])];
  const session = await compile({ outputs: { product: matmul(a, b) } });
  try {
    const { product } = await session.run({
      a: Float32Array.of(1, 2, 3, 4, 5, 6),
      b: Float32Array.of(7, 8, 9, 10, 11, 12),
    });
    const wanted = [58, 64, 139, 154];
    if (!wanted.every((value, i) => product[i] === value))
      throw new Error(`a product is ${[...product].join(', ')} instead of ${wanted.join(', ')}`);
    const { engine } = await loadEngine();
    const found = `version ${describeEnvironment().onnxruntime}, ${ENGINES[engine]}, computes a known product`;
    return engine === 'native' ? { state: 'ok', found } : { state: 'warn', found, advice: SLOW };
  } finally {
    await session.close();
  }
}

/** Writes an image of one colour in each format and reads it back. */
async function decodes(): Promise<Omit<Finding, 'check'>> {
  const folder = mkdtempSync(join(tmpdir(), 'hier-doctor-'));
  const sharp = await loadSharp();
  try {
    const colour = { r: 200, g: 100, b: 50 };
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const path = join(folder, `colour.${format}`);
      await sharp({ create: { width: 8, height: 8, channels: 3, background: colour } })
        .toFormat(format)
        .toFile(path);
      const { data } = await decodeFile(path);
      const off = [colour.r, colour.g, colour.b].some((value, i) => Math.abs(data[i] - value) > 8);
      if (off) throw new Error(`a ${format} image decodes to wrong colours (${data.slice(0, 3).join(', ')})`);
    }
    return { state: 'ok', found: `sharp ${sharp.versions.sharp} reads PNG, JPEG and WebP` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cacheWritable(): Omit<Finding, 'check'> {
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  const trial = mkdtempSync(join(folder, '.doctor-'));
  writeFileSync(join(trial, 'trial'), 'trial');
  rmSync(trial, { recursive: true });
  return { state: 'ok', found: folder };
}

function emojiPackages(): Omit<Finding, 'check'> {
  try {
    return { state: 'ok', found: `${Object.keys(emojiVersions()).length} packages for emoji-9` };
  } catch (error) {
    const [found, ...rest] = (error as Error).message.split('\n');
    const advice = `${rest.map((line) => line.trim()).join(' ')} (only the data set emoji-9 needs them)`;
    return { state: 'warn', found, advice };
  }
}

function processor(): Omit<Finding, 'check'> {
  const cores = availableParallelism();
  const found = `${cores} ${cores === 1 ? 'core' : 'cores'}, ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  return cores > 1
    ? { state: 'ok', found }
    : { state: 'warn', found, advice: 'Training takes about twice as long as on two cores.' };
}

function memory(): Omit<Finding, 'check'> {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(freemem(), total);
  const found = `${(total / GIB).toFixed(1)} GiB, of which ${(free / GIB).toFixed(1)} GiB free`;
  return total >= 2 * GIB
    ? { state: 'ok', found }
    : { state: 'warn', found, advice: 'The demo needs about 1.5 GiB. Use a smaller batch.size if it fails.' };
}

function disk(): Omit<Finding, 'check'> {
  const places = [process.cwd(), existing(cacheFolder())];
  const free = places.map((place) => {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  });
  const least = Math.min(...free);
  const place = places[free.indexOf(least)];
  const found = `${(least / GIB).toFixed(1)} GiB free in ${place}`;
  if (least >= GIB) return { state: 'ok', found };
  const advice = 'A run of the demo and its images take about 150 MB. Free some room.';
  return { state: least < 0.15 * GIB ? 'fail' : 'warn', found, advice };
}

function existing(folder: string): string {
  try {
    statfsSync(folder);
    return folder;
  } catch {
    return dirname(folder) === folder ? folder : existing(dirname(folder));
  }
}

/**
 * Adds ones into a few rows, many times over. The engine's own threads overwrite each other's sums here; hier
 * runs such models on one thread, and this checks that it does.
 */
async function sumsByThreads(): Promise<Omit<Finding, 'check'>> {
  const [count, width, rows] = [25_600, 64, 16];
  const outputs = {
    sums: scatterAdd(input('values', [count, width]), input('rows', [count], 'int32'), rows),
  };
  const session = await compile({ outputs }, { threads: Math.max(2, availableParallelism()) });
  try {
    const feeds = {
      values: new Float32Array(count * width).fill(1),
      rows: Int32Array.from({ length: count }, (_, i) => i % rows),
    };
    for (let attempt = 0; attempt < 5; attempt++) {
      const { sums } = await session.run(feeds);
      const lost = (sums as Float32Array).filter((sum) => sum !== count / rows).length;
      if (lost > 0) throw new Error(`${lost} of ${sums.length} sums are wrong`);
    }
    return { state: 'ok', found: 'no sum is lost' };
  } finally {
    await session.close();
  }
}

/** Speed of a product of 768 × 768 matrices, the best of a few. */
async function throughput(): Promise<Omit<Finding, 'check'>> {
  const side = 768;
  const [a, b] = [input('a', [side, side]), input('b', [side, side])];
  const session = await compile({ outputs: { product: matmul(a, b) } });
  try {
    const values = new Float32Array(side * side).fill(0.5);
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 8; attempt++) {
      const started = performance.now();
      await session.run({ a: values, b: values });
      best = Math.min(best, performance.now() - started);
    }
    const speed = (2 * side ** 3) / best / 1e6;
    const found = `${speed.toFixed(0)} GFLOP/s in matrix products`;
    return speed >= 20
      ? { state: 'ok', found }
      : { state: 'warn', found, advice: 'Slow or busy machine: the demo may take more than half an hour.' };
  } finally {
    await session.close();
  }
}
