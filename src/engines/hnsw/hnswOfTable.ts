/**
 * The HNSW graph that searches of an open table use: the one of the version they keep to, opened when it is first asked
 * for. One that another process finishes meanwhile is noticed within a second.
 */
import { UsageError } from '../../errors.js';
import type { HnswState } from '../../store/store.js';
import { type HnswGraph, openHnsw } from './hnsw.js';
import { type HnswFacts, readHnswFacts } from './hnswFiles.js';

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

  const open = (facts: HnswFacts): Promise<HnswGraph> => {
    if (opened?.facts.version === facts.version) return opened.graph;
    const graph = openHnsw(folder!, facts, width);
    opened = { facts, graph };
    graph.catch(() => {
      opened = null; // it may be mended
    });
    return graph;
  };
  return {
    async graphOf(version) {
      if (folder === null) return null;
      if (opened?.facts.version !== version) {
        if (performance.now() - looked < LOOK_EVERY) return null;
        looked = performance.now();
        const facts = readHnswFacts(folder);
        if (facts?.version !== version) return null;
        open(facts);
      }
      return opened!.graph.catch(() => null);
    },
    async stateOf(version) {
      const facts = folder === null ? null : readHnswFacts(folder);
      if (!facts) return null;
      const { rows, candidates, recallAt10 } = facts;
      const unused = facts.version === version ? await problemOf(open(facts)) : 'the table has changed since';
      return { rows, candidates, recallAt10, unused };
    },
  };
}

/** Why a graph cannot be used; null when it can. */
function problemOf(graph: Promise<HnswGraph>): Promise<string | null> {
  return graph.then(
    () => null,
    (error: unknown) =>
      error instanceof UsageError ? 'the package usearch is not installed' : 'its file is damaged',
  );
}
