/**
 * Golden format "pairLosses" (04): Multi-Similarity on cosines, on hyperbolic distances and on inner products;
 * pairwise cross-entropy (SupCon) in the forms of HIER's repository and of hyp_metric, with every ordered pair of
 * slots; Proxy-NCA. Values and gradients are recomputed by the losses of src/losses.
 */
import { gradients, type Tensor } from '../../src/graph/index.js';
import { hyperbolicMultiSimilarity, multiSimilarity } from '../../src/losses/multiSimilarity.js';
import { proxyNca } from '../../src/losses/proxyNca.js';
import { supCon } from '../../src/losses/supCon.js';
import { type CaseReport, type Check, compare, type Engine } from './compare.js';
import { type Feeds, GRAPH_ENGINES, newFeeds, precisionOf } from './feeds.js';
import {
  firstCase,
  flat,
  GoldenError,
  has,
  isObject,
  type Json,
  matrix,
  number,
  object,
  objects,
  precision,
  rowLength,
  text,
  vector,
} from './fields.js';

/** A loss of a case, and what it is differentiated by. */
interface Problem {
  readonly loss: Tensor;
  readonly x: Tensor;
  readonly proxies?: Tensor;
}

const pairs = (item: Json, feeds: Feeds) => ({
  x: feeds.matrix(matrix(item, 'X')),
  labels: feeds.indices(vector(item, 'T')),
});

/** How each named loss of the official code is computed here. */
const LOSSES: Readonly<Record<string, (item: Json, feeds: Feeds) => Problem>> = {
  MSLoss_hyperbolic: hyperbolic,
  MSLoss_c0: hyperbolic,
  MSLoss_Angle: (item, feeds) => {
    const { x, labels } = pairs(item, feeds);
    return { x, loss: multiSimilarity(x, labels) };
  },
  PNCALoss_Angle: (item, feeds) => {
    const { x, labels } = pairs(item, feeds);
    const proxies = feeds.matrix(matrix(item, 'proxies'));
    const options = { alpha: number(item, 'alpha', 32), margin: number(item, 'mrg', 0.1) };
    return { x, proxies, loss: proxyNca(x, labels, proxies, options) };
  },
  SupCon: (item, feeds) => grouped(item, feeds, groupsOf(item)),
};

function hyperbolic(item: Json, feeds: Feeds): Problem {
  const { x, labels } = pairs(item, feeds);
  return { x, loss: hyperbolicMultiSimilarity(x, labels, number(item, 'c')) };
}

const GROUPED = 'X_grouped_class_major';
const PAIRS = 'ordered_pair_losses';

/** Whether a file holds cases of these losses. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => typeof item.name === 'string' && item.name in LOSSES && !has(item, 'K'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const name = text(item, 'name');
    const problem = LOSSES[name];
    if (!problem)
      throw new GoldenError(`field "name" is "${name}"; known: ${Object.keys(LOSSES).join(', ')}`);
    const checks: Check[] = [];
    for (const engine of GRAPH_ENGINES) {
      checks.push(...(await checkLoss(item, problem, engine)));
      if (has(item, PAIRS)) checks.push(...(await checkPairs(item, engine)));
    }
    const space = has(item, 'c') ? `, c = ${number(item, 'c')}` : '';
    const slots = has(item, GROUPED) ? `, ${number(item, 'IPC')} a class` : '';
    reports.push({ name: `${name}${space}${slots}, official ${precision(item)}`, checks });
  }
  return reports;
}

async function checkLoss(
  item: Json,
  build: (item: Json, feeds: Feeds) => Problem,
  engine: Engine,
): Promise<Check[]> {
  const feeds = newFeeds(precisionOf(engine));
  const { loss, x, proxies } = build(item, feeds);
  const [gradX, gradProxies] = gradients(loss, proxies ? [x, proxies] : [x]);
  const outputs: Record<string, Tensor> = { loss, grad_X: gradX };
  if (gradProxies) outputs.grad_proxies = gradProxies;
  const ours = await feeds.run(outputs);
  const slots = has(item, GROUPED) ? number(item, 'IPC') : 1;
  const official: Record<string, readonly [key: string, factor: number][]> = {
    loss: [
      ['loss', 1],
      ['loss_HIER_repo_(sum/IPC^2)', 1],
      ['loss_hyp_metric_repo_(sum)', slots ** 2],
    ],
    grad_X: [['grad_X', 1]],
    grad_proxies: [['grad_proxies', 1]],
  };
  return Object.entries(ours).flatMap(([name, values]) =>
    official[name]
      .filter(([key]) => has(item, key))
      .map(([key, factor]) =>
        compare(
          key,
          values.map((value) => value * factor),
          flat(item, key),
          {
            engine,
            precision: precision(item),
            kind: name === 'loss' ? 'value' : 'gradient',
            width: rowLength(item, key),
          },
        ),
      ),
  );
}

/** Every ordered pair of slots alone: twice the two-slot batch's loss times four is the pair and its reverse. */
async function checkPairs(item: Json, engine: Engine): Promise<Check[]> {
  const checks: Check[] = [];
  const losses = object(item, PAIRS);
  const groups = groupsOf(item);
  for (const key of Object.keys(losses)) {
    const [a, b] = key.split(',').map(Number);
    if (a > b) continue;
    const feeds = newFeeds(precisionOf(engine));
    const two = groups.map((rows) => [rows[a], rows[b]]);
    const { loss } = await feeds.run({ loss: grouped(item, feeds, two).loss });
    const official = number(losses, key) + number(losses, `${b},${a}`);
    checks.push(
      compare(`pair ${a},${b} and ${b},${a}`, [loss[0] * 4], [official], {
        engine,
        precision: precision(item),
      }),
    );
  }
  return checks;
}

function groupsOf(item: Json): number[][][] {
  const groups = item[GROUPED];
  if (!Array.isArray(groups))
    throw new GoldenError(`field "${GROUPED}" is missing; expected classes of rows`);
  const rows = groups.map((group, i) => matrix({ [`${GROUPED}[${i}]`]: group }, `${GROUPED}[${i}]`));
  if (rows.length === 0 || rows.some((group) => group.length !== rows[0].length) || isObject(groups[0]))
    throw new GoldenError(`field "${GROUPED}" has classes of different sizes`);
  return rows;
}

/** The loss of classes of samples. */
function grouped(item: Json, feeds: Feeds, groups: number[][][]): Problem {
  const imagesPerClass = groups[0].length;
  const x = feeds.matrix(groups.flat());
  const labels = feeds.indices(groups.flatMap((group, i) => group.map(() => i)));
  const options = { curvature: number(item, 'c'), temperature: number(item, 'tau'), imagesPerClass };
  return { x, loss: supCon(x, labels, options) };
}
