/**
 * Golden format "proxyAnchor" (02): the Proxy Anchor loss and its gradients on saved embeddings, from HIER's
 * repository and (fields `original_*`) from Proxy-Anchor's own. Recomputed by src/losses/proxyAnchor.ts. The
 * file's two standard deviations of fresh class proxies are held against ours.
 */
import { gradients } from '../../src/graph/index.js';
import { proxyAnchor, proxyAnchorInitial } from '../../src/losses/proxyAnchor.js';
import { initialize } from '../../src/nn/index.js';
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

/** Whether a file holds cases of the Proxy Anchor loss. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'X', 'T', 'proxies', 'loss') && !has(item, 'K'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks: Check[] = [];
    for (const engine of GRAPH_ENGINES) checks.push(...(await checkLoss(item, engine)));
    const name = `${text(item, 'name', 'case')}, alpha ${alpha(item)}, margin ${margin(item)}, official ${precision(item)}`;
    reports.push({ name, checks });
  }
  const initial = initialChecks(file);
  return initial.length > 0
    ? [...reports, { name: 'first values of the proxies', checks: initial }]
    : reports;
}

const alpha = (item: Json) => number(item, 'alpha', 32);
const margin = (item: Json) => number(item, 'mrg', 0.1);

/** Names of the official values, by ours. */
const OFFICIAL: Readonly<Record<string, readonly string[]>> = {
  loss: ['loss', 'original_Proxy_Anchor_repo_loss'],
  grad_X: ['grad_X', 'original_grad_X'],
  grad_proxies: ['grad_proxies', 'original_grad_proxies'],
};

async function checkLoss(item: Json, engine: Engine): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const [x, proxies] = [feeds.matrix(matrix(item, 'X')), feeds.matrix(matrix(item, 'proxies'))];
  const loss = proxyAnchor(x, feeds.indices(vector(item, 'T')), proxies, {
    alpha: alpha(item),
    margin: margin(item),
  });
  const [gradX, gradProxies] = gradients(loss, [x, proxies]);
  const ours: Record<string, number[]> = await feeds.run({ loss, grad_X: gradX, grad_proxies: gradProxies });
  return Object.entries(OFFICIAL).flatMap(([key, names]) =>
    names
      .filter((name) => has(item, name))
      .map((name) =>
        compare(name, ours[key], flat(item, name), {
          engine,
          precision: precision(item),
          kind: key === 'loss' ? 'value' : 'gradient',
          width: rowLength(item, name),
        }),
      ),
  );
}

/** The stated standard deviation of fresh class proxies, exactly; the one observed in a draw, within 3 %. */
function initialChecks(file: Json): Check[] {
  const observed = Object.keys(file)
    .map((key) => /^init_std_observed_(\d+)x(\d+)/.exec(key))
    .find((found) => found !== null);
  if (!observed) return [];
  const [key, classes, width] = [observed.input, Number(observed[1]), Number(observed[2])];
  const initial = proxyAnchorInitial(classes);
  const drawn = initialize(initial, [classes, width], 0, 'classProxies');
  const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + value * value, 0) / drawn.length);
  const checks = [
    compare(key, [deviation], [number(file, key)], { engine: 'plain float64', tolerance: 0.03 }),
  ];
  const theory = Object.keys(file).find((name) => name.startsWith('init_std_theory'));
  if (theory && initial.kind === 'normal')
    checks.push(compare(theory, [initial.std], [number(file, theory)], { engine: 'plain float64' }));
  return checks;
}
