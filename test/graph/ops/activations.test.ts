import test from 'node:test';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate } from '../../support/evaluate.js';
import { cases } from '../cases/activations.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('gelu far from 0 is the identity or 0', async () => {
  const x = input('x', [4]);
  const y = graph.gelu(x);
  const [grad] = gradients(sum(y), [x]);
  const values = await evaluate({ y, grad }, { x: Float32Array.of(-100, -20, 20, 100) });
  assertAllclose(values.y, [0, 0, 20, 100], { atol: 1e-6 });
  assertAllclose(values.grad, [0, 0, 1, 1], { atol: 1e-6 });
});

test('activations far from 0 keep finite values and slopes', async () => {
  const x = input('x', [2]);
  const functions = {
    softplus: graph.softplus(x),
    mish: graph.mish(x),
    silu: graph.silu(x),
    elu: graph.elu(x),
    geluTanh: graph.geluTanh(x),
  };
  for (const [name, y] of Object.entries(functions)) {
    const [grad] = gradients(sum(y), [x]);
    const got = await evaluate({ y, grad }, { x: Float32Array.of(-90, 90) });
    assertAllclose(got.y, [name === 'elu' ? -1 : 0, 90], { atol: 1e-6 }, name);
    assertAllclose(got.grad, [0, 1], { atol: 1e-6 }, `${name}, slope`);
  }
});
