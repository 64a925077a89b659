import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constant, gradients, input, type Tensor, type TensorData } from '../../src/graph/index.js';
import {
  type HierOptions,
  hierInitial,
  hierLoss,
  nodeDistances,
  type PassRandomness,
} from '../../src/losses/hier.js';
import { rowsOf, type Share } from '../../src/losses/mining.js';
import { initialize, toManifold } from '../../src/nn/index.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';

const [B, P, D, T, POOL] = [10, 9, 4, 3, 16];
const LABELS = Int32Array.from({ length: B }, (_, i) => Math.floor(i / 2));
const OPTIONS: HierOptions = {
  curvature: 0.1,
  clipRadius: 2.3,
  riemannianGradient: true,
  neighbours: 5,
  margin: 0.1,
  temperature: 0.1,
};

/** Numbers for one pass over all of its nodes, cut to a share; the noise as rows of a pool or written out. */
function pass(
  key: string,
  nodes: number,
  share: Share,
  noise: 'pool' | 'exact',
  dtype: 'float32' | 'float64',
): PassRandomness {
  const random = randomStream(1, 'hier test', key);
  const pooled = randomStream(1, 'hier test pool');
  const pool = Array.from({ length: POOL * P }, () => pooled.gumbel());
  const draw = (make: () => number) => Array.from({ length: nodes * T }, make);
  const [uniformJ, uniformK] = [draw(random.uniform24), draw(random.uniform24)];
  const [pairRows, tripleRows] = [draw(() => random.integer(POOL)), draw(() => random.integer(POOL))];
  const [start, end] = rowsOf(nodes, share);
  const count = (end - start) * T;
  const cut = (values: number[]) => values.slice(start * T, end * T);
  const floats = (values: number[], shape: number[]) => constant(values, shape, dtype);
  const written = (rows: number[]) =>
    floats(
      cut(rows).flatMap((row) => pool.slice(row * P, (row + 1) * P)),
      [count, P],
    );
  return {
    mining: {
      uniformJ: floats(cut(uniformJ), [end - start, T]),
      uniformK: floats(cut(uniformK), [end - start, T]),
    },
    noise:
      noise === 'exact'
        ? { pair: written(pairRows), triple: written(tripleRows) }
        : {
            pool: floats(pool, [POOL, P]),
            pairRows: constant(cut(pairRows), [count], 'int32'),
            tripleRows: constant(cut(tripleRows), [count], 'int32'),
          },
  };
}

interface Settings {
  readonly options?: Partial<HierOptions>;
  readonly share?: Share;
  readonly noise?: 'pool' | 'exact';
  readonly labelled?: boolean;
  readonly dtype?: 'float32' | 'float64';
}

/** Value, terms and gradients of the regularizer on fixed random embeddings and proxies. */
async function run({
  options = {},
  share = { from: 0, to: 1 },
  noise = 'exact',
  labelled = true,
  dtype = 'float64',
}: Settings = {}): Promise<Record<'loss' | 'samples' | 'proxies' | 'usage' | 'gradV' | 'gradP', TensorData>> {
  const random = randomStream(2, 'hier test values');
  const all = { ...OPTIONS, ...options, share };
  const values = (rows: number, scale: number) =>
    Array.from({ length: rows * D }, () => scale * random.normal());
  const typed = dtype === 'float64' ? Float64Array : Float32Array;
  const feeds = { v: typed.from(values(B, 1)), p: typed.from(values(P, 0.8)) };
  const [v, p]: Tensor[] = [input('v', [B, D], dtype), input('p', [P, D], dtype)];
  const result = hierLoss(
    {
      embeddings: toManifold(v, all),
      ...(labelled ? { labels: constant(LABELS, [B], 'int32') } : {}),
      proxies: p,
      samples: pass('samples', B, share, noise, dtype),
      proxyPass: pass('proxies', P, share, noise, dtype),
    },
    all,
  );
  const [gradV, gradP] = gradients(result.loss, [v, p]);
  return evaluate(
    {
      loss: result.loss,
      samples: result.sampleTerm,
      proxies: result.proxyTerm,
      usage: result.usage,
      gradV,
      gradP,
    },
    feeds,
  );
}

describe('HIER', () => {
  it('is the sum of its two terms, and counts the ancestors of samples', async () => {
    const { loss, samples, proxies, usage, gradV, gradP } = await run();
    assertAllclose(loss, [Number(samples) + Number(proxies)], { rtol: 1e-14 });
    assert.ok(Number(samples) > 0 && Number(proxies) > 0);
    const chosen = numbers(usage).reduce((sum, n) => sum + n, 0);
    assert.ok(chosen > 0 && chosen <= 2 * B * T && chosen % (2 * T) === 0, `${chosen} choices`);
    for (const grad of [gradV, gradP]) assert.ok(numbers(grad).some((g) => Math.abs(g) > 1e-6));
  });

  it('is the sum of the shares that it is cut into, value and gradients', async () => {
    const whole = await run();
    for (const of of [2, 3]) {
      const parts: Awaited<ReturnType<typeof run>>[] = [];
      for (let index = 0; index < of; index++)
        parts.push(await run({ share: { from: index / of, to: (index + 1) / of } }));
      for (const name of ['loss', 'samples', 'proxies', 'usage', 'gradV', 'gradP'] as const)
        assertAllclose(
          numbers(whole[name]).map((_, at) => parts.reduce((sum, part) => sum + Number(part[name][at]), 0)),
          numbers(whole[name]),
          { rtol: 1e-12, atol: 1e-14 },
          `${name} of ${of} shares`,
        );
    }
  });

  it('gives the same with rows of a noise pool as with the noise written out', async () => {
    const [pool, exact] = [await run({ noise: 'pool' }), await run({ noise: 'exact' })];
    for (const name of ['loss', 'gradV', 'gradP', 'usage'] as const)
      assert.deepEqual(numbers(pool[name]), numbers(exact[name]));
  });

  it('mines by distance alone without labels', async () => {
    const [with_, without] = [await run(), await run({ labelled: false })];
    assert.ok(Number.isFinite(Number(without.samples)));
    assert.notEqual(Number(without.samples), Number(with_.samples));
    assert.equal(Number(without.proxies), Number(with_.proxies));
  });

  it('works on the unit sphere when the curvature is 0', async () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const { loss, gradV, gradP } = await run({ options: { curvature: 0 }, dtype });
      assert.ok(Number.isFinite(Number(loss)) && Number(loss) > 0);
      for (const grad of [gradV, gradP]) {
        assert.ok(numbers(grad).every(Number.isFinite));
        assert.ok(numbers(grad).some((g) => Math.abs(g) > 1e-6));
      }
    }
  });

  it('has the gradient of central differences on the unit sphere, given the choices', async () => {
    // Ancestors are chosen straight-through: with G the gradient by the distances, which lca.test.ts holds against
    // the official code, the whole must be that of Σ G · distances.
    const all = { ...OPTIONS, curvature: 0 };
    const random = randomStream(2, 'hier sphere');
    const draw = (rows: number) => Float64Array.from({ length: rows * D }, () => random.normal());
    const [valuesV, valuesP] = [draw(B), draw(P)];
    const [v, p] = [input('v', [B, D], 'float64'), input('p', [P, D], 'float64')];
    const result = hierLoss(
      {
        embeddings: toManifold(v, all),
        labels: constant(LABELS, [B], 'int32'),
        proxies: p,
        samples: pass('samples', B, { from: 0, to: 1 }, 'exact', 'float64'),
        proxyPass: pass('proxies', P, { from: 0, to: 1 }, 'exact', 'float64'),
      },
      all,
    );
    const wrt = [v, p, result.toProxies, result.betweenProxies];
    const [gradV, gradP, ofSamples, ofProxies] = gradients(result.loss, wrt);
    const found = await evaluate({ gradV, gradP, ofSamples, ofProxies }, { v: valuesV, p: valuesP });
    const unit = (values: Float64Array, row: number) => {
      const own = values.subarray(row * D, (row + 1) * D);
      const length = Math.hypot(...own);
      return own.map((value) => value / length);
    };
    const apart = (a: Float64Array, b: Float64Array) => 2 - 2 * a.reduce((sum, x, k) => sum + x * b[k], 0);
    const value = (v: Float64Array, p: Float64Array) => {
      let total = 0;
      for (let j = 0; j < P; j++) {
        for (let i = 0; i < B; i++)
          total += Number(found.ofSamples[i * P + j]) * apart(unit(v, i), unit(p, j));
        for (let i = 0; i < P; i++)
          if (i !== j) total += Number(found.ofProxies[i * P + j]) * apart(unit(p, i), unit(p, j));
      }
      return total;
    };
    const differences = (values: Float64Array, of: () => number) =>
      Array.from(values, (x, at) => {
        const [up, down] = [1e-5, -1e-5].map((h) => {
          values[at] = x + h;
          return of();
        });
        values[at] = x;
        return (up - down) / 2e-5;
      });
    const whole = () => value(valuesV, valuesP);
    for (const [grad, values] of [
      [found.gradV, valuesV],
      [found.gradP, valuesP],
    ] as const) {
      assert.ok(numbers(grad).some((g) => Math.abs(g) > 1e-3));
      assertAllclose(grad, differences(values, whole), { rtol: 1e-6, atol: 1e-8 });
    }
  });

  it('is 0 with gradient 0 when no anchor qualifies', async () => {
    for (const settings of [{ neighbours: 1 }, { neighbours: 2 }, { neighbours: P, excludeSelf: true }]) {
      const { proxies, gradP, gradV, loss } = await run({ options: settings, dtype: 'float32' });
      assert.equal(Number(proxies), 0);
      for (const grad of [gradP, gradV]) assert.ok(numbers(grad).every(Number.isFinite));
      if (settings.neighbours > 2) continue;
      assert.equal(Number(loss), 0);
      for (const grad of [gradP, gradV]) assert.ok(numbers(grad).every((g) => g === 0));
    }
  });

  it('reaches float64 accuracy in float32 up to rounding', async () => {
    const [single, double] = [await run({ dtype: 'float32' }), await run()];
    assertAllclose(single.loss, numbers(double.loss), { rtol: 1e-4 });
    assertAllclose(single.gradV, numbers(double.gradV), { rtol: 1e-3, atol: 1e-4 });
    assertAllclose(single.gradP, numbers(double.gradP), { rtol: 1e-3, atol: 1e-4 });
  });
});

describe('distances of nodes', () => {
  it('are 2 − 2⟨x, y⟩ on the sphere, and 0 of a node to itself', async () => {
    const x = input('x', [3, 2]);
    const y = input('y', [3, 2]);
    const values = Float32Array.of(1, 0, 0, 1, 0.6, 0.8);
    const feeds = { x: values, y: values };
    const result = await evaluate({ xx: nodeDistances(x, x, 0), xy: nodeDistances(x, y, 0) }, feeds);
    const expected = [0, 2, 0.8, 2, 0, 0.4, 0.8, 0.4, 0];
    assertAllclose(result.xx, expected, { atol: 1e-6 });
    assertAllclose(result.xy, expected, { atol: 1e-6 });
    assert.deepEqual(
      [0, 4, 8].map((at) => result.xx[at]),
      [0, 0, 0],
    );
  });
});

describe('first hierarchical proxies', () => {
  it('lie just inside the clip sphere on average', () => {
    const values = initialize(hierInitial(128, 2.3), [512, 128], 3, 'hierarchical_proxies');
    let total = 0;
    for (let row = 0; row < 512; row++) total += Math.hypot(...values.subarray(row * 128, (row + 1) * 128));
    assertAllclose([total / 512], [2.07], { rtol: 0.01 });
  });
});
