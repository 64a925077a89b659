/** Shared by the geometry tests: random points of the ball, running graphs, central differences. */
import assert from 'node:assert/strict';
import { compile, gradients, input, mul, sum, type Tensor } from '../../src/graph/index.js';
import { type RandomStream, randomStream } from '../../src/random.js';

/** Curvatures that every property is tried at: the flat limit, nearly flat, the method's, strongly curved. */
export const CURVATURES = [0, 1e-12, 1e-6, 1e-3, 0.1, 1, 4];

/** Seeds that every property is tried with. */
export const SEEDS = [1, 2, 3];

/** A random direction of length `length`. */
export function direction(random: RandomStream, d: number, length: number): number[] {
  const v = Array.from({ length: d }, () => random.normal());
  const n = Math.hypot(...v);
  return v.map((value) => (value / n) * length);
}

/** `n` points at up to `reach` of the ball's radius, or of length up to 3 where the ball is wider than that. */
export function points(seed: number, c: number, n: number, d = 4, reach = 0.9): number[][] {
  const random = randomStream(seed, 'geometry test', n);
  const radius = Math.min(3, c > 0 ? reach / Math.sqrt(c) : 3);
  return Array.from({ length: n }, () => direction(random, d, radius * (0.05 + 0.95 * random.uniform())));
}

/** Asserts |a - b| <= tolerance · max(1, |b|), element by element. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++)
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])),
      `${what}[${i}]: ${actual[i]} is not ${expected[i]} within ${tolerance}`,
    );
}

/** Builds a graph on inputs of these rows and computes its outputs, as plain numbers. */
export async function evaluate(
  rows: readonly (readonly number[])[][],
  build: (tensors: Tensor[]) => Record<string, Tensor>,
  dtype: 'float64' | 'float32' = 'float64',
): Promise<Record<string, number[]>> {
  const feeds = rows.map((matrix) =>
    dtype === 'float64' ? Float64Array.from(matrix.flat()) : Float32Array.from(matrix.flat()),
  );
  const inputs = rows.map((matrix, i) => input(`x${i}`, [matrix.length, matrix[0].length], dtype));
  const session = await compile({ outputs: build(inputs) }, { threads: 1 });
  const used = Object.keys(session.inputs).map((name) => [name, feeds[Number(name.slice(1))]]);
  const results = await session.run(Object.fromEntries(used));
  await session.close();
  return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, Array.from(data, Number)]));
}

/**
 * Holds the gradients of Σ weights · build(inputs), weights fixed and uneven, against central differences in
 * float64, for every input and element.
 */
export async function assertGradients(
  rows: readonly number[][][],
  build: (tensors: Tensor[]) => Tensor,
  { step = 1e-6, tolerance = 1e-7 } = {},
): Promise<void> {
  const inputs = rows.map((matrix, i) => input(`x${i}`, [matrix.length, matrix[0].length], 'float64'));
  const value = build(inputs);
  const weights = input('weights', value.shape, 'float64');
  const loss = sum(mul(value, weights));
  const grads = gradients(loss, inputs);
  const outputs = { loss, ...Object.fromEntries(grads.map((grad, i) => [`g${i}`, grad])) };
  const session = await compile({ outputs }, { threads: 1 });
  const feeds: Record<string, Float64Array> = Object.fromEntries(
    rows.map((matrix, i) => [`x${i}`, Float64Array.from(matrix.flat())]),
  );
  const count = value.shape.reduce((product, n) => product * n, 1);
  feeds.weights = Float64Array.from({ length: count }, (_, i) => 0.3 + Math.sin(1 + 2 * i));
  const given = await session.run(feeds);
  for (let k = 0; k < rows.length; k++) {
    const x = feeds[`x${k}`];
    for (let i = 0; i < x.length; i++) {
      const at = x[i];
      x[i] = at + step;
      const above = Number((await session.run(feeds)).loss[0]);
      x[i] = at - step;
      const below = Number((await session.run(feeds)).loss[0]);
      x[i] = at;
      const expected = (above - below) / (2 * step);
      assertClose([Number(given[`g${k}`][i])], [expected], tolerance, `input ${k}, element ${i}`);
    }
  }
  await session.close();
}
