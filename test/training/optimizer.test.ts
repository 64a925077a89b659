import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../src/random.js';
import {
  type AdamWOptions,
  adamW,
  applyAdamW,
  createAdamW,
  squaredNorm,
} from '../../src/training/optimizer.js';

const paper: Omit<AdamWOptions, 'step'> = {
  learningRate: 1e-2,
  weightDecay: 1e-2,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  gradientClamp: 10,
};

/** The update written out plainly in double precision: decay, moments, corrected moments, step. */
function oracle(p: number[], g: number[], m: number[], v: number[], o: AdamWOptions): void {
  for (let i = 0; i < p.length; i++) {
    const clamp = o.gradientClamp ?? Number.POSITIVE_INFINITY;
    const gradient = Math.max(-clamp, Math.min(clamp, g[i]));
    p[i] *= 1 - o.learningRate * o.weightDecay;
    m[i] = o.betas[0] * m[i] + (1 - o.betas[0]) * gradient;
    v[i] = o.betas[1] * v[i] + (1 - o.betas[1]) * gradient ** 2;
    const mean = m[i] / (1 - o.betas[0] ** o.step);
    const denominator = Math.sqrt(v[i]) / Math.sqrt(1 - o.betas[1] ** o.step) + o.epsilon;
    p[i] -= (o.learningRate * mean) / denominator;
  }
}

describe('adamW', () => {
  it('takes the steps worked out by hand', () => {
    // t = 1: the corrected mean over the corrected root is the gradient's sign, so p = p(1 − ηλ) − η sign(g).
    const p = Float32Array.of(1, 1, 1);
    const [m, v] = [new Float32Array(3), new Float32Array(3)];
    adamW(p, Float32Array.of(0.5, -3, 200), m, v, { ...paper, learningRate: 0.1, step: 1 });
    const expected = [0.999 - 0.1, 0.999 + 0.1, 0.999 - 0.1];
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(p[i] - value) < 1e-6, `${p[i]}`);
    assert.ok(Math.abs(m[2] - 1) < 1e-6, 'the gradient of 200 is clamped to 10');
    assert.ok(Math.abs(v[2] - 0.1) < 1e-7);
    // t = 2, gradient 0: m = 0.09 · 0.5, corrected by 0.19; v = 0.999e-3 · 0.25, corrected by 0.001999.
    adamW(p, new Float32Array(3), m, v, { ...paper, learningRate: 0.1, step: 2 });
    const second = 0.899 * 0.999 - (0.1 * ((0.09 * 0.5) / 0.19)) / Math.sqrt((0.999e-3 * 0.25) / 0.001999);
    assert.ok(Math.abs(p[0] - second) < 1e-6, `${p[0]} ${second}`);
  });

  it('follows a double-precision oracle over many steps', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 1e-5, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.constantFrom(1e-8, 1e-4),
        fc.constantFrom(null, 0.5, 10),
        (seed, learningRate, weightDecay, epsilon, gradientClamp) => {
          const random = randomStream(seed, 'test');
          const draw = (scale: number) => Float32Array.from({ length: 33 }, () => scale * random.normal());
          const p = draw(1);
          const [m, v] = [new Float32Array(33), new Float32Array(33)];
          const [p64, m64, v64] = [[...p], [...m], [...v]];
          for (let step = 1; step <= 20; step++) {
            const g = draw(10 ** (random.uniform() * 4 - 2));
            const options = { ...paper, learningRate, weightDecay, epsilon, gradientClamp, step };
            adamW(p, g, m, v, options);
            oracle(p64, [...g], m64, v64, options);
          }
          for (const [i, value] of p64.entries())
            assert.ok(Math.abs(p[i] - value) < 1e-5 * Math.max(1, Math.abs(value)));
          for (const [i, value] of v64.entries()) assert.ok(Math.abs(v[i] - value) < 1e-5 * value);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves a frozen parameter alone but gathers its moments', () => {
    const p = Float32Array.of(1.25, -3);
    const [m, v] = [new Float32Array(2), new Float32Array(2)];
    const [m2, v2] = [new Float32Array(2), new Float32Array(2)];
    const g = Float32Array.of(2, -4);
    adamW(p, g, m, v, { ...paper, learningRate: 0, step: 1 });
    adamW(Float32Array.of(0, 0), g, m2, v2, { ...paper, step: 1 });
    assert.deepEqual([...p], [1.25, -3]);
    assert.deepEqual([...m, ...v], [...m2, ...v2]);
    assert.ok(m[0] > 0 && v[1] > 0);
    assert.deepEqual([...g], [2, -4]);
  });

  it('refuses arrays of different lengths', () => {
    const a = new Float32Array(2);
    assert.throws(() => adamW(a, new Float32Array(3), a, a, { ...paper, step: 1 }), /2 elements .* 3/);
  });
});

describe('applyAdamW', () => {
  it('updates what it is told to, each at its own rate', () => {
    const parameters = { body: Float32Array.of(1), proxies: Float32Array.of(1) };
    const gradients = { body: Float32Array.of(1), proxies: Float32Array.of(1) };
    const state = createAdamW(parameters);
    const updates = { body: { learningRate: 0, step: 1 }, proxies: { learningRate: 0.1, step: 1 } };
    applyAdamW(parameters, gradients, state, updates, { ...paper, weightDecay: 0 });
    assert.equal(parameters.body[0], 1);
    assert.ok(Math.abs(parameters.proxies[0] - 0.9) < 1e-6);
    assert.throws(
      () => applyAdamW(parameters, { body: gradients.body }, state, updates, paper),
      /"proxies" has no/,
    );
  });

  it('leaves parameters without an update alone, with their moments; they need no gradient', () => {
    const parameters = { body: Float32Array.of(1), proxies: Float32Array.of(1) };
    const state = createAdamW(parameters);
    const updates = { body: { learningRate: 0.1, step: 3 } };
    applyAdamW(parameters, { body: Float32Array.of(1) }, state, updates, paper);
    assert.ok(parameters.body[0] < 1);
    assert.equal(parameters.proxies[0], 1);
    assert.equal(state.mean.proxies[0], 0);
  });
});

/** Numbers nested to any depth. */
type Nested = number | Nested[];

/** The parts of golden/07 that the optimizer needs. */
interface Trajectory {
  adamw: { betas: [number, number]; eps: number; weight_decay: number };
  param_group_of: Record<string, string>;
  initial_params: Record<string, Nested>;
  steps: {
    lrs: Record<string, number>;
    grads_after_value_clamp: Record<string, Nested>;
    params_after: Record<string, Nested>;
  }[];
}

describe('the official training trajectory', () => {
  const { runs } = JSON.parse(readFileSync('test/fixtures/golden/07_training_trajectory.json', 'utf8')) as {
    runs: Trajectory[];
  };
  const flat = (values: Record<string, Nested>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, nested]) => [name, Float32Array.from([nested].flat(9) as number[])]),
    );
  for (const [i, run] of runs.entries())
    it(`is followed step by step, run ${i + 1}`, () => {
      const groupOf = (name: string) =>
        run.param_group_of[name] ?? run.param_group_of[`${name.slice(0, name.indexOf('.'))}.*`];
      const parameters = flat(run.initial_params);
      const state = createAdamW(parameters);
      for (const [made, step] of run.steps.entries()) {
        applyAdamW(
          parameters,
          flat(step.grads_after_value_clamp),
          state,
          Object.fromEntries(
            Object.keys(parameters).map((name) => {
              const learningRate = step.lrs[groupOf(name)];
              assert.equal(typeof learningRate, 'number', name);
              return [name, { learningRate, step: made + 1 }];
            }),
          ),
          {
            weightDecay: run.adamw.weight_decay,
            betas: run.adamw.betas,
            epsilon: run.adamw.eps,
            gradientClamp: 10,
          },
        );
        for (const [name, expected] of Object.entries(flat(step.params_after)))
          for (const [j, value] of expected.entries())
            assert.ok(
              Math.abs(parameters[name][j] - value) <= 1e-5 * Math.max(1, Math.abs(value)),
              `${name}[${j}]: ${parameters[name][j]} ${value}`,
            );
      }
    });
});

describe('squaredNorm', () => {
  it('sums squares and shows any element that is not finite', () => {
    assert.equal(squaredNorm(Float32Array.of(1, 2, 3, 4, 5)), 55);
    assert.equal(squaredNorm(new Float32Array(0)), 0);
    assert.ok(Number.isFinite(squaredNorm(new Float32Array(7).fill(3e38))));
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (let i = 0; i < 7; i++) {
        const values = new Float32Array(7).fill(1);
        values[i] = bad;
        assert.ok(!Number.isFinite(squaredNorm(values)));
      }
  });
});
