/** The package usearch, which is optional, and the graphs that are built with it. It knows nothing of tables. */
import type { Index } from 'usearch';
import { UsageError } from '../../errors.js';

/** Neighbours of a node of the graph. */
const CONNECTIVITY = 16;
/** Candidates kept while a node is linked in. */
const EXPANSION_ADD = 128;

/** The library. Throws UsageError when it is not installed. */
export async function loadUsearch(): Promise<typeof import('usearch')> {
  try {
    return await import('usearch');
  } catch (cause) {
    throw new UsageError(
      'An HNSW graph needs the package usearch, which is not installed with hier. Install it beside it: npm install usearch@2.25.3',
      { cause },
    );
  }
}

/** Whether the library is installed. */
export function hasUsearch(): Promise<boolean> {
  return loadUsearch().then(
    () => true,
    () => false,
  );
}

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
