/**
 * Retrieval measured on embeddings of a collection, as rows of a table. Where the embeddings come from is the
 * caller's business; the exact metrics are computed in `retrieval/`.
 */
import { evaluateRetrieval, type Metric, type PairedScores, pairedScores } from '../../retrieval/index.js';
import type { Collection } from '../collection.js';
import { labelledSides } from '../sides.js';
import type { TaxonomyJudge, TaxonomyMeasures } from './byTaxonomy.js';

/** The metrics that every row has. */
export const MEASURES = ['recall@1', 'recall@2', 'recall@4', 'recall@8', 'map@r', 'r-precision'] as const;

/** One row of the comparison. */
export interface EvaluationRow {
  /** The run's folder, or what else was measured. */
  readonly name: string;
  readonly role: 'run' | 'against' | 'untrained' | 'pixels' | 'closed-form';
  /** How similarity was measured. */
  readonly metric: Metric;
  /**
   * Fractions: recall@1, recall@2, recall@4, recall@8, map@r, r-precision, and recall@K for the K of the run's
   * `evaluation.recallAt`; NaN where none is defined.
   */
  readonly metrics: Readonly<Record<(typeof MEASURES)[number], number> & Record<string, number>>;
  /** What the taxonomy of the data says; absent where they have none, and of a network's second metric. */
  readonly taxonomy?: TaxonomyMeasures;
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

/** Options of {@link measure}. */
export interface MeasureOptions {
  /** Every item has a label. */
  readonly collection: Collection;
  /** K of Recall@K besides 1, 2, 4 and 8. */
  readonly recallAt: readonly number[];
  /** Where the classes have a taxonomy. */
  readonly judge?: TaxonomyJudge | undefined;
  readonly onNote: (note: string) => void;
  /** Told the scores of a row's queries. */
  readonly onScores?: (row: EvaluationRow, scores: PairedScores) => void;
}

/** Measures one candidate. Throws DataError for embeddings that are not finite. */
export async function measure(
  { metrics, ...candidate }: Candidate,
  { collection, recallAt: asked, judge, onNote, onScores = () => undefined }: MeasureOptions,
): Promise<EvaluationRow[]> {
  const recallAt = [...new Set([...asked, 1, 2, 4, 8])].sort((a, b) => a - b);
  const keys = [...recallAt.map((k) => `recall@${k}`), 'map@r', 'r-precision'];
  const { name, role } = candidate;
  const { embeddings, dim } = candidate;
  const sides = labelledSides({ values: embeddings, dim }, collection);
  const rows: EvaluationRow[] = [];
  for (const metric of metrics) {
    const result = await evaluateRetrieval({ ...candidate, ...sides, metric, recallAt });
    result.notes.forEach(onNote);
    const values = keys.map((key) => [key, result.metrics[key as 'map@r'] ?? Number.NaN]);
    const { queries, lone } = result;
    const { curvature = 0 } = candidate;
    const judged = rows.length === 0 && (await judge?.({ values: embeddings, dim, metric, curvature }));
    const row = {
      ...{ name, role, metric, metrics: Object.fromEntries(values) },
      ...(judged ? { taxonomy: judged } : {}),
      ...{ queries, lone },
    };
    rows.push(row);
    onScores(row, pairedScores(result.perQuery, sides.labels));
  }
  return rows;
}
