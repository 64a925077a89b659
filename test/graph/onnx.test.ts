import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import {
  buildModel,
  constant,
  gradients,
  input,
  OPSET,
  openSession,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { numbers } from '../support/evaluate.js';
import { readModel } from '../support/protobuf.js';

/** A small recipe with most kinds of nodes: two outputs of one node, constants, gradients. */
function recipe(): Record<string, Tensor> {
  const [x, w] = [input('x', [2, 4]), input('w', [3, 4])];
  const top = graph.topK(graph.softmax(graph.affine(x, w)), 2);
  const loss = sum(graph.mul(top.values, constant([1, 2], [2])));
  const [dx, dw] = gradients(loss, [x, w]);
  return { loss, dx, dw, places: top.indices };
}

test('the same recipe gives the same bytes, whatever was built before', () => {
  const first = buildModel({ outputs: recipe(), metadata: { a: '1' } }).bytes;
  for (let i = 0; i < 37; i++) graph.exp(input(`other ${i}`, [2]));
  const second = buildModel({ outputs: recipe(), metadata: { a: '1' } }).bytes;
  assert.deepEqual(second, first);
  const tensors = recipe();
  buildModel({ outputs: { loss: tensors.loss } });
  assert.deepEqual(buildModel({ outputs: tensors, metadata: { a: '1' } }).bytes, first);
});

test('the file says its operator set, inputs, outputs and metadata', () => {
  const metadata = { 'hier.version': '1', classes: 'Möwe, 海鸥', empty: '' };
  const model = buildModel({ outputs: recipe(), metadata, graphName: 'recipe' });
  const read = readModel(model.bytes);
  assert.equal(read.opset, OPSET);
  assert.equal(read.domain, '');
  assert.equal(read.irVersion, 8);
  assert.equal(read.producer, 'hier');
  assert.equal(read.graphName, 'recipe');
  assert.deepEqual(read.metadata, metadata);
  assert.deepEqual(read.inputs.sort(), ['w', 'x']);
  assert.deepEqual(read.outputs, ['loss', 'dx', 'dw', 'places']);
  assert.deepEqual(model.inputs.x, { shape: [2, 4], dtype: 'float32' });
  assert.deepEqual(model.outputs.places, { shape: [2, 2], dtype: 'int64' });
  assert.deepEqual(structuredClone(model), model, 'a model can be sent to a worker');
});

test('every value has one maker, before its users, and only standard operators make them', () => {
  const read = readModel(buildModel({ outputs: recipe() }).bytes);
  const known = new Set([...read.inputs, ...read.initializers.map(({ name }) => name)]);
  for (const node of read.nodes) {
    assert.equal(node.domain, '');
    for (const name of node.inputs) assert.ok(known.has(name), `${node.op} reads ${name} too early`);
    for (const name of node.outputs) {
      assert.ok(!known.has(name), `${name} is made twice`);
      known.add(name);
    }
  }
  for (const name of read.outputs) assert.ok(known.has(name));
  assert.equal(new Set(read.nodes.map(({ name }) => name)).size, read.nodes.length);
});

test('inner names keep clear of the names of inputs and outputs', async () => {
  const [t0, c0, t1] = [input('t0', [2]), input('c0', [2]), input('t1', [2])];
  const y = graph.mul(graph.add(graph.add(t0, c0), t1), 3);
  const session = await openSession(buildModel({ outputs: { t2: y, c1: graph.neg(y) } }));
  const got = await session.run({
    t0: Float32Array.of(1, 2),
    c0: Float32Array.of(10, 20),
    t1: Float32Array.of(100, 200),
  });
  assert.deepEqual(numbers(got.t2), [333, 666]);
  assert.deepEqual(numbers(got.c1), [-333, -666]);
  await session.close();
});

test('names from JavaScript’s own objects are names like any other', () => {
  const x = input('constructor', [1]);
  const model = buildModel({ outputs: { toString: graph.neg(x) } });
  assert.deepEqual(Object.keys(model.inputs), ['constructor']);
  assert.deepEqual(readModel(model.bytes).outputs, ['toString']);
});

test('nodes that no output needs are left out, also inputs and those of gradients alone', () => {
  const [x, unused] = [input('x', [2]), input('unused', [2])];
  const y = graph.exp(x);
  graph.log(y);
  const made = graph.customGradient(y, [graph.sigmoid(unused)], ([g]) => [g!]);
  const model = buildModel({ outputs: { made } });
  const ops = readModel(model.bytes).nodes.map(({ op }) => op);
  assert.ok(!ops.includes('Log') && !ops.includes('Sigmoid'), ops.join());
  assert.equal(ops.filter((op) => op === 'Exp').length, 1);
  assert.deepEqual(Object.keys(model.inputs), ['x']);
});

test('equal constants are stored once; other type, shape, sign of zero or last bit: twice', () => {
  const big = Array.from({ length: 100 }, (_, i) => i);
  const stored = (...constants: Tensor[]) => {
    const outputs = Object.fromEntries(constants.map((c, i) => [`y${i}`, graph.neg(c)]));
    return readModel(buildModel({ outputs }).bytes).initializers.length;
  };
  assert.equal(stored(constant(2, [3]), constant([2, 2, 2], [3])), 1);
  assert.equal(stored(constant(big, [100]), constant(big, [100])), 1);
  assert.equal(stored(constant(big, [100]), constant(big.with(99, 0), [100])), 2);
  assert.equal(stored(constant(2, [3]), constant(2, [3], 'float64')), 2);
  assert.equal(stored(constant(2, [4]), constant(2, [2, 2])), 2);
  assert.equal(stored(constant([0, -0], [2]), constant([-0, 0], [2])), 2);
  assert.equal(stored(constant(Number.NaN), constant(Number.NaN)), 1);
});

test('constants of every type arrive unchanged', async () => {
  const values = {
    float32: [1.5, -0.1, 3e38],
    float64: [0.1, 1e300, -1],
    int32: [-(2 ** 31), 0, 2 ** 31 - 1],
    int64: [-(2 ** 53) + 1, 0, 2 ** 53 - 1],
    uint8: [0, 7, 255],
    bool: [0, 1, 1],
  } as const;
  const outputs = Object.fromEntries(
    Object.entries(values).map(([dtype, list]) => [dtype, constant(list, [3], dtype as 'int32')]),
  );
  const session = await openSession(buildModel({ outputs }));
  const got = await session.run({});
  for (const [dtype, list] of Object.entries(values))
    assert.deepEqual(numbers(got[dtype]), dtype === 'float32' ? list.map(Math.fround) : [...list], dtype);
  await session.close();
});

test('inputs may be bound to values that the model then holds; they must fit', async () => {
  const [x, w] = [input('x', [2]), input('w', [2])];
  const outputs = { y: graph.mul(x, w) };
  const model = buildModel({ outputs, bound: { w: Float32Array.of(3, 4) } });
  assert.deepEqual(Object.keys(model.inputs), ['x']);
  const session = await openSession(model);
  assert.deepEqual(numbers((await session.run({ x: Float32Array.of(1, 2) })).y), [3, 8]);
  await session.close();
  assert.throws(
    () => buildModel({ outputs, bound: { w: Float32Array.of(3) } }),
    /"w": Float32Array of length 1 was given; expected Float32Array of length 2/,
  );
});

test('inner tensors may be given under a name: nothing behind them is in the model', async () => {
  const x = input('x', [2, 3]);
  const { values, indices } = graph.topK(graph.exp(x), 2);
  const y = graph.mul(values, graph.cast(indices, 'float32'));
  const whole = buildModel({ outputs: { y }, given: new Map([[values, 'fed']]) });
  assert.deepEqual(Object.keys(whole.inputs), ['x', 'fed']);
  const model = buildModel({
    outputs: { y, again: values },
    given: new Map([
      [values, 'fed'],
      [indices, 'places'],
    ]),
  });
  assert.deepEqual(Object.keys(model.inputs), ['fed', 'places']);
  assert.ok(!readModel(model.bytes).nodes.some(({ op }) => op === 'Exp' || op === 'TopK'));
  for (const [built, feeds] of [
    [whole, { x: Float32Array.of(0, 2, 1, 5, 4, 3) }],
    [model, { places: BigInt64Array.of(1n, 2n, 0n, 1n) }],
  ] as const) {
    const session = await openSession(built);
    const got = await session.run({ ...feeds, fed: Float32Array.of(10, 20, 30, 40) });
    assert.deepEqual(numbers(got.y), [10, 40, 0, 40]);
    await session.close();
  }
});

test('an output may be an input, a constant, or the same tensor twice', async () => {
  const x = input('x', [2]);
  const session = await openSession(buildModel({ outputs: { a: x, b: x, c: constant(5, [1]) } }));
  const got = await session.run({ x: Float32Array.of(1, 2) });
  assert.deepEqual([numbers(got.a), numbers(got.b), numbers(got.c)], [[1, 2], [1, 2], [5]]);
  await session.close();
});
