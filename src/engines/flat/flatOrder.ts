/** The rows of a flat table in the order of their ids, by code points: sorted in pieces, so that nobody waits for all of it. */
import { inPieces } from '../../turns.js';
import type { FlatSnapshot, RowRef } from './flatRows.js';

interface Row extends RowRef {
  readonly id: string;
}

/** Rows that are sorted in one go, and steps of a merge. */
const AT_ONCE = 2048;

/** All rows that count, sorted by id by code points; once for a snapshot. */
export function sortedRows(snapshot: FlatSnapshot): Promise<readonly RowRef[]> {
  snapshot.sorted ??= sort(snapshot);
  return snapshot.sorted;
}

async function sort({ views }: FlatSnapshot): Promise<readonly RowRef[]> {
  const pause = inPieces('sort');
  const rows: Row[] = [];
  let isPlain = true;
  for (const [view, { part, gone }] of views.entries())
    for (let at = 0; at < part.rows; at++) {
      if (at % AT_ONCE === 0) await pause();
      if (gone?.[at]) continue;
      const id = part.columns.id![at]!;
      isPlain &&= !/[\ud800-\udfff]/.test(id);
      rows.push({ view, at, id });
    }
  // Texts compare by UTF-16 units, which is the order of code points but for those that take two.
  const isBefore = isPlain
    ? (a: Row, b: Row) => a.id < b.id
    : (a: Row, b: Row) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) < 0;
  let runs: Row[][] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    runs.push(rows.slice(from, from + AT_ONCE).sort((a, b) => (isBefore(a, b) ? -1 : 1)));
    await pause();
  }
  while (runs.length > 1) {
    const longer: Row[][] = [];
    for (let i = 0; i < runs.length; i += 2)
      longer.push(i + 1 < runs.length ? await merged(runs[i], runs[i + 1], isBefore, pause) : runs[i]);
    runs = longer;
  }
  return runs[0] ?? [];
}

/** Two sorted runs as one. */
async function merged(
  a: readonly Row[],
  b: readonly Row[],
  isBefore: (a: Row, b: Row) => boolean,
  pause: () => Promise<void> | undefined,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length; ) {
    if (all.length % AT_ONCE === 0) await pause();
    all.push(j === b.length || (i < a.length && isBefore(a[i], b[j])) ? a[i++] : b[j++]);
  }
  return all;
}
