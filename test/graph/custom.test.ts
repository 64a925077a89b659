import assert from 'node:assert/strict';
import test from 'node:test';
import {
  add,
  applyOperator,
  buildModel,
  compile,
  constant,
  customGradient,
  defineOperator,
  gemm,
  gradients,
  input,
  mul,
  openSession,
  sqrt,
  sub,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { numbers } from '../support/evaluate.js';

/** The sum of two rows, backwards, times a factor; and how often it was computed. */
const calls: number[] = [];
const TURNED = defineOperator('test: turned', ([{ data: a }, { data: b, shape }], { factor }) => {
  calls.push(factor);
  const n = shape[0];
  return [Float32Array.from({ length: n }, (_, i) => factor * (Number(a[n - 1 - i]) + Number(b[n - 1 - i])))];
});
const turned = (a: Tensor, b: Tensor, factor = 1): Tensor =>
  applyOperator(TURNED, [a, b], { factor }, [{ shape: a.shape, dtype: 'float32' }])[0];

const x = input('x', [3]);
const y = input('y', [3]);
const feeds = { x: Float32Array.of(1, 2, 3), y: Float32Array.of(10, 20, 30) };

async function run(outputs: Record<string, Tensor>, given: Record<string, Float32Array> = feeds) {
  const session = await compile({ outputs }, { threads: 1 });
  try {
    const wanted = Object.keys(session.inputs).map((name) => [name, given[name]] as const);
    const values = await session.run(Object.fromEntries(wanted));
    return Object.fromEntries(Object.entries(values).map(([name, data]) => [name, numbers(data)]));
  } finally {
    await session.close();
  }
}

test('custom operators compute with inputs, with constants, with what was computed, and with each other', async () => {
  const doubled = mul(x, 2);
  const first = turned(doubled, constant([1, 1, 1], [3]));
  const second = turned(first, y, 10);
  const found = await run({ plain: turned(x, y), first, both: add(sub(second, x), doubled), doubled });
  assert.deepEqual(found, {
    plain: [33, 22, 11],
    first: [7, 5, 3],
    both: [10 * 33 + 1, 10 * 25 + 2, 10 * 17 + 3],
    doubled: [2, 4, 6],
  });
});

test('a custom operator is computed once, though several results come of it', async () => {
  calls.length = 0;
  const one = turned(x, y, 5);
  await run({ a: add(one, 1), b: mul(one, one), c: one });
  assert.deepEqual(calls, [5]);
});

test('what is dear and wanted on both sides is computed once, and passed on', () => {
  const root = sqrt(gemm(input('m', [3, 3]), input('n', [3, 3])));
  const flat = sum(root, { axes: [0] });
  const { before, inputs } = buildModel({ outputs: { z: add(turned(flat, flat), root) } });
  assert.ok(!('m' in inputs) && !('n' in inputs));
  assert.deepEqual(Object.keys(before!.model!.inputs).sort(), ['m', 'n']);
});

test('gradients pass it by a rule of its own', async () => {
  const value = turned(mul(x, x), y);
  const result = customGradient(sum(value), [x], ([g]) => [mul(mul(x, 2), g!)]);
  const [gradient] = gradients(mul(result, 3), [x]);
  const found = await run({ result, gradient });
  assert.deepEqual(found, { result: [74], gradient: [6, 12, 18] });
});

test('a model with custom operators is plain data, for other threads and machines', async () => {
  const model = structuredClone(buildModel({ outputs: { z: add(turned(mul(x, 2), y), 1) } }));
  const session = await openSession(model, { threads: 1 });
  const z = new Float32Array(3);
  await session.run(feeds, { z });
  assert.deepEqual([...z], [37, 25, 13]);
  await assert.rejects(session.run({ x: feeds.x }), /input "y".* is missing/);
  await session.close();
  await assert.rejects(session.run(feeds), /closed/);
});

test('what cannot be is refused', async () => {
  assert.throws(() => defineOperator('test: turned', () => []), /defined twice/);
  assert.throws(() => buildModel({ outputs: { z: turned(x, y) }, anyBatch: 997 }), /custom operators/);
  const unknown = applyOperator({ name: 'test: elsewhere' }, [x], {}, [x])[0];
  await assert.rejects(run({ unknown }), /"test: elsewhere" is not defined here/);
  const wrong = defineOperator('test: wrong', () => [new Float32Array(2)]);
  await assert.rejects(
    run({ wrong: applyOperator(wrong, [x], {}, [x])[0] }),
    /result 0 is not Float32Array \[3\]/,
  );
});

test('a value bound into the model is computed with as one that is fed', async () => {
  const model = buildModel({ outputs: { z: turned(x, y) }, bound: { y: feeds.y } });
  const session = await openSession(model, { threads: 1 });
  assert.deepEqual(Object.keys(session.inputs), ['x']);
  assert.deepEqual(numbers((await session.run({ x: feeds.x })).z), [33, 22, 11]);
  await session.close();
});
