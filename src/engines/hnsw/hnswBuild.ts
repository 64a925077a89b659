/**
 * Building the HNSW graph of a table in a folder, and bringing it up to date with the table. What a stopped or killed
 * build has made is lost; the graph before it stays as it was, for the version that it was made for.
 */

import type { Table } from '@lancedb/lancedb';
import { mkdirSync, writeFault } from '../../disk/index.js';
import { takeRows } from '../../rows.js';
import { leastWidth, recallWith, SAMPLE_K, widthLadder } from '../../store/searchWidth.js';
import type { SearchSpace } from '../../store/space.js';
import { rowIdsIn, sampleOf, searchRows } from '../lance/lanceSample.js';
import { openHnsw } from './hnsw.js';
import {
  graphPath,
  type HnswFacts,
  type HnswPart,
  isWhole,
  readHnswFacts,
  readPartIds,
  sweep,
  writeHnswFacts,
  writePart,
} from './hnswFiles.js';
import { type HnswThread, startHnswThread } from './hnswThread.js';
import { loadUsearch } from './usearch.js';

/** Options of {@link buildHnsw}. */
export interface HnswBuildOptions {
  readonly table: Table;
  readonly space: SearchSpace;
  /** Folder of the graph. */
  readonly folder: string;
  /** Rows of a part. Default {@link ROWS_A_PART}, or an eighth of the rows where that is more. */
  readonly partRows?: number;
  /** Called with how many rows are linked in, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops; the graph is then left as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** Rows of a part, unless there would be more than {@link MOST_PARTS} parts. */
export const ROWS_A_PART = 250_000;
const MOST_PARTS = 8;
/** Rows that come or go, as a share of all, above which the graph is built anew. */
const REBUILD = 0.2;
/** Fewest and most candidates that come into question. */
const CANDIDATES = { fewest: 24, most: 256 };
/** Items that it is measured on. */
const QUERIES = 1000;

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
  const ids = await rowIdsIn(table);
  const changes = before && changesTo(folder, before, ids);
  const thread = startHnswThread(space.width, folder);
  let facts = before;
  try {
    mkdirSync(folder, { recursive: true });
    const how = { ...options, thread, version };
    const parts = changes ? await change(how, changes, ids.length) : await build(how, ids.length);
    if (!parts) return null;
    facts = { version, rows: ids.length, parts, ...(await measure(options, parts, ids.length)) };
    writeHnswFacts(folder, facts);
    return facts;
  } catch (error) {
    throw writeFault(folder, error);
  } finally {
    await thread.end();
    sweep(folder, facts);
  }
}

/** The rows of a part, where it has lost some or gets some. */
interface Changes {
  readonly parts: readonly {
    readonly part: HnswPart;
    readonly stay: Float64Array;
    readonly gone: readonly number[];
  }[];
  readonly fresh: ReadonlySet<number>;
}

/** What a graph lacks and has too much; null when it is better built anew. */
function changesTo(folder: string, { parts }: HnswFacts, ids: Float64Array): Changes | null {
  const now = new Set(ids);
  const fresh = new Set(ids);
  const changed: Changes['parts'][number][] = [];
  for (const part of parts) {
    const own = readPartIds(folder, part);
    if (!own) return null;
    for (const id of own) fresh.delete(id);
    changed.push({
      part,
      stay: own.filter((id) => now.has(id)),
      gone: [...own].filter((id) => !now.has(id)),
    });
  }
  const gone = changed.reduce((sum, one) => sum + one.gone.length, 0);
  return fresh.size + gone > REBUILD * ids.length ? null : { parts: changed, fresh };
}

interface Work extends HnswBuildOptions {
  readonly thread: HnswThread;
  readonly version: number;
}

const rowsOfPart = ({ partRows }: Work, rows: number) =>
  partRows ?? Math.max(ROWS_A_PART, Math.ceil(rows / MOST_PARTS));

/** The parts of a new graph; null when it was stopped. */
async function build(work: Work, rows: number): Promise<HnswPart[] | null> {
  const { table, space, thread, onProgress, signal } = work;
  const each = Math.ceil(rows / Math.ceil(rows / rowsOfPart(work, rows)));
  const parts: HnswPart[] = [];
  let own: number[] = [];
  let done = 0;
  const finish = async () => {
    parts.push(await savePart(work, parts.length, Float64Array.from(own)));
    own = [];
    await thread.begin();
  };
  for await (const { ids, values } of searchRows(table, space.width)) {
    await thread.add(ids, values);
    for (const id of ids) own.push(id);
    onProgress?.((done += ids.length), rows);
    if (signal?.aborted) return null;
    if (own.length >= each) await finish();
  }
  if (own.length > 0) await finish();
  return parts;
}

/** The parts of a graph with its changes; null when it was stopped. */
async function change(work: Work, { parts, fresh }: Changes, rows: number): Promise<HnswPart[] | null> {
  const { folder, thread, signal } = work;
  const smallest = parts.reduce((least, one) => (one.stay.length < least.stay.length ? one : least));
  const host = smallest.stay.length + fresh.size <= 1.2 * rowsOfPart(work, rows) ? smallest : null;
  const changed: HnswPart[] = [];
  for (const one of parts) {
    const { part, stay, gone } = one;
    const grows = one === host && fresh.size > 0;
    if (stay.length === 0 && !grows) continue;
    if (gone.length === 0 && !grows) {
      changed.push(part);
      continue;
    }
    await thread.load(graphPath(folder, part.name));
    if (gone.length > 0) await thread.remove(gone);
    if (grows) await addFresh(work, fresh);
    if (signal?.aborted) return null;
    const ids = grows ? Float64Array.from([...stay, ...fresh]) : stay;
    changed.push(await savePart(work, changed.length, ids));
  }
  if (host || fresh.size === 0) return changed;
  await thread.begin();
  await addFresh(work, fresh);
  if (signal?.aborted) return null;
  return [...changed, await savePart(work, changed.length, Float64Array.from(fresh))];
}

/** Links some rows of the table into the graph that the thread has in hand. */
async function addFresh({ table, space, thread, onProgress, signal }: Work, fresh: ReadonlySet<number>) {
  const { width } = space;
  let done = 0;
  for await (const { ids, values } of searchRows(table, width)) {
    if (signal?.aborted) return;
    const places = [...ids.keys()].filter((at) => fresh.has(ids[at]));
    if (places.length === 0) continue;
    await thread.add(
      places.map((at) => ids[at]),
      takeRows({ values, dim: width }, places).values,
    );
    onProgress?.((done += places.length), fresh.size);
  }
}

async function savePart(
  { folder, thread, version }: Work,
  number: number,
  ids: Float64Array,
): Promise<HnswPart> {
  const name = `${version}-${number}`;
  await thread.save(graphPath(folder, name));
  return writePart(folder, name, ids);
}

/** How many candidates searches should keep, and what they find then. */
async function measure({ table, space, folder }: HnswBuildOptions, parts: HnswPart[], rows: number) {
  const graph = await openHnsw(folder, { parts, candidates: CANDIDATES.fewest }, space.width);
  const find = (row: Float32Array, candidates: number) => graph.nearest(row, SAMPLE_K, candidates);
  const sample = await sampleOf(table, space, rows, QUERIES);
  const candidates = await leastWidth(sample, widthLadder(CANDIDATES.fewest, CANDIDATES.most), find);
  return { candidates, recallAt10: await recallWith(sample, find, candidates) };
}
