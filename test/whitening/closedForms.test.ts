import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowAt } from '../../src/rows.js';
import { CLOSED_FORMS, closedForms, mapped, reduced, unitRows } from '../../src/whitening/index.js';
import { assertAllclose } from '../support/allclose.js';

const ROWS = Float32Array.from(
  [
    [1, 2, 0.5],
    [1.2, 1.8, 0.1],
    [0.9, 2.2, 0.4],
    [-1, 0.3, 2],
    [-1.4, 0.1, 1.7],
    [-0.8, 0.6, 2.2],
    [2, -1, 1],
    [1.7, -1.2, 0.8],
  ].flat(),
);
/** Forty rows of four classes. */
const LABELS_OF_40 = Array.from({ length: 40 }, (_, row) => row % 4);
const LABELS = [0, 0, 0, 1, 1, 1, 2, 2];
const unit = unitRows({ values: ROWS, dim: 3 });

/** Cosines of the first row with all rows. */
function cosines(values: Float32Array, dim: number): number[] {
  const rows = { values, dim };
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  const first = rowAt(rows, 0);
  return Array.from({ length: values.length / dim }, (_, i) => {
    const row = rowAt(rows, i);
    return dot(first, row) / Math.sqrt(dot(first, first) * dot(row, row));
  });
}

describe('closed forms of features with labels', () => {
  // By numpy, from the symmetric root of each matrix (eigh).
  const expected = {
    centred: [1, 0.967374, 0.99332, -0.625233, -0.64304, -0.513777, -0.371946, -0.460216],
    whitened: [1, 0.973049, 0.996025, -0.583299, -0.554685, -0.487803, -0.57121, -0.614605],
    plda: [1, 0.973058, 0.996028, -0.583229, -0.554601, -0.48773, -0.571341, -0.614718],
    'power-plda': [1, 0.966494, 0.993476, -0.405154, -0.458104, -0.270587, -0.504765, -0.538788],
  };

  it('have the cosines of a direct computation', async () => {
    const forms = await closedForms(unit, LABELS, { withPowers: true });
    assert.deepEqual(
      forms.map(({ name }) => name),
      CLOSED_FORMS,
    );
    for (const { name, map } of forms) {
      const { values, dim } = await mapped(unit, map);
      const wanted = name === 'given' ? cosines(ROWS, 3) : expected[name];
      assertAllclose(cosines(values, dim), wanted, { atol: 3e-6 });
    }
  });

  it('leave powers out where they are not asked for', async () => {
    const names = (await closedForms(unit, LABELS)).map(({ name }) => name);
    assert.deepEqual(names, CLOSED_FORMS.slice(0, -1));
  });

  it('are left out where classes do not scatter, or are all the same', async () => {
    const names = async (labels: readonly number[]) =>
      (await closedForms(unit, labels)).map(({ name }) => name);
    assert.deepEqual(await names([0, 1, 2, 3, 4, 5, 6, 7]), ['given', 'centred']);
    assert.deepEqual(await names([0, 0, 0, 0, 0, 0, 0, 0]), ['given', 'centred', 'whitened']);
  });

  it('of more numbers than rows, with rows of zeros, are finite', async () => {
    const dim = 150;
    const wide = unitRows({
      values: Float32Array.from({ length: 6 * dim }, (_, i) => (i < dim ? 0 : Math.sin(i * i))),
      dim,
    });
    for (const { map } of await closedForms(wide, [0, 0, 0, 1, 1, 1]))
      assert.ok((await mapped(wide, map)).values.every(Number.isFinite));
  });

  it('keep the directions in which rows vary when they are made shorter', async () => {
    const values = Float32Array.from(
      { length: 40 * 5 },
      (_, i) => [9, 5, 0.01, 0.02, 0.01][i % 5] * Math.sin(7 * i),
    );
    const identity = { weight: new Float32Array(25), bias: new Float32Array(5) };
    for (let i = 0; i < 5; i++) identity.weight[6 * i] = 1;
    const rows = { values, dim: 5 };
    const shorter = await reduced(identity, rows, LABELS_OF_40, 2);
    assert.equal(shorter.bias.length, 2);
    assertAllclose(cosines((await mapped(rows, shorter)).values, 2), cosines(values, 5), { atol: 1e-3 });
    assert.equal(await reduced(identity, rows, LABELS_OF_40, 5), identity);
  });
});
