/** The WebAssembly engine gives the native engine's numbers, here in Node. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { compile, gradients, input, sum, type Tensor, type TensorData } from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose, type Tolerance } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';
import { everyCase } from './everyCase.js';

const WASM = { engine: 'wasm' } as const;

/** Runs outputs on both engines and compares all of them. */
async function compareEngines(
  outputs: Record<string, Tensor>,
  feeds: Record<string, TensorData>,
  tolerance: Tolerance,
): Promise<void> {
  const native = await evaluate(outputs, feeds);
  const wasm = await evaluate(outputs, feeds, WASM);
  for (const name of Object.keys(outputs)) {
    assert.equal(wasm[name].constructor, native[name].constructor, name);
    assertAllclose(wasm[name], native[name] as Float32Array, tolerance, name);
  }
}

function drawn(shape: readonly number[], purpose: string): Float32Array {
  const random = randomStream(11, purpose);
  return Float32Array.from({ length: graph.sizeOf(shape) }, () => random.normal());
}

for (const dtype of ['float32', 'float64'] as const)
  test(`every ${dtype} case of every operator, forward and backward`, async () => {
    const { outputs, feeds } = everyCase(dtype);
    const tolerance = dtype === 'float32' ? { rtol: 1e-5, atol: 2e-6 } : { rtol: 1e-6, atol: 1e-9 };
    // Models of many thousand nodes take more than their share of time to load.
    const names = Object.keys(outputs);
    for (let start = 0; start < names.length; start += 50) {
      const part = names.slice(start, start + 50).map((name) => [name, outputs[name]]);
      await compareEngines(Object.fromEntries(part), feeds, tolerance);
    }
  });

test('a perceptron with layer normalisation and GELU, and its gradients', async () => {
  const shapes = { x: [6, 16], w1: [32, 16], b1: [32], gain: [16], bias: [16], w2: [4, 32] };
  const t = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const normal = graph.layerNormalization(t.x, { weight: t.gain, bias: t.bias });
  const y = graph.matmul(graph.gelu(graph.affine(normal, t.w1, t.b1)), graph.transpose(t.w2));
  const loss = graph.mean(graph.logSumExp(y, { axes: [1] }));
  const names = Object.keys(shapes);
  const grads = gradients(
    loss,
    names.map((name) => t[name]),
  );
  await compareEngines(
    { y, loss, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, grads[i]])) },
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(shape, name)])),
    { rtol: 1e-5, atol: 2e-6 },
  );
});

test('convolution, batch normalisation in training and pooling, and their gradients', async () => {
  const shapes = { x: [4, 3, 9, 8], w: [5, 3, 3, 3], gamma: [5], beta: [5] };
  const t = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]));
  const y = graph.conv2d(t.x, t.w, { stride: 2, padding: 1 });
  const normal = graph.normalizeBatch(y, { gamma: t.gamma, beta: t.beta, epsilon: 1e-5 });
  const active = graph.relu(normal.result);
  const pooled = graph.add(graph.globalAveragePool(active), graph.globalMaxPool(active));
  const names = Object.keys(shapes);
  const grads = gradients(
    sum(graph.square(pooled)),
    names.map((name) => t[name]),
  );
  await compareEngines(
    { pooled, mean: normal.mean, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, grads[i]])) },
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(shape, name)])),
    { rtol: 1e-4, atol: 2e-5 },
  );
});

test('gather, scatter and top-k with indices that are fed, and their gradients', async () => {
  const [x, rows] = [input('x', [8, 10]), input('rows', [5], 'int32')];
  const best = graph.topK(graph.gather(x, rows), 3);
  const back = graph.gatherElements(x, graph.topK(x, 4).indices, 1);
  const spread = graph.scatterAdd(best.values, rows, 8);
  const loss = graph.add(sum(graph.square(spread)), sum(graph.exp(back)));
  await compareEngines(
    { spread, indices: best.indices, d: gradients(loss, [x])[0] },
    { x: drawn([8, 10], 'x'), rows: Int32Array.of(7, 0, 7, 3, 7) },
    { rtol: 1e-5, atol: 1e-6 },
  );
});

test('runs that overlap, of one session and of two, keep their order and results', async () => {
  const x = input('x', [2]);
  const double = await compile({ outputs: { y: graph.mul(x, 2) } }, WASM);
  const square = await compile({ outputs: { y: graph.mul(x, x) } }, WASM);
  const done: string[] = [];
  const run = async (name: string, session: typeof double, value: number) => {
    const { y } = await session.run({ x: Float32Array.of(value, -value) });
    done.push(name);
    return numbers(y);
  };
  const results = await Promise.all([
    run('a', double, 3),
    run('b', square, 3),
    run('c', double, 5),
    run('d', square, 7),
  ]);
  assert.deepEqual(results, [
    [6, -6],
    [9, 9],
    [10, -10],
    [49, 49],
  ]);
  assert.deepEqual(done, ['a', 'b', 'c', 'd']);
  await double.close();
  await square.close();
});

test('a failed run leaves the engine usable', async () => {
  const [x, rows] = [input('x', [2, 1]), input('rows', [1], 'int32')];
  const session = await compile({ outputs: { y: graph.gather(x, rows) } }, WASM);
  const feeds = (row: number) => ({ x: Float32Array.of(4, 5), rows: Int32Array.of(row) });
  await assert.rejects(session.run(feeds(9)));
  assert.deepEqual(numbers((await session.run(feeds(1))).y), [5]);
  await session.close();
  await assert.rejects(session.run(feeds(1)), /the session is closed/);
});
