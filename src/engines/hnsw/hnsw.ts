/**
 * The HNSW graph of a table in a folder: a shortlist is found through it in a quarter of the time that the index takes, for
 * minutes of building and about half the memory of the vectors. It is an extra beside the index, made when asked for, by
 * the package usearch, which is loaded when it is needed. Building it is a file of its own.
 *
 * It consists of parts, each a graph of its own over some of the rows, all of which a search goes through. In rows that
 * lie in many tight clusters a graph loses some: no path leads to them, however long one looks. Of a million such rows four
 * graphs of 250,000 lose a tenth of what one graph over all of them loses, and are built in two thirds of the time.
 */

import type { Index } from 'usearch';
import { createReadStream } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { candidatesFor } from '../../store/rescore.js';
import { SAMPLE_K } from '../../store/searchWidth.js';
import { graphPath, type HnswFacts, isWhole } from './hnswFiles.js';
import { loadUsearch, newGraph } from './usearch.js';

/** A graph that can be searched. */
export interface HnswGraph {
  /**
   * Ids of the rows to be measured again for `k` results, nearest first. Default of `candidates`: as many as it was
   * found to take.
   */
  nearest(row: Float32Array, k: number, candidates?: number): number[];
  /** Reads the graph into memory. */
  warm(): Promise<void>;
}

/** Where there can be none. */
export const NO_HNSW =
  'An HNSW graph is for tables in a folder. Leave out --hnsw, or make the table in a folder where it is searched.';

/** Opens a graph over rows of `width` numbers. Throws UsageError without the package, DataError for a damaged file. */
export async function openHnsw(
  folder: string,
  facts: Pick<HnswFacts, 'parts' | 'candidates'>,
  width: number,
): Promise<HnswGraph> {
  const usearch = await loadUsearch();
  if (!isWhole(folder, facts, width)) throw new DataError(`The HNSW graph in ${folder} is damaged.`);
  const paths = facts.parts.map(({ name }) => graphPath(folder, name));
  const parts = paths.map((path) => {
    const part = newGraph(usearch, width);
    try {
      part.view(path);
    } catch (cause) {
      throw new DataError(`The HNSW graph in ${folder} is damaged.`, { cause });
    }
    return part;
  });
  return {
    nearest(row, k, candidates = facts.candidates) {
      const kept = Math.max(Math.ceil((candidates * k) / SAMPLE_K), candidates, candidatesFor(k));
      const found = parts.flatMap((part) => nearestIn(part, row, kept));
      return found
        .sort((a, b) => a.distance - b.distance)
        .slice(0, candidatesFor(k))
        .map(({ id }) => id);
    },
    async warm() {
      for (const path of paths) for await (const _ of createReadStream(path, { highWaterMark: 2 ** 20 }));
    },
  };
}

function nearestIn(part: Index, row: Float32Array, kept: number) {
  const { keys, distances } = part.search(row, Math.min(part.size(), kept), 1);
  return Array.from(keys, (key, i) => ({ id: Number(key), distance: distances[i] }));
}
