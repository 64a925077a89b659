/**
 * The HNSW graph that searches of an open table use: the one of the version they keep to, opened when it is first asked
 * for. One that another process finishes meanwhile is noticed within a second.
 */
import { UsageError } from '../errors.js';
import { type HnswGraph, openHnsw } from './hnsw.js';
import { type HnswFacts, readHnswFacts } from './hnswFiles.js';
import type { HnswState } from './store.js';

/** The graph of a table. */
export interface HnswOfTable {
  /** The graph over all rows of a version; null when there is none, or it cannot be used. */
  graphOf(version: number): Promise<HnswGraph | null>;
  /** What graph there is, and why searches in a version do not use it; null when there is none. */
  stateOf(version: number): Promise<HnswState | null>;
}

/** Milliseconds between looks at the folder. */
const LOOK_EVERY = 1000;

/** Watches the folder of a table's graph, rows of `width` numbers; of null there is never any. */
export function hnswOfTable(folder: string | null, width: number): HnswOfTable {
  let opened: { readonly facts: HnswFacts; readonly graph: Promise<HnswGraph> } | null = null;
  let looked = Number.NEGATIVE_INFINITY;

  const open = (version: number): Promise<HnswGraph> | null => {
    if (folder === null) return null;
    if (opened?.facts.version === version) return opened.graph;
    if (performance.now() - looked < LOOK_EVERY) return null;
    looked = performance.now();
    const facts = readHnswFacts(folder);
    if (facts?.version !== version) return null;
    opened = { facts, graph: openHnsw(folder, facts, width) };
    opened.graph.catch(() => undefined); // told by stateOf
    return opened.graph;
  };
  return {
    graphOf: async (version) => (await open(version)?.catch(() => null)) ?? null,
    async stateOf(version) {
      const facts = folder === null ? null : readHnswFacts(folder);
      if (folder === null || !facts) return null;
      const { rows, candidates, recallAt10 } = facts;
      return { rows, candidates, recallAt10, unused: await problemOf(folder, facts, version, width) };
    },
  };
}

/** Why a graph is not used for a version; null when it is. */
async function problemOf(
  folder: string,
  facts: HnswFacts,
  version: number,
  width: number,
): Promise<string | null> {
  if (facts.version !== version) return 'the table has changed since';
  try {
    await openHnsw(folder, facts, width);
    return null;
  } catch (error) {
    return error instanceof UsageError ? 'the package usearch is not installed' : 'its file is damaged';
  }
}
