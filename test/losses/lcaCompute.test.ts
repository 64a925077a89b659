import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeLca, type LcaProblem } from '../../src/losses/lcaCompute.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';

const [NODES, TRIPLETS, ROWS] = [6, 40, 5];

/** A problem on random distances; noise as rows of a pool, or drawn for each triplet. */
function problem({
  proxies = 20,
  noise = 'pool' as 'pool' | 'exact',
  Typed = Float64Array as typeof Float32Array | typeof Float64Array,
  temperature = 0.1,
  scale = 3,
} = {}): LcaProblem {
  const random = randomStream(3, 'lca compute');
  const reals = (length: number, draw: () => number) => Typed.of(...Array.from({ length }, draw));
  const ints = (most: number) => Int32Array.from({ length: TRIPLETS }, () => random.integer(most));
  const rows = noise === 'pool' ? ROWS : TRIPLETS;
  const pool = reals(rows * proxies, random.gumbel);
  const other = noise === 'pool' ? pool : reals(rows * proxies, random.gumbel);
  return {
    ...{ proxies, temperature, margin: 0.1 },
    distances: reals(NODES * proxies, () => 5 + scale * random.uniform()),
    nodes: [ints(NODES), ints(NODES), ints(NODES)],
    weight: reals(TRIPLETS, () => Number(random.uniform() < 0.9)),
    noise:
      noise === 'pool'
        ? [
            { values: pool, rows: ints(ROWS) },
            { values: other, rows: ints(ROWS) },
          ]
        : [{ values: pool }, { values: other }],
  };
}

/** The ancestors by the definition: the largest of noise − the largest distance over τ; 0 for triplets without weight. */
function plainAncestors(
  { distances, proxies, nodes, noise, temperature, weight }: LcaProblem,
  choice: 0 | 1,
): number[] {
  const { values, rows } = noise[choice];
  return Array.from({ length: TRIPLETS }, (_, t) => {
    if (weight[t] === 0) return 0;
    const row = rows ? rows[t] : t;
    const logits = Array.from({ length: proxies }, (_, p) => {
      const far = nodes.slice(0, 2 + choice).map((some) => distances[some[t] * proxies + p]);
      return values[row * proxies + p] - Math.max(...far) / temperature;
    });
    return logits.indexOf(Math.max(...logits));
  });
}

test('ancestors are those of the definition, near and far apart for their temperature, in either precision', () => {
  for (const Typed of [Float32Array, Float64Array])
    for (const noise of ['pool', 'exact'] as const)
      for (const temperature of [1e-3, 0.02, 0.1, 5]) {
        const given = problem({ Typed, noise, temperature, scale: 4 });
        const { pairs, triples } = computeLca(given);
        const label = `${Typed.name}, ${noise}, τ = ${temperature}`;
        assert.deepEqual([...pairs], plainAncestors(given, 0), label);
        assert.deepEqual([...triples], plainAncestors(given, 1), label);
      }
});

test('both precisions agree to the rounding of the smaller one', () => {
  const [single, double] = [Float32Array, Float64Array].map((Typed) => computeLca(problem({ Typed })));
  assertAllclose([single.total], [double.total], { rtol: 1e-5 });
  assertAllclose(single.slopes, [...double.slopes], { rtol: 1e-3, atol: 1e-4 });
});

test('a result does not depend on what was computed before in the same memory', () => {
  const others = [problem({ proxies: 33 }), problem({ noise: 'exact' }), problem({ proxies: 4 })];
  const given = problem();
  const first = computeLca(given);
  for (const other of others) {
    computeLca(other);
    assert.deepEqual(computeLca(given), first);
    assert.deepEqual(computeLca(given), first);
  }
});

test('a pool that is drawn again in the same array is seen', () => {
  const given = problem();
  computeLca(given);
  const random = randomStream(4, 'lca compute');
  const pool = given.noise[0].values;
  for (let i = 0; i < pool.length; i++) pool[i] = random.gumbel();
  const { pairs, triples } = computeLca(given);
  assert.deepEqual([...pairs], plainAncestors(given, 0));
  assert.deepEqual([...triples], plainAncestors(given, 1));
});

test('what is not a number is seen in the sum', () => {
  const given = problem();
  given.distances.fill(Number.NaN, 0, given.proxies);
  assert.ok(Number.isNaN(computeLca(given).total));
});
