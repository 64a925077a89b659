/**
 * Golden format "head" (06): layer normalisation without affine → linear → ball (unit sphere at c = 0) on saved
 * features, with gradients for an upstream weight. Recomputed by src/nn/head.ts.
 */
import {
  gradients,
  l2Normalize,
  layerNormalization,
  mul,
  sqrt,
  sum,
  sumSquares,
} from '../../src/graph/index.js';
import { head, initialize, linear, Scope } from '../../src/nn/index.js';
import { clipTies, tieNote } from './clipTies.js';
import { type CaseReport, type Check, compare, type Engine } from './compare.js';
import { GRAPH_ENGINES, newFeeds, precisionOf } from './feeds.js';
import {
  firstCase,
  flat,
  has,
  type Json,
  matrix,
  number,
  objects,
  precision,
  rowLength,
  vector,
} from './fields.js';

/** Whether a file holds cases of the embedding head. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'features', 'weight', 'bias', 'embedding'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks = initialCheck(item);
    for (const engine of GRAPH_ENGINES) checks.push(...(await checkHead(item, engine)));
    const [d, width] = [matrix(item, 'weight').length, rowLength(item, 'weight')];
    reports.push({ name: `${width} → ${d}, c = ${number(item, 'c')}, official ${precision(item)}`, checks });
  }
  return reports;
}

async function checkHead(item: Json, engine: Engine): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const scope = new Scope({ training: true, dtype: feeds.dtype });
  const features = feeds.matrix(matrix(item, 'features'));
  feeds.set('head.weight', flat(item, 'weight'));
  feeds.set('head.bias', vector(item, 'bias'));
  const embeddingSize = matrix(item, 'weight').length;
  const embedding = head(scope, features, {
    curvature: number(item, 'c'),
    clipRadius: number(item, 'clip_r', 2.3),
    riemannianGradient: true,
    embeddingSize,
    layerNorm: true,
  });
  const preClip = linear(scope, 'head', layerNormalization(features), embeddingSize);
  const outputs = {
    pre_clip: preClip,
    pre_clip_norm: sqrt(sumSquares(preClip, { axes: [1] })),
    embedding,
    skip_head_embedding: l2Normalize(features),
  };
  const grads: Record<string, typeof features> = {};
  if (has(item, 'upstream_G')) {
    const loss = sum(mul(embedding, feeds.matrix(matrix(item, 'upstream_G'))));
    const parameters = ['head.weight', 'head.bias'].map((name) => scope.arrays.get(name)!.tensor);
    const [gradFeatures, gradWeight, gradBias] = gradients(loss, [features, ...parameters]);
    Object.assign(grads, { grad_features: gradFeatures, grad_weight: gradWeight, grad_bias: gradBias });
  }
  const ours = await feeds.run({ ...outputs, ...grads });
  const clipRadius = number(item, 'c') > 0 ? number(item, 'clip_r', 2.3) : null;
  const rows = has(item, 'pre_clip') ? matrix(item, 'pre_clip') : [];
  const ties = clipTies(rows, clipRadius, { engine, official: precision(item) });
  // The gradients of the layer are sums over the rows: one that may go either way leaves none of them to compare.
  const leftOut = (key: string) =>
    key === 'grad_features' ? ties : new Set(ties.size > 0 ? rowsOf(item, key).keys() : []);
  return Object.keys(ours)
    .filter((key) => has(item, key))
    .map((key) =>
      compare(key, ours[key as keyof typeof outputs], flat(item, key), {
        engine,
        precision: precision(item),
        kind: key.startsWith('grad') ? 'gradient' : 'value',
        width: key === 'pre_clip_norm' ? 1 : rowLength(item, key),
        leftOut: key.startsWith('grad')
          ? { rows: leftOut(key), why: tieNote(ties, rows.length, clipRadius ?? 0) }
          : undefined,
      }),
    );
}

/** Rows of a quantity, a vector being one. */
const rowsOf = (item: Json, key: string) =>
  Array.from({ length: flat(item, key).length / rowLength(item, key) });

/** Our orthogonal first weight, W Wᵀ, against the official one: the identity, when it has no more rows than columns. */
function initialCheck(item: Json): Check[] {
  const key = 'initial_weight_orthogonality_WWt';
  const [d, width] = [matrix(item, 'weight').length, rowLength(item, 'weight')];
  if (!has(item, key) || d > width) return [];
  const weight = initialize({ kind: 'orthogonal' }, [d, width], 0, 'head.weight');
  const row = (i: number) => weight.subarray(i * width, (i + 1) * width);
  const products = Array.from({ length: d * d }, (_, at) => {
    const [a, b] = [row(Math.floor(at / d)), row(at % d)];
    return a.reduce((total, value, i) => total + value * b[i], 0);
  });
  const options = { engine: 'plain float64', precision: 'float32', width: d } as const;
  return [compare(key, products, flat(item, key), options)];
}
