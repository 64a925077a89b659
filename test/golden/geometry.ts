/**
 * Golden format "geometry" (01): the official functions of the Poincaré ball on saved points, recomputed by
 * src/geometry on plain numbers and on graphs. Any curvature, sizes and clip radii; absent fields are left out.
 */
import * as plain from '../../src/geometry/numbers.js';
import * as graph from '../../src/geometry/tensors.js';
import { gradients, mul, sum, type Tensor } from '../../src/graph/index.js';
import { clipTies, tieNote } from './clipTies.js';
import {
  type CaseReport,
  type Check,
  type CompareOptions,
  compare,
  type Engine,
  type Kind,
} from './compare.js';
import { type Feeds, GRAPH_ENGINES, newFeeds, precisionOf } from './feeds.js';
import {
  firstCase,
  flat,
  has,
  type Json,
  matrix,
  number,
  object,
  objects,
  precision,
  rowLength,
  vector,
} from './fields.js';

/** Whether a file holds cases of ball geometry. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'c', 'U') || has(item, 'c', 'X', 'Y'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const item of objects(file, 'cases')) {
    const checks = checkAll(item, 'plain float64', valuesOf(item, PLAIN));
    for (const engine of GRAPH_ENGINES) {
      const feeds = newFeeds(precisionOf(engine));
      const kit: Kit<Tensor> = { ...graph, rows: feeds.matrix };
      const outputs = { ...valuesOf(item, kit), ...gradientsOf(item, feeds) };
      checks.push(...checkAll(item, engine, await feeds.run(outputs)));
    }
    reports.push({ name: `c = ${number(item, 'c')}, official ${precision(item)}`, checks });
  }
  return reports;
}

/** Row-wise geometry over one representation of rows: lists of rows, or a tensor. */
interface Kit<R> {
  rows(values: number[][]): R;
  toBall(v: R, options: plain.BallOptions): R;
  expmap0(v: R, c: number): R;
  logmap0(y: R, c: number): R;
  project(x: R, c: number): R;
  conformalFactor(x: R, c: number): R;
  mobiusAdd(x: R, y: R, c: number): R;
  mobiusMatvec(m: R, x: R, c: number): R;
  distance(x: R, y: R, c: number): R;
  distance0(x: R, c: number): R;
  distanceMatrix(x: R, y: R, options: plain.DistanceMatrixOptions): R;
  expmap(x: R, u: R, c: number): R;
  logmap(x: R, y: R, c: number): R;
  poincareToKlein(x: R, c: number): R;
  kleinToPoincare(k: R, c: number): R;
  poincareMean(x: R, c: number): R;
  scaledTanh(x: R, c: number): R;
  scaledArtanh(x: R, c: number): R;
}

/** The plain functions, applied to each row of a list. */
type Rows = ArrayLike<number>[];
const PLAIN: Kit<Rows> = {
  rows: (values) => values,
  toBall: (v, options) => v.map((row) => plain.toBall(row, options)),
  expmap0: (v, c) => v.map((row) => plain.expmap0(row, c)),
  logmap0: (y, c) => y.map((row) => plain.logmap0(row, c)),
  project: (x, c) => x.map((row) => plain.project(row, c)),
  conformalFactor: (x, c) => x.map((row) => [plain.conformalFactor(row, c)]),
  mobiusAdd: (x, y, c) => x.map((row, i) => plain.mobiusAdd(row, y[i], c)),
  mobiusMatvec: (m, x, c) => x.map((row) => plain.mobiusMatvec(m, row, c)),
  distance: (x, y, c) => x.map((row, i) => [plain.distance(row, y[i], c)]),
  distance0: (x, c) => x.map((row) => [plain.distance0(row, c)]),
  distanceMatrix: plain.distanceMatrix,
  expmap: (x, u, c) => x.map((row, i) => plain.expmap(row, u[i], c)),
  logmap: (x, y, c) => x.map((row, i) => plain.logmap(row, y[i], c)),
  poincareToKlein: (x, c) => x.map((row) => plain.poincareToKlein(row, c)),
  kleinToPoincare: (k, c) => k.map((row) => plain.kleinToPoincare(row, c)),
  poincareMean: (x, c) => [plain.poincareMean(x, c)],
  scaledTanh: (x, c) => x.map((row) => [plain.scaledTanh(row[0], c)]),
  scaledArtanh: (x, c) => x.map((row) => [plain.scaledArtanh(row[0], c)]),
};

/** Our values of every quantity that the case holds, under the names of the file. */
function valuesOf<R>(item: Json, kit: Kit<R>): Record<string, R> {
  const c = number(item, 'c');
  const values: Record<string, R> = {};
  const rows = (key: string) => kit.rows(matrix(item, key));
  const set = (key: string, needs: string[], make: () => R) => {
    if (has(item, key, ...needs)) values[key] = make();
  };
  for (const [key, options] of ballMaps(item)) values[`${key} out`] = kit.toBall(rows('U'), options);
  set('expmap0', ['U'], () => kit.expmap0(rows('U'), c));
  set('logmap0_X', ['X'], () => kit.logmap0(rows('X'), c));
  set('dist_matrix_XY', ['X', 'Y'], () => kit.distanceMatrix(rows('X'), rows('Y'), { c }));
  set('dist_matrix_XX', ['X'], () => {
    const x = rows('X');
    return kit.distanceMatrix(x, x, { c });
  });
  set('dist0_X', ['X'], () => kit.distance0(rows('X'), c));
  set('lambda_x_X', ['X'], () => kit.conformalFactor(rows('X'), c));
  set('expmap_Y_V', ['Y', 'V'], () => kit.expmap(rows('Y'), rows('V'), c));
  set('logmap_Y_expmapYV', ['Y', 'expmap_Y_V'], () => kit.logmap(rows('Y'), rows('expmap_Y_V'), c));
  set('project_out', ['project_in'], () => kit.project(rows('project_in'), c));
  set('p2k_Y', ['Y'], () => kit.poincareToKlein(rows('Y'), c));
  set('k2p_p2k_Y', ['p2k_Y'], () => kit.kleinToPoincare(rows('p2k_Y'), c));
  set('poincare_mean_Y', ['Y'], () => kit.poincareMean(rows('Y'), c));
  set('mobius_matvec_M_Y', ['M', 'Y'], () => kit.mobiusMatvec(rows('M'), rows('Y'), c));
  set('mobius_addition_batch_XY', ['X', 'Y'], () => {
    const [x, y] = [matrix(item, 'X'), matrix(item, 'Y')];
    const [left, right] = [x.flatMap((row) => y.map(() => row)), x.flatMap(() => y)];
    return kit.mobiusAdd(kit.rows(left), kit.rows(right), c);
  });
  for (const key of Object.keys(item)) {
    // X7: the first seven points of X, row by row with those of Y.
    const count = /^(?:mobius_add|dist)_X(\d+)_Y$/.exec(key)?.[1];
    if (!count || !has(item, 'X', 'Y')) continue;
    const [x, y] = ['X', 'Y'].map((side) => kit.rows(matrix(item, side).slice(0, Number(count))));
    values[key] = key.startsWith('dist') ? kit.distance(x, y, c) : kit.mobiusAdd(x, y, c);
  }
  for (const [key, apply] of [
    ['artanh', kit.scaledArtanh],
    ['tanh_clamped', kit.scaledTanh],
  ] as const)
    if (has(item, key)) values[`${key} y`] = apply(kit.rows(column(vector(object(item, key), 'x'))), 1);
  return values;
}

/** Our gradients of what the case has gradients of. */
function gradientsOf(item: Json, feeds: Feeds): Record<string, Tensor> {
  const c = number(item, 'c');
  const values: Record<string, Tensor> = {};
  for (const [key, options] of ballMaps(item)) {
    if (!has(item, 'G')) continue;
    const u = feeds.matrix(matrix(item, 'U'));
    const loss = sum(mul(graph.toBall(u, options), feeds.matrix(matrix(item, 'G'))));
    [values[`${key} grad_U`]] = gradients(loss, [u]);
  }
  if (has(item, 'dist_matrix_grad', 'X', 'Y')) {
    const saved = object(item, 'dist_matrix_grad');
    const [key, first] = firstRow(saved);
    const end = first + matrix(saved, key).length;
    const x = feeds.matrix(matrix(item, 'X').slice(first, end));
    const y = feeds.matrix(matrix(item, 'Y'));
    const weights = feeds.matrix(matrix(saved, 'W').slice(first, end));
    const loss = sum(mul(graph.distanceMatrix(x, y, { c }), weights));
    [values[`dist_matrix_grad ${key}`], values['dist_matrix_grad grad_Y']] = gradients(loss, [x, y]);
  }
  if (has(item, 'artanh')) {
    const x = feeds.matrix(column(vector(object(item, 'artanh'), 'x')));
    [values['artanh grad']] = gradients(sum(graph.scaledArtanh(x, 1)), [x]);
  }
  return values;
}

/** The official values that belong to our name of a quantity. */
function officialOf(item: Json, quantity: string): number[] {
  const [key, part] = quantity.split(' ');
  if (!part) {
    const values = flat(item, key);
    if (key !== 'dist_matrix_XX') return values;
    // The official distance of a point to itself is rounding noise; it is 0.
    const n = matrix(item, 'X').length;
    return values.map((value, i) => (i % (n + 1) === 0 ? 0 : value));
  }
  return flat(object(item, key), part === 'grad_U' ? 'grad_U_for_upstream_G' : part);
}

function checkAll(item: Json, engine: Engine, ours: Record<string, Rows | number[]>): Check[] {
  return Object.entries(ours).map(([quantity, values]) => {
    const numbers = values.flatMap((row) => (typeof row === 'number' ? row : Array.from(row)));
    return compare(quantity, numbers, officialOf(item, quantity), {
      engine,
      precision: precision(item),
      kind: kindOf(item, quantity),
      width: widthOf(item, quantity),
      ...tiesOf(item, quantity, engine),
      ...floorOf(item, quantity, engine),
    });
  });
}

/** Values in one vector of a quantity: points and gradients are vectors, distances and factors scalars. */
function widthOf(item: Json, quantity: string): number {
  const [key, part] = quantity.split(' ');
  if (part ? /^(y|grad)$/.test(part) : /^(dist|lambda)/.test(key)) return 1;
  return rowLength(
    part ? object(item, key) : item,
    part === 'grad_U' ? 'grad_U_for_upstream_G' : (part ?? key),
  );
}

/** Rows on the clip radius of a map: their gradients may go either way. */
function tiesOf(item: Json, quantity: string, engine: Engine): Pick<CompareOptions, 'leftOut'> {
  const [key, part] = quantity.split(' ');
  const radius = ballMaps(item).find(([name]) => name === key)?.[1].clipRadius ?? null;
  if (part !== 'grad_U' || radius === null) return {};
  const rows = matrix(item, 'U');
  const ties = clipTies(rows, radius, { engine, official: precision(item) });
  return { leftOut: { rows: ties, why: tieNote(ties, rows.length, radius) } };
}

/**
 * In float32 the official artanh, a difference of logarithms, has noise of 6e-8 whatever its argument, so
 * distances and log maps have noise of about 2e-7/√c: nothing below 2e-3/√c is right to 1e-4.
 */
function floorOf(item: Json, quantity: string, engine: Engine): { floor?: number } {
  const double = precision(item) === 'float64' && engine !== 'graph float32';
  const c = number(item, 'c');
  if (double || c === 0 || !/^(dist(?!_matrix_grad)|logmap)/.test(quantity)) return {};
  return { floor: 2e-3 / Math.sqrt(c) };
}

/** Distances near the boundary, and artanh at its clamp, are ill-conditioned. */
function kindOf(item: Json, quantity: string): Kind {
  if (quantity.startsWith('logmap_') && nearBoundary(item, 'Y', 'expmap_Y_V')) return 'clamp';
  if (quantity.startsWith('artanh')) return 'boundary';
  if (quantity.startsWith('dist') && nearBoundary(item, 'X', 'Y')) return 'boundary';
  return /grad/.test(quantity) ? 'gradient' : 'value';
}

/** Whether a point of these fields lies beyond 95 % of the ball's radius. */
function nearBoundary(item: Json, ...keys: string[]): boolean {
  const points = keys.flatMap((key) => (has(item, key) ? matrix(item, key) : []));
  const root = Math.sqrt(number(item, 'c'));
  return points.some((row) => root * Math.hypot(...row) > 0.95);
}

/** The saved maps to the ball, named ToPoincare_clip{r}_riem{0|1}, with their settings. */
function ballMaps(item: Json): [string, plain.BallOptions][] {
  return Object.keys(item).flatMap((key) => {
    const found = /^ToPoincare_clip(None|[\d.]+)_riem([01])$/.exec(key);
    if (!found) return [];
    const clipRadius = found[1] === 'None' ? null : Number(found[1]);
    return [[key, { c: number(item, 'c'), clipRadius, riemannianGradient: found[2] === '1' }]];
  });
}

/** The field grad_X{first row} of the saved distance gradient. */
function firstRow(saved: Json): [string, number] {
  const key = Object.keys(saved).find((name) => /^grad_X\d*$/.test(name)) ?? 'grad_X';
  return [key, Number(key.slice(6))];
}

const column = (values: number[]) => values.map((value) => [value]);
