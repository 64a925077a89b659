/**
 * The rows of a table in memory, for what compares many of them with many: all, or a part of a large table, with their vectors in
 * one array. What is compared is decided elsewhere.
 */
import { createHash } from 'node:crypto';
import { byCodePoints } from './columns.js';
import type { Store } from './store.js';

/** Rows of a table in memory. */
export interface TableRows {
  readonly ids: readonly string[];
  readonly labels: readonly (string | null)[];
  readonly paths: readonly (string | null)[];
  /** `[N, dim]`. */
  readonly vectors: Float32Array;
}

/** How {@link allRows} reads. */
export interface AllRowsOptions {
  /** Rows of a larger table that are read, about; which ones depends on their ids alone. Default: all. */
  readonly most?: number;
  /** By id, or mixed, in an order that depends on the ids alone. Default by id. */
  readonly order?: 'id' | 'mixed';
}

/** The rows of a table, in one order whatever the engine. */
export async function allRows(
  store: Store,
  { most = Number.POSITIVE_INFINITY, order = 'id' }: AllRowsOptions = {},
): Promise<TableRows> {
  const { dim } = store.manifest.space;
  const share = most / Math.max(1, await store.count());
  const rows: { id: string; label: string | null; path: string | null; vector: Float32Array; key: string }[] =
    [];
  const isMixed = order === 'mixed' || share < 1;
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, label, path, vector } of batch) {
      const key = isMixed ? createHash('md5').update(id).digest('hex').slice(0, 12) : '';
      if (share >= 1 || Number.parseInt(key, 16) / 2 ** 48 < share)
        rows.push({ id, label, path, vector, key: order === 'mixed' ? key : id });
    }
  rows.sort((a, b) => byCodePoints(a.key, b.key));
  const vectors = new Float32Array(rows.length * dim);
  rows.forEach(({ vector }, i) => {
    vectors.set(vector, i * dim);
  });
  return {
    ids: rows.map(({ id }) => id),
    labels: rows.map(({ label }) => label),
    paths: rows.map(({ path }) => path),
    vectors,
  };
}
