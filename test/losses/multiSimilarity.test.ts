import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { constant } from '../../src/graph/index.js';
import { hyperbolicMultiSimilarity, multiSimilarity } from '../../src/losses/multiSimilarity.js';
import { assertAllclose } from '../support/allclose.js';
import { checkGradient } from '../support/gradientCheck.js';
import { runs } from '../support/shapes.js';
import { offDiagonalMean, plainMatrix, plainMultiSimilarity } from './plainLosses.js';
import { classesOf, lossOf, normalRows, points, sizes } from './support.js';

const int32 = (labels: readonly number[]) => constant(labels, [labels.length], 'int32');

describe('Multi-Similarity', () => {
  it('is the formula on cosines', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ b, c, d, seed }) => {
        const [x, labels] = [normalRows(b, d, seed, 'x'), classesOf(b, c, seed)];
        const settings = { alpha: 3, beta: 12, base: 0.3 };
        const { loss } = await lossOf('float64', ([x]) => multiSimilarity(x, int32(labels), settings), x);
        assertAllclose([loss], [plainMultiSimilarity(plainMatrix(x), labels, settings)], {
          rtol: 1e-12,
          atol: 1e-13,
        });
      }),
      runs(20),
    );
  });

  it('is the formula on distances and on inner products', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.constantFrom(0, 0.1, 1), async ({ b, c, d, seed }, curvature) => {
        const [x, labels] = [points(b, d, seed, curvature), classesOf(b, c, seed)];
        const { loss } = await lossOf(
          'float64',
          ([x]) => hyperbolicMultiSimilarity(x, int32(labels), curvature),
          x,
        );
        const matrix = plainMatrix(x, curvature);
        const settings = { alpha: 1, beta: 5, base: offDiagonalMean(matrix) };
        assertAllclose([loss], [plainMultiSimilarity(matrix, labels, settings)], { rtol: 1e-9 });
      }),
      runs(20),
    );
  });

  it('has the gradient of central differences, through the mean similarity too', async () => {
    const labels = int32([0, 1, 1, 0, 2]);
    await checkGradient(([x]) => multiSimilarity(x, labels, { beta: 8 }), [[5, 4]], { seed: 3 });
    for (const curvature of [0.1, 0])
      await checkGradient(([x]) => hyperbolicMultiSimilarity(x, labels, curvature), [[5, 4]], {
        seed: 3,
        label: `curvature ${curvature}`,
      });
  });

  it('is 0 within one class of one sample twice, up to what it cannot pull closer', async () => {
    const one = [
      [1, 0],
      [1, 0],
    ];
    const { loss, gradients } = await lossOf('float32', ([x]) => multiSimilarity(x, int32([0, 0])), one);
    assertAllclose([loss], [Math.log1p(Math.exp(-1)) / 2], { rtol: 1e-6 });
    assert.ok(gradients[0].every((g) => Math.abs(g) < 1e-6));
  });
});
