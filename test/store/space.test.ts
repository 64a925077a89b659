/** The search column ranks as the metric does: against brute force, for every metric and size of space. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../src/errors.js';
import { numberAlgebra, toBall } from '../../src/geometry/numbers.js';
import { fitSpace, queryRow, type SearchSpace, writeRow } from '../../src/store/space.js';
import { bruteForce, clustered, rowOf } from './support.js';

const dim = 10;

/** Rows of the search column of all vectors. */
function columnOf(space: SearchSpace, vectors: Float32Array): Float32Array[] {
  return Array.from({ length: vectors.length / space.dim }, (_, i) => {
    const row = new Float32Array(space.width);
    writeRow(space, rowOf(vectors, space.dim, i), row, 0);
    return row;
  });
}

function squared(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}

/** Share of the ten nearest by the metric that the column has among its ten nearest. */
async function agreement(space: SearchSpace, vectors: Float32Array, queries: Float32Array): Promise<number> {
  const { metric, curvature: c } = space;
  const expected = await bruteForce(queries, vectors, { dim, k: 10, metric, c });
  const column = columnOf(space, vectors);
  let same = 0;
  expected.forEach(({ rows }, i) => {
    const query = queryRow(space, rowOf(queries, dim, i));
    const away = column.map((row) => squared(query, row));
    const order = [...away.keys()].sort((a, b) => away[a] - away[b]);
    same += order.slice(0, 10).filter((row) => rows.includes(row)).length;
  });
  return same / (10 * expected.length);
}

describe('the search column', () => {
  const cases = [
    { name: 'HIER’s ball', metric: 'hyperbolic', c: 0.1, radius: 1.7 },
    { name: 'a ball of curvature 1', metric: 'hyperbolic', c: 1, radius: 1 },
    { name: 'points near the origin', metric: 'hyperbolic', c: 0.1, radius: 0.003 },
    { name: 'the flat limit', metric: 'hyperbolic', c: 0, radius: 1.7 },
    { name: 'a flat space', metric: 'euclidean', c: 0, radius: 1.7 },
    { name: 'directions', metric: 'cosine', c: 0, radius: 1.7 },
  ] as const;
  for (const { name, metric, c, radius } of cases)
    it(`ranks ${name} as the metric does`, async () => {
      const vectors = clustered({ rows: 400, dim, c: c || 0.1, radius });
      const queries = clustered({ rows: 25, dim, c: c || 0.1, radius, seed: 2 });
      const space = fitSpace({ vectors, dim, metric, curvature: c });
      assert.equal(space.width % 8, 0);
      assert.ok((await agreement(space, vectors, queries)) >= 0.996);
    });

  it('differs from the Lorentz product by a constant of the query and a factor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        (seed, c) => {
          const vectors = clustered({ rows: 8, dim, c, radius: 0.9 / Math.sqrt(c), seed });
          const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: c });
          const column = columnOf(space, vectors);
          const x = rowOf(vectors, dim, 0);
          const query = queryRow(space, x);
          const weight = (y: Float32Array) => 1 / (1 - c * numberAlgebra.dot(y, y));
          // -cosh(√c d) = -1 - 2c‖x - y‖² w(x) w(y)
          const product = (y: Float32Array) => -1 - 2 * c * squared(x, y) * weight(x) * weight(y);
          const pairs = column.map((row, i) => [squared(query, row), product(rowOf(vectors, dim, i))]);
          pairs.sort((a, b) => a[1] - b[1]);
          const [first, last] = [pairs[0], pairs[pairs.length - 1]];
          const slope = (last[0] - first[0]) / (last[1] - first[1]);
          const largest = Math.max(...pairs.map(([square]) => square));
          for (const [square, value] of pairs)
            assert.ok(Math.abs(square - first[0] - slope * (value - first[1])) < 1e-5 * largest);
          assert.ok(slope < 0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has room for every point that a clip radius allows, whatever it was fitted to', () => {
    const vectors = clustered({ rows: 5, dim, radius: 0.01 });
    const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1, clipRadius: 2.3 });
    const row = new Float32Array(space.width);
    for (let k = 0; k < dim; k++) {
      const tangent = Array.from({ length: dim }, (_, i) => (i === k ? -5 : 0));
      writeRow(space, Float32Array.from(toBall(tangent, { c: 0.1, clipRadius: 2.3 })), row, 0);
      assert.ok(row.every(Number.isFinite));
    }
  });

  it('refuses points outside the ball and points beyond its room', () => {
    const vectors = clustered({ rows: 20, dim, radius: 0.1 });
    const options = { vectors, dim, metric: 'hyperbolic', curvature: 0.1 } as const;
    const space = fitSpace(options);
    const row = new Float32Array(space.width);
    assert.throws(() => writeRow(space, new Float32Array(dim).fill(0.9), row, 0), DataError);
    assert.throws(
      () => writeRow(space, new Float32Array(dim).fill(2), row, 0),
      /not a point of the Poincaré ball/,
    );
    assert.throws(() => fitSpace({ ...options, curvature: 1000 }), /not a point of the Poincaré ball/);
  });

  it('takes a zero vector, one point alone and equal points', () => {
    for (const metric of ['hyperbolic', 'cosine', 'euclidean'] as const)
      for (const vectors of [new Float32Array(dim), new Float32Array(3 * dim).fill(0.1)]) {
        const space = fitSpace({ vectors, dim, metric });
        const column = columnOf(space, vectors);
        const query = queryRow(space, rowOf(vectors, dim, 0));
        assert.ok([...column, query].every((row) => row.every(Number.isFinite)));
      }
  });
});
