import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { averageCosts, costLines, flopOf, operatorCosts, together } from '../../bench/profileTable.js';
import { arraysFor, buildModel, conv2d, input, matmul, openSession, relu } from '../../src/graph/index.js';

test('products are counted by their shapes, in every form that the engine gives them', () => {
  const square = [4, 4];
  assert.equal(flopOf('Gemm', [[3, 5], [5, 7], [7]], [[3, 7]]), 2 * 3 * 5 * 7);
  assert.equal(
    flopOf(
      'Gemm',
      [
        [5, 3],
        [5, 7],
      ],
      [[3, 7]],
    ),
    2 * 3 * 5 * 7,
  ); // the first operand is read transposed
  assert.equal(
    flopOf(
      'FusedMatMul',
      [
        [2, 3, 5],
        [2, 7, 5],
      ],
      [[2, 3, 7]],
    ),
    2 * 2 * 3 * 5 * 7,
  );
  assert.equal(
    flopOf('FusedConv', [[2, 3, ...square], [8, 3, 3, 3], [8]], [[2, 8, ...square]]),
    2 * 2 * 16 * 8 * 27,
  );
  assert.equal(
    flopOf(
      'Conv',
      [
        [2, 8, ...square],
        [8, 1, 3, 3],
      ],
      [[2, 8, ...square]],
    ),
    2 * 2 * 16 * 8 * 9,
  );
  assert.equal(
    flopOf(
      'ConvTranspose',
      [
        [2, 3, ...square],
        [3, 8, 2, 2],
      ],
      [[2, 8, 8, 8]],
    ),
    2 * 2 * 16 * 3 * 32,
  );
  assert.equal(flopOf('Relu', [square], [square]), 0);
});

test('a node counts with its fastest run, as often as it runs in a step', () => {
  const event = (name: string, op: string, dur: number) => ({
    cat: 'Node',
    name: `${name}_kernel_time`,
    dur,
    args: {
      op_name: op,
      input_type_shape: [{ float: [10] }, { int64: [1] }],
      output_type_shape: [{ float: [10] }],
    },
  });
  const events = [
    { cat: 'Session', name: 'model_run', dur: 1e6 },
    ...[event('n0', 'Relu', 30), event('n0', 'Relu', 10), event('n1', 'Relu', 5), event('n1', 'Relu', 7)],
  ];
  const [{ seconds, ...rest }] = operatorCosts(events, 1);
  assert.ok(Math.abs(seconds - 30e-6) < 1e-12);
  assert.deepEqual(rest, { operator: 'Relu', nodes: 2, flop: 0, bytes: 4 * (40 + 8 + 40) });
  const half = operatorCosts(events, 2);
  assert.ok(Math.abs(half[0].seconds - 15e-6) < 1e-12);
  assert.deepEqual(averageCosts([half, half]), half);
});

test('the records of a session that is told to keep them add up to its products', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hier-profile-test-'));
  try {
    const [x, w, v] = [input('x', [2, 3, 8, 8]), input('w', [4, 3, 3, 3]), input('v', [8, 5])];
    const model = buildModel({ outputs: { y: matmul(relu(conv2d(x, w, { padding: 1 })), v) } });
    const session = await openSession(model, {
      engine: 'native',
      threads: 1,
      profile: join(folder, 'engine'),
    });
    const { y, ...feeds } = { ...arraysFor({ ...model, outputs: model.inputs }), ...arraysFor(model) };
    for (let i = 0; i < 2; i++) await session.run(feeds, { y });
    await session.close();
    const [file, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    const costs = operatorCosts(JSON.parse(readFileSync(join(folder, file), 'utf8')), 2);
    const products = together(costs, 'products', true);
    assert.equal(products.flop, 2 * (2 * 64 * 4 * 27) + 2 * (2 * 4 * 8 * 8 * 5));
    assert.ok(products.seconds > 0 && costLines(costs).some((line) => line.includes('GFLOP/s')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
