import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { buildModel, compile, input, openSession } from '../../src/graph/index.js';
import { evaluate, numbers } from '../support/evaluate.js';

test('a session runs again and again and leaves its feeds alone', async () => {
  const x = input('x', [3]);
  const session = await compile({ outputs: { y: graph.exp(x), z: graph.relu(x) } });
  const feeds = Float32Array.of(-1, 0, 1);
  const first = await session.run({ x: feeds });
  const second = await session.run({ x: Float32Array.of(2, 2, 2) });
  assert.deepEqual(Array.from(feeds), [-1, 0, 1]);
  assert.deepEqual(numbers(first.z), [0, 0, 1], 'earlier results are not overwritten');
  assert.deepEqual(numbers(second.z), [2, 2, 2]);
  assert.deepEqual(Object.keys(first), ['y', 'z']);
  assert.deepEqual(session.inputs, { x: { shape: [3], dtype: 'float32' } });
  await session.close();
});

test('results are written where a caller wants them, in both engines', async () => {
  const x = input('x', [3]);
  const model = buildModel({ outputs: { y: graph.exp(x), z: graph.relu(x), same: x } });
  for (const engine of ['native', 'wasm'] as const) {
    const session = await openSession(model, { engine });
    const into = graph.arraysFor(model);
    assert.deepEqual(Object.keys(into), ['y', 'z', 'same']);
    const first = await session.run({ x: Float32Array.of(-1, 0, 1) }, into);
    assert.equal(first.z, into.z);
    assert.deepEqual(numbers(into.z), [0, 0, 1]);
    await session.run({ x: Float32Array.of(2, 3, -4) }, into);
    assert.deepEqual(
      [numbers(into.z), numbers(into.same)],
      [
        [2, 3, 0],
        [2, 3, -4],
      ],
    );
    const other = await session.run({ x: new Float32Array(3) });
    assert.deepEqual(numbers(other.y), [1, 1, 1]);
    assert.deepEqual(numbers(into.z), [2, 3, 0], `${engine}: later results go elsewhere`);
    await assert.rejects(
      session.run({ x: new Float32Array(3) }, { ...into, z: new Float32Array(2) }),
      /"z": Float32Array of length 2 was given; expected Float32Array of length 3/,
    );
    await session.close();
  }
});

test('one model opens as several sessions with the same results', async () => {
  const x = input('x', [64, 32]);
  const model = buildModel({ outputs: { y: graph.softmax(graph.matmul(x, graph.transpose(x))) } });
  const feeds = { x: Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i)) };
  const [one, two] = [await openSession(model, { threads: 1 }), await openSession(model, { threads: 2 })];
  const [a, b] = await Promise.all([one.run(feeds), two.run(feeds)]);
  assert.deepEqual(a.y, b.y);
  await Promise.all([one.close(), two.close()]);
});

test('every element type goes in and comes out as its typed array', async () => {
  const types = {
    float32: Float32Array.of(1.5, -2),
    float64: Float64Array.of(0.1, -2),
    int32: Int32Array.of(-5, 7),
    int64: BigInt64Array.of(-(2n ** 60n), 3n),
    uint8: Uint8Array.of(0, 255),
    bool: Uint8Array.of(0, 1),
  };
  const outputs = Object.fromEntries(
    Object.keys(types).map((dtype) => [`${dtype} out`, input(dtype, [2], dtype as 'int32')]),
  );
  const got = await evaluate(outputs, types);
  for (const [dtype, values] of Object.entries(types)) {
    assert.equal(got[`${dtype} out`].constructor, values.constructor);
    assert.deepEqual(numbers(got[`${dtype} out`]), numbers(values), dtype);
  }
});

test('closing waits for runs that are under way', async () => {
  const x = input('x', [200, 200]);
  let y = x;
  for (let i = 0; i < 10; i++) y = graph.matmul(y, x);
  const session = await compile({ outputs: { y } });
  const running = session.run({ x: new Float32Array(40_000).fill(0.001) });
  await session.close();
  assert.equal((await running).y.length, 40_000);
});

test('rows added many times over are all counted, also when threads are asked for', async () => {
  const [count, width] = [200_000, 4];
  const [x, rows] = [input('x', [count, width]), input('rows', [count], 'int32')];
  const session = await compile({ outputs: { total: graph.scatterAdd(x, rows, 1) } }, { threads: 4 });
  const feeds = { x: new Float32Array(count * width).fill(1), rows: new Int32Array(count) };
  for (let i = 0; i < 20; i++)
    assert.deepEqual(numbers((await session.run(feeds)).total), Array(width).fill(count));
  await session.close();
});
