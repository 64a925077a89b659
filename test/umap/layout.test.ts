import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitCurve, likeness } from '../../src/umap/curve.js';
import type { LikenessGraph } from '../../src/umap/fuzzy.js';
import { planeDistance, stepTowards } from '../../src/umap/hyperboloid.js';
import { layOut, pull, push } from '../../src/umap/layout.js';

const curve = fitCurve(0.1, 1);
const pair: LikenessGraph = {
  starts: Int32Array.of(0, 1, 2),
  neighbours: Int32Array.of(1, 0),
  weights: Float64Array.of(1, 1),
};

test('pull and push are the derivatives of the cross entropy, by central differences', () => {
  const h = 1e-5;
  for (const d of [0.05, 0.3, 1, 2.5, 6]) {
    const slope = (of: (d: number) => number) => (of(d + h) - of(d - h)) / (2 * h);
    const attraction = slope((x) => -Math.log(likeness(curve, x)));
    const repulsion = slope((x) => Math.log(1 - likeness(curve, x)));
    assert.ok(Math.abs(pull(curve, d) - attraction) < 1e-3 * attraction, `pull at ${d}`);
    assert.ok(Math.abs(push(curve, d) - repulsion) < 1e-3 * repulsion, `push at ${d}`);
  }
});

test('an epoch moves both ends of an edge along their geodesic, as single steps do', () => {
  const [a, b] = [
    [0.5, -1.5],
    [2, 1],
  ] as const;
  const got = layOut({ graph: pair, start: Float64Array.of(...a, ...b), curve, epochs: 1, negatives: 0 });
  let [x, y]: [readonly [number, number], readonly [number, number]] = [a, b];
  for (let turn = 0; turn < 2; turn++) {
    const step = pull(curve, planeDistance(x, y));
    [x, y] = [stepTowards(x, y, step), stepTowards(y, x, step)];
  }
  [...x, ...y].forEach((value, i) => {
    assert.ok(Math.abs(got[i] - value) < 1e-9, `${i}`);
  });
});

test('points without edges stay, and the start is not changed', () => {
  const graph: LikenessGraph = {
    starts: new Int32Array(3),
    neighbours: new Int32Array(0),
    weights: new Float64Array(0),
  };
  const start = Float64Array.of(1, 2, 3, 4);
  assert.deepEqual(layOut({ graph, start, curve, epochs: 5 }), start);
  layOut({ graph: pair, start, curve, epochs: 5 });
  assert.deepEqual(start, Float64Array.of(1, 2, 3, 4));
});

test('a triangle comes to rest where pull and push balance, and nothing runs away', () => {
  const graph: LikenessGraph = {
    starts: Int32Array.of(0, 2, 4, 6),
    neighbours: Int32Array.of(1, 2, 0, 2, 0, 1),
    weights: new Float64Array(6).fill(1),
  };
  const places = layOut({ graph, start: Float64Array.of(5, 0, -300, 1, 0, 4000), curve, epochs: 300 });
  const at = (i: number) => [places[2 * i], places[2 * i + 1]] as const;
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    const d = planeDistance(at(i), at(j));
    assert.ok(d > 0.05 && d < 3, `${d}`);
  }
});
