import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { input } from '../../src/graph/index.js';
import { heNormal, initialize, linear, ones, Scope, zeros } from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';

/** Mean and standard deviation. */
function moments(values: Float32Array): { mean: number; std: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
}

describe('initialisers', () => {
  it('fill with a constant', () => {
    assert.deepEqual(initialize(zeros, [2, 2], 1, 'a'), new Float32Array(4));
    assert.deepEqual(initialize(ones, [3], 1, 'a'), Float32Array.of(1, 1, 1));
  });

  it('draw normally with the wished standard deviation', () => {
    const { mean, std } = moments(initialize({ kind: 'normal', std: 0.3 }, [400, 100], 1, 'w'));
    // Five standard errors of 40,000 draws.
    assert.ok(Math.abs(mean) < (5 * 0.3) / 200, `mean ${mean}`);
    assert.ok(Math.abs(std - 0.3) < (5 * 0.3) / Math.sqrt(80_000), `std ${std}`);
  });

  it('truncate at two standard deviations, and only there', () => {
    const values = initialize({ kind: 'truncated-normal', std: 0.02 }, [200, 100], 1, 'w');
    const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    assert.ok(largest <= 0.04 && largest > 0.0395, `largest ${largest}`);
    // The standard deviation of a standard normal truncated at ±2 is 0.8796.
    assertAllclose([moments(values).std], [0.02 * 0.8796], { rtol: 0.03 });
  });

  it('scale normal draws by the fan-in', () => {
    assert.deepEqual(heNormal([64, 32, 3, 3]), { kind: 'normal', std: Math.sqrt(2 / 288) });
  });

  it('make orthonormal rows, or columns of a tall matrix', () => {
    for (const [rows, columns] of [
      [5, 12],
      [12, 5],
      [7, 7],
      [1, 4],
    ]) {
      const w = initialize({ kind: 'orthogonal' }, [rows, columns], 1, 'head.weight');
      const tall = rows > columns;
      const count = tall ? columns : rows;
      const vector = (i: number) =>
        Array.from({ length: tall ? rows : columns }, (_, at) =>
          tall ? w[at * columns + i] : w[i * columns + at],
        );
      for (let i = 0; i < count; i++)
        for (let j = 0; j <= i; j++) {
          const dot = vector(i).reduce((sum, x, at) => sum + x * vector(j)[at], 0);
          assertAllclose([dot], [Number(i === j)], { atol: 1e-6 }, `${rows} × ${columns}, ${i} and ${j}`);
        }
    }
  });

  it('depend on seed and name alone', () => {
    const draw = (seed: number, name: string) => initialize({ kind: 'normal', std: 1 }, [20], seed, name);
    assert.deepEqual(draw(1, 'a'), draw(1, 'a'));
    assert.notDeepEqual(draw(1, 'a'), draw(2, 'a'));
    assert.notDeepEqual(draw(1, 'a'), draw(1, 'b'));
    assert.deepEqual(draw(1, 'a').slice(0, 5), initialize({ kind: 'normal', std: 1 }, [5], 1, 'a'));

    const network = (names: string[]) => {
      const scope = new Scope({ training: true });
      names.reduce((x, name) => linear(scope, name, x, 4), input('x', [2, 4]));
      const all = [...scope.arrays.values()];
      return Object.fromEntries(
        all.map(({ name, shape, initial }) => [name, initialize(initial, shape, 7, name)]),
      );
    };
    const [small, large] = [network(['first', 'last']), network(['first', 'between', 'last'])];
    for (const [name, values] of Object.entries(small)) assert.deepEqual(large[name], values);
  });
});
