/**
 * Golden format "objective" (15): what is minimised as a whole, λ1 · Proxy Anchor + λ2 · HIER, on saved tangent vectors, class
 * proxies, hierarchical proxies, triplets and Gumbel noise; with all gradients of one backward pass. Recomputed by src/losses.
 * Rows on the clip radius may go either way: they are left out of the gradients that they decide, which is said.
 */
import { add, gradients, mul, type Tensor } from '../../src/graph/index.js';
import { hierLoss } from '../../src/losses/hier.js';
import { proxyAnchor } from '../../src/losses/proxyAnchor.js';
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
  text,
  vector,
} from './fields.js';
import { PASSES, randomness } from './hierPass.js';

/** Names that the class proxies may have. */
const CLASS_PROXIES = ['class_proxies', 'proxies'];
const classProxiesOf = (item: Json) => CLASS_PROXIES.find((key) => has(item, key));

/** Whether a file holds cases of the whole objective. */
export function recognise(file: Json): boolean {
  return firstCase(
    file,
    (item) => has(item, 'lcas_parameter_tangent', 'labels') && classProxiesOf(item) !== undefined,
  );
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks: Check[] = [];
    for (const engine of GRAPH_ENGINES) checks.push(...(await checkCase(item, engine)));
    reports.push({
      name: `${text(item, 'name', 'case')}, c = ${number(item, 'hyp_c')}, official ${precision(item)}`,
      checks,
    });
  }
  return reports;
}

async function checkCase(item: Json, engine: Engine): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const clipRadius = number(item, 'clip_r', 2.3);
  const settings = { curvature: number(item, 'hyp_c'), clipRadius, riemannianGradient: true };
  const u = has(item, 'U_tangent_features') ? feeds.matrix(matrix(item, 'U_tangent_features')) : undefined;
  const z = u ? toManifold(u, settings) : feeds.matrix(matrix(item, 'z_ball_embeddings'));
  const named = classProxiesOf(item)!;
  const classes = feeds.matrix(matrix(item, named));
  const lcas = feeds.matrix(matrix(item, 'lcas_parameter_tangent'));
  const labels = feeds.indices(vector(item, 'labels'));
  const metric = proxyAnchor(z, labels, classes, {
    alpha: number(item, 'alpha', 32),
    margin: number(item, 'pa_mrg', 0.1),
  });
  const [samples, proxyPass] = PASSES.map((pass) => randomness(item, pass, feeds));
  const hier = hierLoss(
    { embeddings: z, labels, proxies: lcas, samples, proxyPass },
    {
      ...settings,
      neighbours: number(item, 'topk'),
      margin: number(item, 'mrg', 0.1),
      temperature: number(item, 'tau', 0.1),
    },
  ).loss;
  const loss = add(mul(metric, number(item, 'lambda1', 1)), mul(hier, number(item, 'lambda2', 0.5)));
  const wrt: [string, Tensor][] = [
    ['grad_z', z],
    [`grad_${named}`, classes],
    ['grad_lcas_parameter', lcas],
    ...(u ? [['grad_U', u] as [string, Tensor]] : []),
  ];
  const grads = gradients(
    loss,
    wrt.map(([, tensor]) => tensor),
  );
  const ours: Record<string, number[]> = await feeds.run({
    z_ball_embeddings: z,
    lcas_ball: toManifold(lcas, settings),
    loss,
    loss_metric: metric,
    loss_hier: hier,
    ...Object.fromEntries(wrt.map(([key], i) => [key, grads[i]])),
  });
  const decidedBy: Record<string, string> = {
    grad_U: 'U_tangent_features',
    grad_lcas_parameter: 'lcas_parameter_tangent',
  };
  return Object.keys(ours)
    .filter((key) => has(item, key))
    .map((key) => {
      const rows = decidedBy[key] ? matrix(item, decidedBy[key]) : [];
      const ties = clipTies(rows, clipRadius, { engine, official: precision(item) });
      return compare(key, ours[key], flat(item, key), {
        ...{ engine, precision: precision(item) },
        kind: key.startsWith('grad') ? 'gradient' : 'value',
        width: rowLength(item, key),
        leftOut: { rows: ties, why: tieNote(ties, rows.length, clipRadius) },
      });
    });
}
