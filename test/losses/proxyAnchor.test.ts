import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { constant, gradients, input } from '../../src/graph/index.js';
import { proxyAnchor, proxyAnchorInitial } from '../../src/losses/proxyAnchor.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, floats, numbers } from '../support/evaluate.js';
import { checkGradient } from '../support/gradientCheck.js';
import { runs } from '../support/shapes.js';
import { plainProxyAnchor } from './oracle.js';

const matrix = (rows: number, columns: number, draw: () => number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, draw));

/** Loss and gradients of a problem in one precision. */
async function run(
  dtype: 'float32' | 'float64',
  x: number[][],
  labels: number[],
  proxies: number[][],
  options: { alpha?: number; margin?: number } = {},
) {
  const [b, d, c] = [x.length, x[0].length, proxies.length];
  const inputs = [input('x', [b, d], dtype), input('proxies', [c, d], dtype)];
  const loss = proxyAnchor(inputs[0], constant(labels, [b], 'int32'), inputs[1], options);
  const [gradX, gradProxies] = gradients(loss, inputs);
  return evaluate(
    { loss, gradX, gradProxies },
    { x: floats(dtype, x.flat()), proxies: floats(dtype, proxies.flat()) },
  );
}

describe('Proxy Anchor', () => {
  it('is the formula, also with classes that the batch lacks', async () => {
    const problem = fc.record({
      b: fc.integer({ min: 1, max: 8 }),
      c: fc.integer({ min: 1, max: 6 }),
      seed: fc.nat(9999),
      alpha: fc.constantFrom(1, 32),
      margin: fc.constantFrom(0, 0.1),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ b, c, seed, alpha, margin }) => {
        const random = randomStream(seed, 'proxy anchor test');
        const [x, proxies] = [matrix(b, 3, random.normal), matrix(c, 3, random.normal)];
        const labels = Array.from({ length: b }, () => random.integer(c));
        const { loss } = await run('float64', x, labels, proxies, { alpha, margin });
        const expected = plainProxyAnchor(x, labels, proxies, alpha, margin);
        // ln(1 + e) of a tiny e is exact to the rounding of 1, not to its own.
        assertAllclose(loss, [expected], { rtol: 1e-12, atol: 1e-13 });
      }),
      runs(20),
    );
  });

  it('has the gradient of central differences', async () => {
    const labels = constant([0, 2, 2, 0, 3], [5], 'int32');
    await checkGradient(
      ([x, proxies]) => proxyAnchor(x, labels, proxies, { alpha: 4 }),
      [
        [5, 4],
        [6, 4],
      ],
      { seed: 3 },
    );
  });

  it('stays exact in float32 at the ends of its range', async () => {
    // Cosines of 1 and −1, so that exponents reach ±α(1 + δ); also far beyond, where e to them overflows.
    const x = [
      [1, 0],
      [-1, 0],
      [1, 0],
    ];
    const proxies = [
      [2, 0],
      [-3, 0],
    ];
    for (const alpha of [32, 400]) {
      const { loss, gradX, gradProxies } = await run('float32', x, [0, 0, 1], proxies, { alpha });
      // Large exponents e: ln(1 + Σ e^a) is their maximum plus the log of how often it occurs.
      const [near, far] = [alpha * (1 + 0.1), alpha * (1 + 0.1)];
      const exact = (near + near) / 2 + (far + far) / 2;
      assertAllclose(loss, [exact], { rtol: 2e-6 });
      for (const values of [gradX, gradProxies]) assert.ok(numbers(values).every(Number.isFinite));
    }
  });

  it('does not depend on the lengths of embeddings and proxies, and sends no gradient along them', async () => {
    const random = randomStream(5, 'lengths');
    const [x, proxies] = [matrix(4, 3, random.normal), matrix(3, 3, random.normal)];
    const labels = [0, 1, 1, 2];
    const once = await run('float64', x, labels, proxies);
    const other = await run(
      'float64',
      x.map((row, i) => row.map((value) => value * (i + 0.5))),
      labels,
      proxies.map((row) => row.map((value) => 7 * value)),
    );
    assertAllclose(other.loss, numbers(once.loss), { rtol: 1e-13 });
    x.forEach((row, i) => {
      const along = row.reduce((total, value, k) => total + value * Number(once.gradX[i * 3 + k]), 0);
      assert.ok(Math.abs(along) < 1e-12, `row ${i}: ${along}`);
    });
  });

  it('starts its proxies with the standard deviation of Kaiming with fan-out', () => {
    assert.deepEqual(proxyAnchorInitial(100), { kind: 'normal', std: Math.sqrt(0.02) });
  });
});
