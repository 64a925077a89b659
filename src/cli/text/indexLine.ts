/** How a table is searched, in words. */
import type { IndexState } from '../../store/store.js';
import { percent, whole } from './columns.js';

/** Index and graph of a table. */
export function indexLine({ kind, rows, probes, hnsw }: IndexState): string {
  if (kind === null) return 'every search is exact';
  const each = probes ? ` (${whole(probes)} partitions a search)` : '';
  return `index ${kind} over ${whole(rows)} rows${each}${hnsw ? `, ${graphText(hnsw)}` : ''}`;
}

function graphText({ rows, candidates, recallAt10, unused }: NonNullable<IndexState['hnsw']>): string {
  if (unused !== null) return `an HNSW graph that is not used: ${unused}`;
  return `HNSW graph over ${whole(rows)} rows (${whole(candidates)} candidates a search, recall@10 ${percent(recallAt10)} %)`;
}
