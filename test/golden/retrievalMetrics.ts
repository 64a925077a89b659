/**
 * Golden format "retrievalMetrics" (13): ranking, P@1, R-precision, MAP@R, MAP and MRR of saved ball points
 * within one set, as pytorch-metric-learning computes them. Recomputed by src/retrieval. Scores of a clustering
 * (NMI, AMI) are no part of this project's evaluation and are said to be left out.
 */
import { evaluateRetrieval, nearestNeighbours, type RetrievalMetrics } from '../../src/retrieval/index.js';
import { type CaseReport, type Check, compare, compareExactly } from './compare.js';
import { firstCase, flat, has, type Json, number, objects, rowLength, vector } from './fields.js';

/** Whether a file holds cases of retrieval metrics. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'x_ball', 'y', 'c'));
}

/** Official names of our metrics. */
const METRICS: Readonly<Record<string, keyof RetrievalMetrics>> = {
  precision_at_1: 'precision@1',
  r_precision: 'r-precision',
  map_at_r: 'map@r',
  mean_average_precision: 'map',
  mean_reciprocal_rank: 'mrr',
};

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const clustering = Object.keys(item).filter((key) => /^(NMI|AMI)/.test(key));
    const name = `${vector(item, 'y').length} points, c = ${number(item, 'c')}`;
    const notes = clustering.length > 0 ? [`not computed by this project: ${clustering.join(', ')}`] : [];
    reports.push({ name, checks: await checkCase(item), notes });
  }
  return reports;
}

async function checkCase(item: Json): Promise<Check[]> {
  const embeddings = Float32Array.from(flat(item, 'x_ball'));
  const common = {
    dim: rowLength(item, 'x_ball'),
    metric: 'hyperbolic',
    curvature: number(item, 'c'),
    threads: 1,
  } as const;
  const labelled = { embeddings, labels: vector(item, 'y') };
  const { metrics, perQuery } = await evaluateRetrieval({ ...common, ...labelled, ranks: 'all' });
  // What training and `hier eval` take by default: the same metrics without MAP, found in another way.
  const byDefault = await evaluateRetrieval({ ...common, ...labelled });
  const checks: Check[] = [];
  const exact = (key: string, ours: ArrayLike<number>) => {
    if (has(item, key)) checks.push(compareExactly(key, ours, flat(item, key), { engine: 'graph float32' }));
  };
  const ranking = 'ranking_self_excluded';
  if (has(item, ranking)) {
    const k = rowLength(item, ranking);
    exact(ranking, (await nearestNeighbours({ ...common, queries: embeddings, k })).indices);
  }
  exact('R_per_query', perQuery.matches);
  exact(
    'queries_kept(non-lone)',
    perQuery.matches.map((count) => Math.min(count, 1)),
  );
  for (const [key, metric] of Object.entries(METRICS)) {
    if (!has(item, key)) continue;
    // The official reciprocal ranks are averaged in float32.
    const tolerance = metric === 'mrr' ? 1e-6 : 1e-9;
    const options = { engine: 'graph float32', tolerance } as const;
    checks.push(compare(key, [metrics[metric]!], [number(item, key)], options));
    const alike = byDefault.metrics[metric];
    if (alike !== undefined) checks.push(compare(`${key}, top ranks`, [alike], [number(item, key)], options));
  }
  return checks;
}
