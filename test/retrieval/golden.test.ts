/** Official values: recall of the HIER code (file 09), metrics of pytorch-metric-learning (file 13). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluateRetrieval } from '../../src/retrieval/evaluate.js';
import { nearestNeighbours } from '../../src/retrieval/neighbours.js';
import { flat } from './support.js';

interface RecallCase {
  hyp_c: number;
  k_list: number[];
  query_x: number[][];
  query_y: number[];
  query_index: number[];
  gallery_x: number[][] | null;
  gallery_y: number[] | null;
  recall: number[];
  'recall_with_disjoint_indices_(no_positional_masking)'?: number[];
}

interface MetricsCase {
  x_ball: number[][];
  y: number[];
  c: number;
  ranking_self_excluded: number[][];
  R_per_query: number[];
  precision_at_1: number;
  r_precision: number;
  map_at_r: number;
  mean_average_precision: number;
  mean_reciprocal_rank: number;
}

function cases<T>(file: string): T[] {
  return JSON.parse(readFileSync(`test/fixtures/golden/${file}`, 'utf8')).cases;
}

cases<RecallCase>('09_recall.json').forEach((item, index) => {
  test(`official recall, case ${index}`, async () => {
    const { query_x: x, query_y: labels, gallery_x: galleryX, gallery_y: galleryY } = item;
    const common = {
      embeddings: flat(x),
      labels,
      dim: x[0].length,
      metric: 'hyperbolic' as const,
      curvature: item.hyp_c,
      recallAt: item.k_list,
    };
    const recalls = async (options: object) => {
      const { metrics, lone } = await evaluateRetrieval({ ...common, ...options });
      assert.equal(lone, 0);
      return item.k_list.map((k) => metrics[`recall@${k}`]);
    };
    const close = (ours: number[], official: number[]) =>
      official.forEach((value, k) => {
        assert.ok(Math.abs(ours[k] - value) < 1e-12, `recall ${ours} is not ${official}`);
      });
    if (!galleryX || !galleryY) {
      close(await recalls({ ids: item.query_index }), item.recall);
      return;
    }
    const gallery = { embeddings: flat(galleryX), labels: galleryY };
    close(await recalls({ gallery, maskSamePosition: true }), item.recall);
    close(await recalls({ gallery }), item['recall_with_disjoint_indices_(no_positional_masking)']!);
  });
});

cases<MetricsCase>('13_retrieval_metrics.json').forEach((item, index) => {
  test(`official retrieval metrics, case ${index}`, async () => {
    const given = { dim: item.x_ball[0].length, metric: 'hyperbolic' as const, curvature: item.c };
    const embeddings = flat(item.x_ball);
    const result = await evaluateRetrieval({ ...given, embeddings, labels: item.y, ranks: 'all' });
    assert.deepEqual([...result.perQuery.matches], item.R_per_query);
    const official = {
      'precision@1': item.precision_at_1,
      'r-precision': item.r_precision,
      'map@r': item.map_at_r,
      map: item.mean_average_precision,
      mrr: item.mean_reciprocal_rank,
    };
    // The official reciprocal ranks are averaged in float32.
    for (const [name, value] of Object.entries(official))
      assert.ok(Math.abs(result.metrics[name as 'mrr'] - value) < (name === 'mrr' ? 1e-7 : 1e-12), name);

    const count = item.y.length;
    const { k, indices } = await nearestNeighbours({ ...given, queries: embeddings, k: count });
    assert.equal(k, count - 1);
    item.ranking_self_excluded.forEach((ranking, query) => {
      assert.deepEqual([...indices.subarray(query * k, (query + 1) * k)], ranking);
    });
  });
});
