/** How a table is searched, in words. */

import { counted } from '../../shown.js';
import type { IndexState } from '../../store/store.js';
import { percent } from './columns.js';

/** Index and graph of a table. */
export function indexLine({ kind, rows, probes, hnsw }: IndexState): string {
  if (kind === null) return 'every search is exact';
  const each = probes ? ` (${counted(probes, 'partition')} a search)` : '';
  return `index ${kind} over ${counted(rows, 'row')}${each}${hnsw ? `, ${graphText(hnsw)}` : ''}`;
}

function graphText({ rows, candidates, recallAt10, unused }: NonNullable<IndexState['hnsw']>): string {
  if (unused !== null) return `an HNSW graph that is not used: ${unused}`;
  return `HNSW graph over ${counted(rows, 'row')} (${counted(candidates, 'candidate')} a search, recall@10 ${percent(recallAt10)} %)`;
}
