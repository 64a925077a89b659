/**
 * The HNSW graph of a table in a folder: a shortlist is found through it in a tenth of the time that the index takes, for
 * minutes of building and about half the memory of the vectors. It is an extra beside the index, made when asked for, by
 * the package usearch, which is loaded when it is needed. Building is in `hnswBuild.ts`.
 *
 * The folder `hnsw` of the table holds the graph, the ids of its rows, and `graph.json`, which is written last.
 */
import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Index } from 'usearch';
import { z } from 'zod';
import { DataError } from '../errors.js';
import { SAMPLE_K } from './effort.js';
import { candidatesFor, measuredFor } from './rescore.js';
import { loadUsearch, newGraph } from './usearch.js';

/** What is known of a graph. */
export interface HnswFacts {
  /** Name of its file. */
  readonly file: string;
  readonly bytes: number;
  /** Version of the table that it covers, all rows of it. */
  readonly version: number;
  readonly rows: number;
  /** Candidates that a search for ten results keeps on its way. */
  readonly candidates: number;
  /** Share of the ten nearest that it finds with so many, measured on items of the table. */
  readonly recallAt10: number;
}

const factsSchema = z.object({
  file: z.string().regex(/^\d+\.usearch$/),
  bytes: z.int().positive(),
  version: z.int().positive(),
  rows: z.int().positive(),
  candidates: z.int().positive(),
  recallAt10: z.number(),
});

/** A graph that can be searched. */
export interface HnswGraph {
  readonly facts: HnswFacts;
  /** Ids of the rows to be measured again for `k` results, nearest first. */
  nearest(row: Float32Array, k: number): number[];
  /** Reads the graph into memory. */
  warm(): Promise<void>;
}

/** Where there can be none. */
export const NO_HNSW =
  'An HNSW graph is for tables in a folder. Leave out --hnsw, or make the table in a folder where it is searched.';

/** Where the description of the graph lies in its folder. */
export const FACTS_FILE = 'graph.json';

/** What is known of the graph in a folder; null when there is none, or nothing of it can be read. */
export function readHnswFacts(folder: string): HnswFacts | null {
  try {
    return factsSchema.parse(JSON.parse(readFileSync(join(folder, FACTS_FILE), 'utf8')));
  } catch {
    return null;
  }
}

/** Opens a graph over rows of `width` numbers. Throws UsageError without the package, DataError for a damaged file. */
export async function openHnsw(folder: string, facts: HnswFacts, width: number): Promise<HnswGraph> {
  const usearch = await loadUsearch();
  const path = join(folder, facts.file);
  if (!isWhole(folder, facts, width)) throw new DataError(`The HNSW graph ${path} is damaged.`);
  const graph = newGraph(usearch, width);
  graph.view(path);
  return {
    facts,
    nearest: (row, k) => nearestIn(graph, row, k, facts.candidates),
    async warm() {
      for await (const _ of createReadStream(path, { highWaterMark: 2 ** 20 }));
    },
  };
}

/** Ids of the rows to be measured again for `k` results, when `candidates` are kept for {@link SAMPLE_K}. */
export function nearestIn(graph: Index, row: Float32Array, k: number, candidates: number): number[] {
  const kept = Math.ceil(candidates * Math.max(1, k / SAMPLE_K));
  const asked = Math.min(graph.size(), Math.max(kept, candidatesFor(k)));
  return Array.from(graph.search(row, asked, 1).keys.subarray(0, Math.min(asked, measuredFor(k))), Number);
}

/** Whether the file of a graph looks as it was written: the library ends the process over one that is cut short or no graph. */
export function isWhole(folder: string, { file: name, bytes }: HnswFacts, width: number): boolean {
  const path = join(folder, name);
  if (!existsSync(path) || statSync(path).size !== bytes) return false;
  const head = Buffer.alloc(8); // number of vectors, bytes of one; behind the vectors stands the name of the format
  const format = Buffer.alloc(7);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, 8, 0);
    readSync(file, format, 0, 7, 8 + head.readUInt32LE(0) * head.readUInt32LE(4));
  } finally {
    closeSync(file);
  }
  return head.readUInt32LE(4) === 2 * width && format.toString('latin1') === 'usearch';
}
