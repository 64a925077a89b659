import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HierError } from '../../src/errors.js';
import { cholesky, choleskyFactor } from '../../src/whitening/cholesky.js';
import { product } from '../../src/whitening/products.js';
import { assertAllclose } from '../support/allclose.js';

describe('the Cholesky factor', () => {
  it('times its transpose is the matrix, and times its inverse the identity, small and halved', async () => {
    for (const n of [1, 5, 261]) {
      const values = Float64Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        return Math.exp(-Math.abs(i - j) / 9) + (i === j ? 0.5 : 0);
      });
      const { factor, inverse } = await cholesky({ values, rows: n, columns: n });
      assertAllclose((await product(factor, factor, { transB: true })).values, values, { atol: 1e-12 });
      assert.deepEqual(await choleskyFactor({ values, rows: n, columns: n }), factor);
      const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
      assertAllclose((await product(inverse, factor)).values, identity, { atol: 1e-12 });
    }
  });

  it('is refused where there is none', async () => {
    const values = Float64Array.from([1, 2, 2, 1]);
    await assert.rejects(cholesky({ values, rows: 2, columns: 2 }), HierError);
  });
});
