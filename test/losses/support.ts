/** Random problems for the tests of the metric-learning losses. */
import fc from 'fast-check';
import { gradients, input, type Tensor } from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { evaluate, floats } from '../support/evaluate.js';

/** Rows of standard normal numbers, a function of the seed and the purpose. */
export function normalRows(rows: number, columns: number, seed: number, purpose: string): number[][] {
  const random = randomStream(seed, 'losses test', purpose);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
}

/** Rows inside the ball, well away from its boundary, or on the unit sphere at c = 0. */
export function points(rows: number, columns: number, seed: number, c: number): number[][] {
  return normalRows(rows, columns, seed, 'points').map((row) => {
    const length = Math.hypot(...row);
    const to = c > 0 ? (0.8 / Math.sqrt(c)) * Math.tanh(length / 2) : 1;
    return row.map((value) => (value / length) * to);
  });
}

/** A class for each of `count` samples. */
export function classesOf(count: number, classes: number, seed: number): number[] {
  const random = randomStream(seed, 'losses test', 'labels');
  return Array.from({ length: count }, () => random.integer(classes));
}

/** Sizes of a batch with class proxies. */
export const sizes = fc.record({
  b: fc.integer({ min: 2, max: 8 }),
  c: fc.integer({ min: 2, max: 5 }),
  d: fc.integer({ min: 2, max: 5 }),
  seed: fc.nat(9999),
});

/** Value and gradients of a loss of matrices. */
export async function lossOf(
  dtype: 'float32' | 'float64',
  build: (inputs: readonly Tensor[]) => Tensor,
  ...values: readonly (readonly (readonly number[])[])[]
) {
  const inputs = values.map((rows, i) => input(`x${i}`, [rows.length, rows[0].length], dtype));
  const loss = build(inputs);
  const outputs: Record<string, Tensor> = { loss };
  for (const [i, grad] of gradients(loss, inputs).entries()) outputs[`grad${i}`] = grad;
  const feeds = Object.fromEntries(values.map((rows, i) => [`x${i}`, floats(dtype, rows.flat())]));
  const result = await evaluate(outputs, feeds);
  return {
    loss: Number(result.loss[0]),
    gradients: inputs.map((_, i) => Array.from(result[`grad${i}`], Number)),
  };
}
