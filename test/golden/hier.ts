/**
 * Golden format "hier" (03): HIER's loss on saved embeddings, proxies, triplets and Gumbel noise: ball points,
 * mining (similarities, neighbours, reciprocity, anchors), logits, chosen ancestors, both terms and all
 * gradients. Recomputed by src/losses. Given triplets are also held against our own neighbourhoods.
 */
import { gradients, type Tensor } from '../../src/graph/index.js';
import { type HierLoss, hierLoss, nodeDistances } from '../../src/losses/hier.js';
import { lcaTerm } from '../../src/losses/lca.js';
import { miningSimilarity, reciprocalNeighbours, type Triplets } from '../../src/losses/mining.js';
import { toManifold } from '../../src/nn/index.js';
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
import { hasNoise, nodeCount, PASSES, type Pass, passChecks, randomness, tripletChecks } from './hierPass.js';

/** Whether a file holds cases of the HIER loss. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'lcas_parameter_tangent', 'hyp_c'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks = tripletChecks(item);
    for (const engine of GRAPH_ENGINES) checks.push(...(await checkCase(item, engine)));
    const [b, p] = [nodeCount(item, 'sample'), nodeCount(item, 'proxy')];
    const name = `B = ${b}, P = ${p}, c = ${number(item, 'hyp_c')}, tau ${number(item, 'tau', 0.1)}, margin ${number(item, 'mrg', 0.1)}, official ${precision(item)}`;
    reports.push({ name, checks });
  }
  return reports;
}

/** Our name of every official quantity that needs no pass, and its kind. */
const WHOLE = {
  z_ball_embeddings: 'value',
  lcas_ball: 'value',
  loss: 'value',
  loss_sample_term: 'value',
  loss_proxy_term: 'value',
  grad_z: 'gradient',
  grad_U: 'gradient',
  grad_lcas_parameter: 'gradient',
} as const;

/** The rows whose clipping decides a gradient. */
const CLIPPED: Readonly<Record<string, string>> = {
  grad_U: 'U_tangent_features',
  grad_lcas_parameter: 'lcas_parameter_tangent',
};

async function checkCase(item: Json, engine: Engine): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const curvature = number(item, 'hyp_c');
  const settings = { curvature, clipRadius: number(item, 'clip_r', 2.3), riemannianGradient: true };
  const u = has(item, 'U_tangent_features') ? feeds.matrix(matrix(item, 'U_tangent_features')) : undefined;
  const z = u ? toManifold(u, settings) : feeds.matrix(matrix(item, 'z_ball_embeddings'));
  const proxies = feeds.matrix(matrix(item, 'lcas_parameter_tangent'));
  const points = toManifold(proxies, settings);
  const labels = has(item, 'labels') ? feeds.indices(vector(item, 'labels')) : undefined;

  const outputs: Record<string, Tensor> = { z_ball_embeddings: z, lcas_ball: points };
  const nodes: Record<Pass, Tensor> = { sample: z, proxy: points };
  for (const pass of PASSES) {
    const x = nodes[pass];
    const similarity = miningSimilarity(
      nodeDistances(x, x, curvature),
      pass === 'sample' ? labels : undefined,
    );
    const near = reciprocalNeighbours(similarity, number(item, 'topk'));
    outputs[`similarity ${pass}`] = similarity;
    outputs[`topk_index_${pass}`] = near.neighbours;
    outputs[`reciprocal_mask_${pass}`] = near.reciprocal;
    outputs[`valid_anchor_${pass}`] = near.valid;
    outputs[`distances ${pass}`] = nodeDistances(x, points, curvature);
  }
  if (PASSES.every((pass) => hasNoise(item, pass))) {
    const [samples, proxyPass] = PASSES.map((pass) => randomness(item, pass, feeds));
    const options = {
      ...settings,
      neighbours: number(item, 'topk'),
      margin: number(item, 'mrg', 0.1),
      temperature: number(item, 'tau', 0.1),
    };
    const result = hierLoss(
      { embeddings: z, proxies, samples, proxyPass, ...(labels ? { labels } : {}) },
      options,
    );
    Object.assign(outputs, lossOutputs(result, z, u, proxies));
    for (const [pass, { mining, noise }] of [
      ['sample', samples],
      ['proxy', proxyPass],
    ] as const) {
      const term = lcaTerm(nodeDistances(nodes[pass], points, curvature), mining as Triplets, noise, options);
      outputs[`ancestors ${pass}_ij`] = term.pairAncestors;
      outputs[`ancestors ${pass}_ijk`] = term.tripleAncestors;
    }
  }
  const ours = await feeds.run(outputs);
  return [
    ...wholeChecks(item, engine, ours),
    ...PASSES.flatMap((pass) => passChecks(item, engine, pass, ours)),
  ];
}

function lossOutputs(
  result: HierLoss,
  z: Tensor,
  u: Tensor | undefined,
  proxies: Tensor,
): Record<string, Tensor> {
  const [gradZ, gradProxies] = gradients(result.loss, [z, proxies]);
  return {
    loss: result.loss,
    loss_sample_term: result.sampleTerm,
    loss_proxy_term: result.proxyTerm,
    grad_z: gradZ,
    grad_lcas_parameter: gradProxies,
    ...(u ? { grad_U: gradients(result.loss, [u])[0] } : {}),
  };
}

function wholeChecks(item: Json, engine: Engine, ours: Record<string, number[]>): Check[] {
  return Object.entries(WHOLE)
    .filter(([key]) => has(item, key) && ours[key])
    .map(([key, kind]) => {
      const rows = CLIPPED[key] ? matrix(item, CLIPPED[key]) : [];
      const radius = number(item, 'clip_r', 2.3);
      const ties = clipTies(rows, radius, { engine, official: precision(item) });
      return compare(key, ours[key], flat(item, key), {
        engine,
        precision: precision(item),
        kind,
        width: rowLength(item, key),
        leftOut: { rows: ties, why: tieNote(ties, rows.length, radius) },
      });
    });
}
