import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { constant, GraphError, input } from '../../src/graph/index.js';
import { softTriple, softTripleInitial } from '../../src/losses/softTriple.js';
import { initialize } from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';
import { checkGradient } from '../support/gradientCheck.js';
import { runs } from '../support/shapes.js';
import { plainSoftTriple } from './plainLosses.js';
import { classesOf, lossOf, normalRows, sizes } from './support.js';

describe('SoftTriple', () => {
  it('is the formula, with any number of centres, with the regularizer and without', async () => {
    const problem = fc.tuple(sizes, fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0.2));
    await fc.assert(
      fc.asyncProperty(problem, async ([{ b, c, d, seed }, k, pull]) => {
        const [x, centres] = [normalRows(b, d, seed, 'x'), normalRows(c * k, d, seed, 'centres')];
        const labels = classesOf(b, c, seed);
        const settings = { scale: 8, temperature: 0.3, margin: 0.05, pull };
        const { loss } = await lossOf(
          'float64',
          ([x, w]) => softTriple(x, constant(labels, [b], 'int32'), w, { centres: k, ...settings }),
          x,
          centres,
        );
        const byClass = Array.from({ length: c }, (_, i) => centres.slice(i * k, (i + 1) * k));
        assertAllclose([loss], [plainSoftTriple(x, labels, byClass, settings)], { rtol: 1e-12 });
      }),
      runs(20),
    );
  });

  it('has the gradient of central differences', async () => {
    const labels = constant([0, 2, 2, 1], [4], 'int32');
    for (const pull of [0, 0.7])
      await checkGradient(
        ([x, w]) => softTriple(x, labels, w, { centres: 3, scale: 4, temperature: 0.5, pull }),
        [
          [4, 4],
          [9, 4],
        ],
        { seed: 5 },
      );
  });

  it('stays finite where two centres of a class are equal, in float32', async () => {
    const centres = [
      [1, 0.3],
      [1, 0.3],
      [0, 2],
      [0, 1],
    ];
    const labels = constant([0, 1], [2], 'int32');
    const { loss, gradients } = await lossOf(
      'float32',
      ([x, w]) => softTriple(x, labels, w, { centres: 2 }),
      [
        [3, 0],
        [0, 1],
      ],
      centres,
    );
    assert.ok(Number.isFinite(loss));
    for (const grad of gradients) assert.ok(grad.every(Number.isFinite));
  });

  it('wants a whole number of centres a class', () => {
    const [x, w] = [input('x', [2, 3]), input('w', [7, 3])];
    assert.throws(
      () => softTriple(x, input('labels', [2], 'int32'), w, { centres: 2 }),
      (error: Error) => error instanceof GraphError && /7 centres .* multiple of 2/.test(error.message),
    );
  });

  it('starts its centres uniformly within 1/√(C·K)', () => {
    const values = initialize(softTripleInitial(20, 5), [100, 40], 1, 'class_proxies');
    assert.ok(values.every((value) => Math.abs(value) <= 0.1));
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    assertAllclose([deviation], [0.1 / Math.sqrt(3)], { rtol: 0.03 });
  });
});
