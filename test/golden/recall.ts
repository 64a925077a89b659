/**
 * Golden format "recall" (09): the official Recall@K of saved embeddings within one set or against a gallery;
 * c = 0 stands for the inner product of unit vectors. Recomputed by src/retrieval. Rows of equal index never
 * meet: so the official code drops a query's own row, and, of a separate gallery, the row at the same position.
 */
import { evaluateRetrieval, type LabelledEmbeddings } from '../../src/retrieval/index.js';
import { type CaseReport, type Check, compare } from './compare.js';
import {
  firstCase,
  flat,
  GoldenError,
  has,
  type Json,
  matrix,
  number,
  objects,
  rowLength,
  text,
  vector,
} from './fields.js';

/** Whether a file holds cases of Recall@K. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'query_x', 'query_y', 'k_list', 'recall'));
}

/** Recall when a query meets every row of a separate gallery. */
const UNMASKED = 'recall_with_disjoint_indices_(no_positional_masking)';

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks: Check[] = [];
    for (const [key, byIndex] of [
      ['recall', true],
      [UNMASKED, false],
    ] as const)
      if (has(item, key)) checks.push(await checkRecall(item, key, byIndex));
    const name = `${text(item, 'dataset', 'case')}, c = ${number(item, 'hyp_c')}, ${matrix(item, 'query_x').length} queries`;
    reports.push({ name: has(item, 'gallery_x') ? `${name}, separate gallery` : name, checks });
  }
  return reports;
}

async function checkRecall(item: Json, key: string, byIndex: boolean): Promise<Check> {
  const curvature = number(item, 'hyp_c');
  if (curvature === 0) requireUnitRows(item);
  const recallAt = vector(item, 'k_list');
  const { metrics, queries, lone } = await evaluateRetrieval({
    ...side(item, 'query', byIndex),
    ...(has(item, 'gallery_x') ? { gallery: side(item, 'gallery', byIndex) } : {}),
    dim: rowLength(item, 'query_x'),
    metric: curvature === 0 ? 'cosine' : 'hyperbolic',
    curvature,
    recallAt,
    threads: 1,
  });
  // The official mean is over all queries; ours leaves out those without a match, which are misses there.
  const share = queries / (queries + lone);
  const ours = recallAt.map((k) => (queries === 0 ? 0 : metrics[`recall@${k}`] * share));
  return compare(`${key} @ ${recallAt.join(', ')}`, ours, flat(item, key), {
    engine: 'graph float32',
    tolerance: 1e-9,
  });
}

/** Queries or gallery, with their indices as identities if `byIndex`. */
function side(item: Json, name: 'query' | 'gallery', byIndex: boolean): LabelledEmbeddings {
  const index = `${name}_index`;
  return {
    embeddings: Float32Array.from(flat(item, `${name}_x`)),
    labels: vector(item, `${name}_y`),
    ...(byIndex && has(item, index) ? { ids: vector(item, index) } : {}),
  };
}

/** At c = 0 the official similarity is the inner product, which is the cosine of unit vectors only. */
function requireUnitRows(item: Json): void {
  const rows = ['query_x', 'gallery_x'].flatMap((key) => (has(item, key) ? matrix(item, key) : []));
  if (rows.some((row) => Math.abs(Math.hypot(...row) - 1) > 1e-3))
    throw new GoldenError(
      'a case with c = 0 has rows that are not of length 1; this project ranks by cosine there',
    );
}
