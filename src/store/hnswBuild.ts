/**
 * Building the HNSW graph of a table in a folder, and bringing it up to date with the table. What a stopped or killed
 * build has made is lost; the graph before it stays as it was, for the version that it was made for.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Table } from '@lancedb/lancedb';
import { HierError } from '../errors.js';
import { explainWriteError, writeFileAtomic } from '../io/atomic.js';
import { rowIdsOf } from './arrowItems.js';
import { effortLadder, leastEffort, recallWith, SAMPLE_K } from './effort.js';
import { FACTS_FILE, type HnswFacts, isWhole, nearestIn, readHnswFacts } from './hnsw.js';
import type { HnswReply, HnswRequest } from './hnswWorker.js';
import { sampleOf, searchRows } from './lanceSample.js';
import type { SearchSpace } from './space.js';
import { loadUsearch, newGraph } from './usearch.js';

/** What {@link buildHnsw} needs to know. */
export interface HnswBuildOptions {
  readonly table: Table;
  readonly space: SearchSpace;
  /** Folder of the graph. */
  readonly folder: string;
  /** Called with how many rows are linked in, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops; the graph is then left as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** Rows that come or go, as a share of all, above which the graph is built anew. */
const REBUILD = 0.2;
/** Fewest and most candidates that come into question. */
const CANDIDATES = { fewest: 64, most: 1024 };

/**
 * Builds the graph of the table as it is, or adds and removes what has changed; does nothing for a version that it
 * covers already. Returns null when it was stopped.
 * @throws UsageError when the package usearch is not installed
 */
export async function buildHnsw(options: HnswBuildOptions): Promise<HnswFacts | null> {
  const { table, space, folder } = options;
  const version = await table.version();
  const kept = readHnswFacts(folder);
  const before = kept && isWhole(folder, kept, space.width) ? kept : null;
  if (before?.version === version) return before;
  await loadUsearch();
  const ids = await rowIds(table);
  const file = `${version}.usearch`;
  const path = join(folder, file);
  let facts = before;
  try {
    mkdirSync(folder, { recursive: true });
    if (!(await link(options, planOf(ids, before && readIds(folder, before)), before, path))) return null;
    writeFileAtomic(idsPath(folder, file), new Uint8Array(ids.buffer));
    const measured = await measure(options, path, ids.length);
    facts = { file, bytes: statSync(path).size, version, rows: ids.length, ...measured };
    writeFileAtomic(join(folder, FACTS_FILE), JSON.stringify(facts));
    return facts;
  } catch (error) {
    throw explainWriteError(folder, error);
  } finally {
    sweep(folder, facts);
  }
}

/** Writes a graph by a plan to `path`; false when it was stopped. */
async function link(
  { table, space, folder, onProgress, signal }: HnswBuildOptions,
  { update, fresh, gone }: Plan,
  before: HnswFacts | null,
  path: string,
): Promise<boolean> {
  const thread = startThread(space.width);
  try {
    if (update) await thread.ask({ kind: 'load', path: join(folder, before!.file) });
    if (gone.length > 0) await thread.ask({ kind: 'remove', ids: BigUint64Array.from(gone, BigInt) });
    let done = 0;
    for await (const batch of searchRows(table, space.width)) {
      const added = pick(batch, fresh, space.width);
      if (added.ids.length > 0) await thread.ask({ kind: 'add', ...added });
      onProgress?.((done += added.ids.length), fresh.size);
      if (signal?.aborted) return false;
    }
    await thread.ask({ kind: 'save', path });
    return true;
  } finally {
    await thread.end();
  }
}

/** What a graph lacks, and what it has too much. */
interface Plan {
  /** Whether the graph there is is changed, rather than a new one begun. */
  readonly update: boolean;
  readonly fresh: ReadonlySet<number>;
  readonly gone: readonly number[];
}

function planOf(ids: Float64Array, old: Float64Array | null): Plan {
  const [now, then] = [new Set(ids), new Set(old ?? [])];
  const fresh = new Set(ids.filter((id) => !then.has(id)));
  const gone = [...then].filter((id) => !now.has(id));
  return old !== null && fresh.size + gone.length <= REBUILD * ids.length
    ? { update: true, fresh, gone }
    : { update: false, fresh: now, gone: [] };
}

async function rowIds(table: Table): Promise<Float64Array> {
  const { batches } = await table.query().select([]).withRowId().toArrow();
  return Float64Array.from(batches.flatMap((batch) => [...rowIdsOf(batch)]));
}

interface Rows {
  readonly ids: ArrayLike<number>;
  readonly values: Float32Array;
}

/** Those rows of a batch that are wanted. */
function pick({ ids, values }: Rows, wanted: ReadonlySet<number>, width: number) {
  const places = Array.from({ length: ids.length }, (_, at) => at).filter((at) => wanted.has(ids[at]));
  const rows = new Float32Array(places.length * width);
  places.forEach((at, to) => {
    rows.set(values.subarray(at * width, (at + 1) * width), to * width);
  });
  return { ids: BigUint64Array.from(places, (at) => BigInt(ids[at])), rows };
}

/** How many candidates searches should keep, and what they find with so many. */
async function measure({ table, space }: HnswBuildOptions, path: string, rows: number) {
  const graph = newGraph(await loadUsearch(), space.width);
  graph.view(path);
  const find = (row: Float32Array, candidates: number) => nearestIn(graph, row, SAMPLE_K, candidates);
  const sample = await sampleOf(table, space, rows);
  const candidates = await leastEffort(sample, effortLadder(CANDIDATES.fewest, CANDIDATES.most), find);
  return { candidates, recallAt10: await recallWith(sample, find, candidates) };
}

const idsPath = (folder: string, file: string) => join(folder, file.replace(/usearch$/, 'rows'));

/** Ids of the rows in a graph; null when they cannot be read: the graph is then built anew. */
function readIds(folder: string, { file, rows }: HnswFacts): Float64Array | null {
  try {
    const kept = readFileSync(idsPath(folder, file));
    const ids = new Float64Array(Uint8Array.from(kept).buffer);
    return ids.length === rows ? ids : null;
  } catch {
    return null;
  }
}

/** Removes what does not belong to a graph, or everything. */
function sweep(folder: string, facts: HnswFacts | null): void {
  if (!existsSync(folder)) return;
  const own = facts ? [FACTS_FILE, facts.file, idsPath('', facts.file)] : [];
  for (const name of readdirSync(folder))
    if (!own.includes(name)) rmSync(join(folder, name), { force: true });
}

function startThread(width: number) {
  const worker = new Worker(new URL('./hnswWorker.js', import.meta.url), {
    workerData: { width },
    execArgv: [],
  });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error as Error;
  });
  worker.on('exit', () => {
    failure ??= new HierError('The thread that builds the HNSW graph has ended.');
  });
  const ask = (request: HnswRequest) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        worker.off('message', onReply).off('exit', onExit);
        if (error) reject(error);
        else resolve();
      };
      const onReply = ({ error }: HnswReply) => end(error === undefined ? undefined : new HierError(error));
      const onExit = () => end(failure);
      if (failure) return reject(failure);
      worker.on('message', onReply).on('exit', onExit);
      worker.postMessage(request);
    });
  return { ask, end: () => worker.terminate() };
}
