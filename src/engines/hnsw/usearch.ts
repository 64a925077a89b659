/** The package usearch, which is optional, and the graphs that are built with it. It knows nothing of tables. */
import type { Index } from 'usearch';
import { isLoadable, loadOptional } from '../../io/optional.js';

/** Neighbours of a node of the graph. */
const CONNECTIVITY = 16;
/** Candidates kept while a node is linked in. */
const EXPANSION_ADD = 128;

const load = () => import('usearch');

/** The library. Throws UsageError when it is not installed. */
export function loadUsearch(): Promise<typeof import('usearch')> {
  return loadOptional(
    { purpose: 'An HNSW graph needs', names: ['usearch'], versions: { usearch: '2.25.3' } },
    load,
  );
}

/** Whether the library is installed. */
export const hasUsearch = (): Promise<boolean> => isLoadable(load);

/** An empty graph over rows of `width` numbers, kept in half precision. */
export function newGraph({ Index }: typeof import('usearch'), width: number): Index {
  return new Index({
    dimensions: width,
    metric: 'l2sq' as never, // an enumeration there, of these texts
    quantization: 'f16' as never,
    connectivity: CONNECTIVITY,
    expansion_add: EXPANSION_ADD,
    expansion_search: 1, // each search says how many candidates it wants
    multi: false,
  });
}
