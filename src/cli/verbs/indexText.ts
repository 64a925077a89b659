/** What `hier index` has done, as text. */

import { formatDuration } from '../../runs/progress.js';
import { counted } from '../../shown.js';
import type { IndexTableResult } from '../../tables/index.js';
import { percent, whole } from '../text/columns.js';
import { indexLine } from '../text/indexLine.js';

/** What became of a map. */
export const MAP_TEXTS = {
  made: 'map made',
  kept: 'map kept, since nothing has changed',
  given: 'map as the places of the items say',
} as const;

/** What is measured of a table. */
export interface Verified {
  readonly rows: number;
  readonly 'recall@10': number;
  readonly qps: number;
  readonly buildSeconds: number | null;
}

/** A table, and what has changed in it. */
export function indexText({
  table,
  rows,
  added,
  replaced,
  unchanged,
  removed,
  skipped,
  ...rest
}: IndexTableResult): string {
  const { index, seconds, metric, curvature, tree, embedded, cutoff, map: mapped } = rest;
  const changes = Object.entries({ added, replaced, unchanged, removed, skipped })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${whole(count)} ${what}`);
  if (embedded !== null) changes.push(`${whole(embedded)} embedded`);
  const space =
    metric === 'hyperbolic' ? `hyperbolic distance, curvature ${curvature}` : `${metric} distance`;
  return `${table}: ${counted(rows, 'row')} (${changes.join(', ')}), ${space}, ${indexLine(index)}, ${formatDuration(seconds)}${tree === 'own' ? ', hanging from a tree of them' : ''}${cutoff ? `, similar from ${cutoff.similarity.toFixed(2)} on (so ${percent(cutoff.trueAccepts)} % of items have one of their class there; ${percent(cutoff.falseAccepts)} % have one where theirs is missing)` : ''}${mapped ? `, ${MAP_TEXTS[mapped]}` : ''}`;
}

/** What was measured of a table. */
export function verifyText({ rows, qps, buildSeconds: seconds, ...rest }: Verified): string {
  const built = seconds === null ? '' : `, last change took ${formatDuration(seconds)}`;
  return `recall@10 ${percent(rest['recall@10'])} % over ${counted(rows, 'row')}, ${Math.round(qps)} queries/s${built}`;
}
