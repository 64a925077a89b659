import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as plain from '../../src/geometry/numbers.js';
import * as ball from '../../src/geometry/tensors.js';
import { constant, GraphError, gradients, input, mul, sum, type Tensor } from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { assertClose, assertGradients, CURVATURES, direction, evaluate, points } from './support.js';

const flatten = (rows: ArrayLike<number>[]) => rows.flatMap((row) => Array.from(row));

test('graph tensors and plain numbers compute the same, in float64 and float32', async () => {
  const matrix = [
    [0.5, -1, 0.2, 0.1],
    [2, 0.3, 0, -0.4],
  ];
  for (const c of CURVATURES)
    for (const dtype of ['float64', 'float32'] as const) {
      const [x, y] = [points(1, c, 5, 4, 0.7), points(2, c, 5, 4, 0.7)];
      const u = points(3, 0, 5);
      const options = { c, clipRadius: 2.3 };
      const ours = await evaluate(
        [x, y, u, matrix],
        ([X, Y, U, M]) => ({
          clip: ball.clip(U, 1.5),
          toBall: ball.toBall(U, options),
          expmap0: ball.expmap0(U, c),
          logmap0: ball.logmap0(X, c),
          project: ball.project(U, c),
          factor: ball.conformalFactor(X, c),
          add: ball.mobiusAdd(X, Y, c),
          product: ball.mobiusMatvec(M, X, c),
          distance: ball.distance(X, Y, c),
          origin: ball.distance0(X, c),
          expmap: ball.expmap(X, mul(U, 0.1), c),
          logmap: ball.logmap(X, Y, c),
          matrix: ball.distanceMatrix(X, Y, { c }),
          same: ball.distanceMatrix(X, Y, { c, sameNodes: true }),
          own: ball.distanceMatrix(X, X, { c }),
          tanh: ball.scaledTanh(X, c),
          artanh: ball.scaledArtanh(X, c),
        }),
        dtype,
      );
      const each = (f: (row: number[], i: number) => ArrayLike<number> | number) =>
        x.flatMap((row, i) => {
          const value = f(row, i);
          return typeof value === 'number' ? [value] : Array.from(value);
        });
      const theirs: Record<string, number[]> = {
        clip: each((_, i) => plain.clip(u[i], 1.5)),
        toBall: each((_, i) => plain.toBall(u[i], options)),
        expmap0: each((_, i) => plain.expmap0(u[i], c)),
        logmap0: each((row) => plain.logmap0(row, c)),
        project: each((_, i) => plain.project(u[i], c)),
        factor: each((row) => plain.conformalFactor(row, c)),
        add: each((row, i) => plain.mobiusAdd(row, y[i], c)),
        product: each((row) => plain.mobiusMatvec(matrix, row, c)),
        distance: each((row, i) => plain.distance(row, y[i], c)),
        origin: each((row) => plain.distance0(row, c)),
        expmap: each((row, i) =>
          plain.expmap(
            row,
            u[i].map((value) => value * 0.1),
            c,
          ),
        ),
        logmap: each((row, i) => plain.logmap(row, y[i], c)),
        matrix: flatten(plain.distanceMatrix(x, y, { c })),
        same: flatten(plain.distanceMatrix(x, y, { c, sameNodes: true })),
        own: flatten(plain.distanceMatrix(x, x, { c })),
        tanh: each((row) => row.map((value) => plain.scaledTanh(value, c))),
        artanh: each((row) => row.map((value) => plain.scaledArtanh(value, c))),
      };
      for (const [name, values] of Object.entries(ours))
        assertClose(values, theirs[name], dtype === 'float64' ? 1e-11 : 2e-4, `${name}, c = ${c}, ${dtype}`);
    }
});

test('gradients agree with central differences at every curvature', async () => {
  for (const c of [0, 1e-9, 0.1, 1]) {
    const [x, y] = [points(1, c, 3, 3, 0.7), points(2, c, 4, 3, 0.7)];
    const v = points(3, 0, 3, 3);
    const pairs: [string, number[][][], (inputs: Tensor[]) => Tensor][] = [
      ['clip', [v], ([a]) => ball.clip(a, 1.2)],
      ['toBall', [v], ([a]) => ball.toBall(a, { c, clipRadius: 2, riemannianGradient: false })],
      ['logmap0', [x], ([a]) => ball.logmap0(a, c)],
      ['conformalFactor', [x], ([a]) => ball.conformalFactor(a, c)],
      ['mobiusAdd', [x, y.slice(1)], ([a, b]) => ball.mobiusAdd(a, b, c)],
      ['distance', [x, y.slice(1)], ([a, b]) => ball.distance(a, b, c)],
      ['distance0', [x], ([a]) => ball.distance0(a, c)],
      ['distanceMatrix', [x, y], ([a, b]) => ball.distanceMatrix(a, b, { c })],
      ['expmap', [x, v], ([a, u]) => ball.expmap(a, mul(u, 0.1), c)],
      ['logmap', [x, y.slice(1)], ([a, b]) => ball.logmap(a, b, c)],
      ['Klein and mean', [x], ([a]) => ball.poincareMean(a, c)],
    ];
    for (const [name, rows, build] of pairs)
      await assertGradients(rows, build, { tolerance: 2e-7 }).catch((error: Error) => {
        throw new Error(`${name} at c = ${c}: ${error.message}`);
      });
  }
});

test('the distance matrix of one node set: gradient of both roles, none on the diagonal', async () => {
  const x = points(4, 0.1, 4, 3);
  await assertGradients([x], ([a]) => ball.distanceMatrix(a, a, { c: 0.1 }), { tolerance: 2e-7 });
  const { g, h } = await evaluate(
    [x],
    ([a]) => {
      const d = ball.distanceMatrix(a, a, { c: 0.1 });
      const diagonal = constant([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [4, 4], 'float32');
      return { g: gradients(sum(mul(d, diagonal)), [a])[0], h: gradients(sum(d), [a])[0] };
    },
    'float32',
  );
  assert.ok(g.every((value) => value === 0));
  assert.ok(h.every(Number.isFinite) && h.some((value) => value !== 0));
});

test('equal points of two sets: distance near 0, gradient finite and bounded', async () => {
  for (const dtype of ['float64', 'float32'] as const)
    for (const c of [0, 0.1, 1]) {
      const x = points(6, c, 6);
      const { d, pair, g, h } = await evaluate(
        [x, x],
        ([a, b]) => {
          const matrix = ball.distanceMatrix(a, b, { c });
          const rows = ball.distance(a, b, c);
          const eye = constant(
            x.flatMap((_, i) => x.map((__, j) => (i === j ? 1 : 0))),
            [6, 6],
            dtype,
          );
          const [grad] = gradients(sum(mul(matrix, eye)), [a]);
          return { d: matrix, pair: rows, g: grad, h: gradients(sum(rows), [a])[0] };
        },
        dtype,
      );
      const most = dtype === 'float64' ? 1e-6 : 1e-2;
      x.forEach((_, i) => {
        assert.ok(d[i * 7] >= 0 && d[i * 7] < most, `distance ${d[i * 7]}`);
      });
      assert.ok(pair.every((value) => value < most) && h.every(Number.isFinite));
      // Rounding noise at worst: no larger than the gradient of a true distance (2λ).
      const bound = Math.max(...x.map((row) => 2 * plain.conformalFactor(row, c)));
      assert.ok(
        g.every((value) => Math.abs(value) <= bound),
        `gradient ${g}`,
      );
    }
});

test('the Riemannian scale: identity forward, (1 - c‖x‖²)²/4 backward, 1/4 at c = 0', async () => {
  for (const c of [0, 0.1, 1]) {
    const x = points(7, c, 4, 3);
    const { z, g } = await evaluate([x], ([a]) => {
      const scaled = ball.riemannianScale(a, c);
      return { z: scaled, g: gradients(sum(mul(scaled, 3)), [a])[0] };
    });
    assertClose(z, x.flat(), 0);
    assertClose(
      g,
      x.flatMap((row) => row.map(() => 3 * plain.riemannianFactor(row, c))),
      1e-12,
    );
    if (c === 0)
      assertClose(
        g,
        x.flat().map(() => 0.75),
        1e-12,
      );
  }
});

test('a clipped vector gets no radial gradient; the zero vector a finite one', async () => {
  const v = [
    [3, 4, 0],
    [0, 0, 0],
    [30, -10, 5],
  ];
  for (const dtype of ['float64', 'float32'] as const) {
    const { g } = await evaluate(
      [v],
      ([a]) => {
        const weights = constant([1, 2, 3, 1, 2, 3, 1, 2, 3], [3, 3], dtype);
        return { g: gradients(sum(mul(ball.toBall(a, { c: 0.1, clipRadius: 2.3 }), weights)), [a])[0] };
      },
      dtype,
    );
    const rows = [g.slice(0, 3), g.slice(3, 6), g.slice(6, 9)];
    for (const i of [0, 2]) {
      const size = Math.hypot(...rows[i]) * Math.hypot(...v[i]);
      const radial = rows[i].reduce((total, value, k) => total + value * v[i][k], 0);
      assert.ok(size > 0 && Math.abs(radial) < 1e-5 * size, `radial share ${radial / size}`);
    }
    assertClose(rows[1], [0.25, 0.5, 0.75], 1e-6);
  }
});

test('artanh: the derivative outside the clamp is that at the clamp, not 0', async () => {
  const { g } = await evaluate([[[-20], [-0.5], [0.3], [5]]], ([a]) => ({
    g: gradients(sum(ball.scaledArtanh(a, 1)), [a])[0],
  }));
  const edge = 1 / (1 - (1 - 1e-5) ** 2);
  assertClose(g, [edge, 1 / 0.75, 1 / 0.91, edge], 1e-9);
});

test('values and gradients stay finite over many orders of magnitude', async () => {
  for (const dtype of ['float64', 'float32'] as const) {
    const [low, high] = dtype === 'float64' ? [-150, 150] : [-38, 18];
    const random = randomStream(1, 'orders of magnitude');
    const rows: number[][] = [[0, 0, 0, 0]];
    for (let exponent = low; exponent <= high; exponent += 2) rows.push(direction(random, 4, 10 ** exponent));
    for (const c of CURVATURES) {
      const values = await evaluate(
        [rows],
        ([v]) => {
          const z = ball.toBall(v, { c, clipRadius: 2.3 });
          const d = ball.distanceMatrix(z, z, { c });
          const origin = ball.distance0(z, c);
          const all = sum(d);
          return { z, d, origin, g: gradients(all, [v])[0], h: gradients(sum(origin), [v])[0] };
        },
        dtype,
      );
      for (const [name, list] of Object.entries(values))
        assert.ok(list.every(Number.isFinite), `${name} at c = ${c}, ${dtype}`);
    }
  }
});

test('c → 0 on graphs: float32 values and gradients meet those of c = 0', async () => {
  const v = points(9, 0, 5, 4).map((row) => row.map((value) => value / 3));
  const compute = (c: number) =>
    evaluate(
      [v],
      ([a]) => {
        const z = ball.toBall(a, { c, clipRadius: 2.3 });
        const d = ball.distanceMatrix(z, z, { c });
        return { z, d, g: gradients(sum(mul(d, d)), [a])[0] };
      },
      'float32',
    );
  const flat = await compute(0);
  assertClose(flat.z, Float32Array.from(v.flat()), 0);
  for (const c of [1e-300, 1.1e-30, 1e-12, 1e-7]) {
    const near = await compute(c);
    for (const name of ['z', 'd', 'g']) assertClose(near[name], flat[name], 1e-5, `${name} at c = ${c}`);
  }
});

test('shapes that do not fit are errors at build time', () => {
  const [x, y] = [input('x', [3, 4]), input('y', [5, 4])];
  assert.throws(() => ball.distanceMatrix(x, y, { c: 0.1, sameNodes: true }), /M = N/);
  assert.throws(() => ball.distanceMatrix(x, input('z', [5, 3]), { c: 0.1 }), GraphError);
  assert.throws(() => ball.distanceMatrix(input('w', [4]), y, { c: 0.1 }), /\[4\] and \[5, 4\]/);
});
