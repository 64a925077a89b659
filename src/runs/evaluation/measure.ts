/**
 * Retrieval measured on embeddings of a collection, as rows of a table. Where the embeddings come from is the
 * caller's business; the exact metrics are computed in `retrieval/`.
 */

import { evaluateRetrieval, type LabelledEmbeddings, type Metric } from '../../retrieval/index.js';
import { takeRows } from '../../rows.js';
import type { Collection } from '../collection.js';

/** The metrics that every row has. */
export const MEASURES = ['recall@1', 'recall@2', 'recall@4', 'recall@8', 'map@r', 'r-precision'] as const;

/** One row of the comparison. */
export interface EvaluationRow {
  /** The run's folder, or what else was measured. */
  readonly name: string;
  readonly role: 'run' | 'against' | 'untrained' | 'pixels';
  /** How similarity was measured. */
  readonly metric: Metric;
  /**
   * Fractions: recall@1, recall@2, recall@4, recall@8, map@r, r-precision, and recall@K for the K of the run's
   * `evaluation.recallAt`; NaN where none is defined.
   */
  readonly metrics: Readonly<Record<(typeof MEASURES)[number], number> & Record<string, number>>;
  /** Images that took part as queries. */
  readonly queries: number;
  /** Images without another of their class; they take part in no metric. */
  readonly lone: number;
}

/** Embeddings of all items of a collection, `[N, dim]`, and how to measure them. */
export interface Candidate {
  readonly name: string;
  readonly role: EvaluationRow['role'];
  readonly embeddings: Float32Array;
  readonly dim: number;
  /** Of the ball that they lie in. */
  readonly curvature?: number;
  /** One row is made for each. */
  readonly metrics: readonly Metric[];
}

/** What {@link measure} needs to know besides the embeddings. */
export interface MeasureOptions {
  /** Every item has a label. */
  readonly collection: Collection;
  /** K of Recall@K besides 1, 2, 4 and 8. */
  readonly recallAt: readonly number[];
  readonly onNote: (note: string) => void;
}

/** Measures one candidate. Throws DataError for embeddings that are not finite. */
export async function measure(
  { metrics, ...candidate }: Candidate,
  { collection, recallAt: asked, onNote }: MeasureOptions,
): Promise<EvaluationRow[]> {
  const recallAt = [...new Set([...asked, 1, 2, 4, 8])].sort((a, b) => a - b);
  const keys = [...recallAt.map((k) => `recall@${k}`), 'map@r', 'r-precision'];
  const { name, role } = candidate;
  const sides = queriesAndGallery(candidate, labelsOf(collection), collection);
  const rows: EvaluationRow[] = [];
  for (const metric of metrics) {
    const result = await evaluateRetrieval({ ...candidate, ...sides, metric, recallAt });
    result.notes.forEach(onNote);
    const values = keys.map((key) => [key, result.metrics[key as 'map@r'] ?? Number.NaN]);
    const { queries, lone } = result;
    rows.push({ name, role, metric, metrics: Object.fromEntries(values), queries, lone });
  }
  return rows;
}

/** The rows as queries and gallery, where the collection keeps these apart; else all as both. */
function queriesAndGallery(
  { embeddings, dim }: Pick<Candidate, 'embeddings' | 'dim'>,
  labels: readonly number[],
  { items, queries }: Collection,
): LabelledEmbeddings & { readonly gallery?: LabelledEmbeddings } {
  if (!queries) return { embeddings, labels };
  const asked = new Set(queries);
  const pick = (rows: readonly number[]): LabelledEmbeddings => ({
    embeddings: takeRows({ values: embeddings, dim }, rows).values,
    labels: rows.map((row) => labels[row]),
  });
  return { ...pick(queries), gallery: pick([...items.keys()].filter((row) => !asked.has(row))) };
}

/** Class numbers in order of first appearance. */
function labelsOf({ items }: Collection): number[] {
  const numbers = new Map<string | null, number>();
  return items.map(({ label }) => {
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label)!;
  });
}
