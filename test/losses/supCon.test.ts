import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { constant, GraphError, input } from '../../src/graph/index.js';
import { supCon } from '../../src/losses/supCon.js';
import { assertAllclose } from '../support/allclose.js';
import { checkGradient } from '../support/gradientCheck.js';
import { runs } from '../support/shapes.js';
import { plainSupCon } from './plainLosses.js';
import { lossOf, points } from './support.js';

const repeat = (labels: readonly number[], slots: number) => {
  const each = labels.flatMap((label) => new Array<number>(slots).fill(label));
  return constant(each, [each.length], 'int32');
};

describe('pairwise cross-entropy', () => {
  it('is the formula, also where a class has two groups in a batch', async () => {
    const problem = fc.record({
      labels: fc.array(fc.nat(4), { minLength: 2, maxLength: 4 }),
      slots: fc.integer({ min: 2, max: 4 }),
      c: fc.constantFrom(0, 0.1, 1),
      seed: fc.nat(9999),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ labels, slots, c, seed }) => {
        const x = points(labels.length * slots, 3, seed, c);
        const { loss } = await lossOf(
          'float64',
          ([x]) =>
            supCon(x, repeat(labels, slots), { curvature: c, imagesPerClass: slots, temperature: 0.3 }),
          x,
        );
        const groups = labels.map((_, i) => x.slice(i * slots, (i + 1) * slots));
        const expected = plainSupCon(groups, { c, temperature: 0.3, labels });
        assertAllclose([loss], [expected], { rtol: 1e-9, atol: 1e-12 });
      }),
      runs(20),
    );
  });

  it('has the gradient of central differences', async () => {
    for (const curvature of [0.1, 0])
      await checkGradient(
        ([x]) => supCon(x, repeat([0, 1, 2], 2), { curvature, imagesPerClass: 2, temperature: 0.5 }),
        [[6, 4]],
        { seed: 3, label: `curvature ${curvature}` },
      );
  });

  it('stays finite in float32 where samples of a class are equal', async () => {
    const x = [...points(2, 3, 1, 0.1), ...points(2, 3, 2, 0.1)];
    x[1] = x[0];
    const { loss, gradients } = await lossOf(
      'float32',
      ([x]) => supCon(x, repeat([0, 1], 2), { curvature: 0.1, imagesPerClass: 2 }),
      x,
    );
    assert.ok(Number.isFinite(loss));
    assert.ok(gradients[0].every(Number.isFinite));
  });

  it('wants whole groups', () => {
    assert.throws(
      () => supCon(input('x', [5, 3]), input('y', [5], 'int32'), { curvature: 0.1, imagesPerClass: 2 }),
      (error: Error) => error instanceof GraphError && /5 samples .* multiple of 2/.test(error.message),
    );
  });
});
