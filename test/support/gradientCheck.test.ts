import assert from 'node:assert/strict';
import test from 'node:test';
import { customGradient, exp, mul, sumTo, type Tensor } from '../../src/graph/index.js';
import { checkGradient } from './gradientCheck.js';

test('checkGradient accepts a right rule', async () => {
  await checkGradient(([x, y]) => mul(exp(x), y), [[2, 3], [3]]);
  await checkGradient(([x]) => exp(x), [[3]], { dtype: 'float32' });
});

test('checkGradient finds a rule that is wrong by one thousandth, in either type', async () => {
  const wrong = (x: Tensor) => customGradient(exp(x), [x], ([g]) => [mul(mul(g!, exp(x)), 1.001)]);
  await assert.rejects(
    checkGradient(([x]) => wrong(x), [[2, 2]], { label: 'wrong' }),
    /wrong: gradient of input 0: 4 of 4/,
  );
  await assert.rejects(
    checkGradient(([x]) => wrong(x), [[2, 2]], { dtype: 'float32', atol: 0, rtol: 5e-4 }),
    /gradient of input 0/,
  );
});

test('checkGradient finds a forgotten input and a gradient at the wrong place', async () => {
  const forgotten = (x: Tensor, y: Tensor) => customGradient(mul(x, y), [x], ([g]) => [mul(g!, y)]);
  await assert.rejects(
    checkGradient(([x, y]) => forgotten(x, y), [[2], [2]]),
    /gradient of input 1/,
  );
  const summed = (x: Tensor, y: Tensor) =>
    customGradient(mul(x, y), [x, y], ([g]) => [mul(g!, y), sumTo(mul(g!, mul(x, y)), y.shape)]);
  await assert.rejects(
    checkGradient(([x, y]) => summed(x, y), [[2, 2], [2]]),
    /gradient of input 1/,
  );
});
