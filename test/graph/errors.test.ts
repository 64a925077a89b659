/** What cannot be built or run is refused when it is asked for, with names, shapes and what was expected. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { buildModel, compile, constant, GraphError, gradients, input, sum } from '../../src/graph/index.js';

const scalar = input('scalar', []);
const row = input('row', [3]);
const matrix = input('matrix', [2, 3]);
const image = input('image', [2, 3, 5, 5]);
const whole = input('whole', [2, 3], 'int32');
const double = input('double', [2, 3], 'float64');
const truth = input('truth', [2, 3], 'bool');
const kernel = input('kernel', [4, 3, 3, 3]);
const pair = constant([0, 1], [2], 'int32');
const channels = { gamma: row, beta: row, mean: row, variance: row, epsilon: 1 };

/** What is tried, by a name, and what the message must hold, in order. */
const REFUSED: Readonly<Record<string, readonly [() => unknown, ...string[]]>> = {
  'shapes that do not broadcast': [
    () => graph.add(matrix, input('x', [2, 4])),
    'Add',
    '[2, 3] and [2, 4]',
    'expected equal dimensions or 1',
  ],
  'operands of two types': [() => graph.mul(matrix, double), 'Mul', 'float32 and float64', 'cast'],
  'two numbers': [() => graph.max(1, 2), 'Max', 'expected at least one tensor'],
  'a function of integers': [() => graph.exp(whole), 'Exp', 'int32', 'float'],
  'half an integer': [() => graph.add(whole, 0.5), 'Constant', '0.5', 'int32'],
  'a limit that no integer has': [
    () => graph.clip(whole, 0, Number.POSITIVE_INFINITY),
    'Constant',
    'Infinity',
    'int32',
  ],
  'comparing two types': [() => graph.equal(matrix, whole), 'Equal', 'float32 and int32', 'cast'],
  'logic of numbers': [() => graph.and(truth, whole), 'And', 'int32', 'expected bool'],
  'the negation of a number': [() => graph.not(row), 'Not', 'float32', 'expected bool'],
  'a condition of numbers': [() => graph.where(row, row, row), 'Where', 'float32', 'expected bool'],
  'choosing between types': [() => graph.where(truth, matrix, double), 'Where', 'float32 and float64'],
  'choosing between shapes': [
    () => graph.where(truth, matrix, input('x', [4])),
    'Where',
    '[2, 3] and [2, 3] and [4]',
  ],
  'an inner dimension': [
    () => graph.matmul(matrix, matrix),
    'MatMul',
    'float32 [2, 3]',
    'expected […, M, K] and […, K, N]',
  ],
  'a product with a vector of another length': [
    () => graph.matmul(matrix, input('x', [2])),
    'MatMul',
    '[2, 3]',
    '[2, 1]',
  ],
  'a slice that ends where it starts to go back': [
    () => graph.slice(matrix, 1, 3, -1, -1),
    'Slice',
    'step -1',
    'axis 1',
  ],
  'a place beyond an axis': [
    () => graph.gather(matrix, constant([3], [1], 'int64'), 1),
    'Gather',
    'index 3',
    'size 3',
  ],
  'places of more axes than there are': [
    () => graph.gatherND(matrix, constant([0, 0, 0], [1, 3], 'int64')),
    'GatherND',
    '[2, 3]',
    'D from 1 to 2',
  ],
  'a mirror wider than the image': [
    () => graph.pads(matrix, [1], [3], [0], { mode: 'reflect' }),
    'Pad',
    'reflect padding of 3',
    'at most 2',
  ],
  'parts of other sizes': [() => graph.split(matrix, 1, [1, 1]), 'split', '[2, 3]', 'parts of [1, 1]'],
  'an axis that is not of size 1': [() => graph.squeeze(matrix, [0]), 'squeeze', '[2, 3]', 'expected 1'],
  'one place for two axes': [() => graph.unsqueeze(matrix, [0, -4]), 'unsqueeze', '[0, -4]'],
  'repeats of another rank': [() => graph.tile(matrix, [2]), 'tile', '[2]', '[2, 3]'],
  'blocks that do not divide the channels': [
    () => graph.depthToSpace(image, 2),
    'depthToSpace',
    'blocks of 2',
    '[2, 3, 5, 5]',
  ],
  'a slope that is larger than the value': [() => graph.prelu(row, matrix), 'PRelu', '[2, 3]', '[3]'],
  'groups that do not divide the channels': [
    () => graph.groupNormalization(image, 2),
    'groupNormalization',
    '2 groups',
    '[2, 3, 5, 5]',
  ],
  'a norm of another power': [() => graph.lpNormalize(matrix, { p: 3 }), 'lpNormalize', 'p = 3'],
  'an equation with too few operands': [
    () => graph.einsum('ij,jk->ik', [matrix]),
    'einsum',
    'ij,jk->ik',
    '1 operands',
  ],
  'an equation of another rank': [() => graph.einsum('ijk->i', [matrix]), 'einsum', '"ijk"', '[2, 3]'],
  'a label with two sizes': [
    () => graph.einsum('ij,ik->jk', [matrix, input('x', [4, 2])]),
    'einsum',
    '"i"',
    '2 and 4',
  ],
  'a label from nowhere': [() => graph.einsum('ij->ix', [matrix]), 'einsum', '"x"', 'not on its left'],
  'sizes and scales': [
    () => graph.resize(matrix, { sizes: [2, 2], scales: [1, 1] }),
    'resize',
    '[2, 3]',
    'expected one of them',
  ],
  'an unknown word for coordinates': [
    () => graph.resize(row, { sizes: [5], mode: 'linear', coordinates: 'corner' as 'asymmetric' }),
    'resize',
    '"corner"',
    'half_pixel',
  ],
  'leading axes of products': [
    () => graph.matmul(input('a', [2, 3, 3]), input('b', [4, 3, 3])),
    'MatMul',
    '[2] and [4]',
  ],
  'an inner dimension, transposed': [
    () => graph.gemm(matrix, matrix, { transA: true, transB: true }),
    'Gemm',
    '[2, 3]ᵀ',
    'expected [M, K] and [K, N]',
  ],
  'a product of a stack of matrices': [() => graph.gemm(image, matrix), 'Gemm', '[2, 3, 5, 5]'],
  'an axis beyond the rank': [
    () => graph.sum(matrix, { axes: [2] }),
    'ReduceSum',
    'axis 2',
    '2 dimension(s)',
  ],
  'an axis named twice': [() => graph.mean(matrix, { axes: [1, -1] }), 'ReduceMean', '[1, -1]', '[2, 3]'],
  'an axis of a scalar': [() => graph.softmax(scalar), 'Softmax', 'axis -1', '0 dimension(s)'],
  'a running sum along no axis': [() => graph.cumulativeSum(matrix, 5), 'CumSum', 'axis 5'],
  'other numbers of elements': [() => graph.reshape(matrix, [4, 2]), 'Reshape', '[2, 3]', '6', '[4, 2]'],
  'two dimensions to work out': [() => graph.reshape(matrix, [-1, -1]), 'Reshape', '[-1, -1]'],
  'a remainder to work out': [() => graph.reshape(matrix, [-1, 4]), 'Reshape', '[-1, 4]'],
  'negative dimensions': [() => graph.reshape(matrix, [-2, -3]), 'Reshape', '[-2, -3]'],
  'an order with an axis twice': [() => graph.transpose(matrix, [0, 0]), 'Transpose', '[0, 0]', '[2, 3]'],
  'an order that leaves one out': [() => graph.transpose(matrix, [0]), 'Transpose', '[0]', '2 axes'],
  'expanding to less': [() => graph.expand(matrix, [3]), 'Expand', '[2, 3]', '[3]'],
  'expanding a dimension of 2': [() => graph.expand(matrix, [4, 3]), 'Expand', '[2, 3]', '[4, 3]'],
  'joining nothing': [() => graph.concat([], 0), 'Concat', 'nothing'],
  'joining unequal shapes': [
    () => graph.concat([matrix, input('x', [2, 4])], 0),
    'Concat',
    '[2, 3], [2, 4]',
    'axis 0',
  ],
  'joining types': [() => graph.concat([matrix, double], 0), 'Concat', 'float32, float64', 'cast'],
  'a slice beyond the end': [() => graph.slice(matrix, 1, 1, 4), 'Slice', '[1, 4)', 'axis 1', '[2, 3]'],
  'a slice backwards': [() => graph.slice(matrix, 1, 0, 3, -1), 'Slice', 'step -1'],
  'padding by less than nothing': [() => graph.pad(matrix, 0, -1, 0), 'Pad', 'at least 0'],
  'unequal parts': [() => graph.split(matrix, 1, 2), 'split', 'axis 1', '[2, 3]', '2 equal parts'],
  'rows of a scalar': [() => graph.gather(scalar, pair), 'Gather', 'scalar'],
  'places that are no integers': [() => graph.gather(matrix, row), 'Gather', 'float32', 'int32 or int64'],
  'values for other places': [
    () => graph.scatterAdd(input('x', [3, 2]), constant(0, [2, 3], 'int32'), 4),
    'ScatterND',
    '[3, 2]',
    '[2, 3]',
    'expected',
  ],
  'rows of another width': [
    () => graph.addRows(matrix, pair, input('x', [2, 4])),
    'ScatterND',
    '[2, 4]',
    'expected [2, 3]',
  ],
  'places beyond the other axes': [
    () => graph.gatherElements(matrix, constant(0, [3, 1], 'int32'), 1),
    'GatherElements',
    '[3, 1]',
    '[2, 3]',
    'axis 1',
  ],
  'more than there are': [() => graph.topK(matrix, 4), 'TopK', 'k = 4', '[2, 3]', '1 ≤ k'],
  'half a place': [() => graph.topK(matrix, 1.5), 'TopK', 'k = 1.5'],
  'channels that differ': [
    () => graph.conv2d(image, input('w', [4, 2, 3, 3])),
    'Conv',
    '[2, 3, 5, 5]',
    '[4, 2, 3, 3]',
    'expected [B, C, H, W] and [O, C / groups, K, L]',
  ],
  'a kernel for three groups': [
    () => graph.conv2d(image, input('w', [4, 1, 3, 3]), { groups: 3 }),
    'Conv',
    '[4, 1, 3, 3]',
    '3 groups',
    'O a multiple of groups',
  ],
  'a convolution of signals': [
    () => graph.conv2d(input('x', [2, 3, 9]), input('w', [4, 3, 3])),
    'Conv',
    '[2, 3, 9]',
    'one or three axes',
  ],
  'a bias of other channels': [
    () => graph.conv2d(image, kernel, { bias: row }),
    'Conv',
    '[3]',
    'expected float32 [4]',
  ],
  'channels that a transposed convolution has not': [
    () => graph.convTranspose2d(image, kernel),
    'ConvTranspose',
    '[2, 3, 5, 5]',
    '[C, O / groups, K, L]',
  ],
  'output padding as large as the stride': [
    () => graph.convTranspose2d(image, input('w', [3, 2, 2, 2]), { stride: 2, outputPadding: 2 }),
    'ConvTranspose',
    'below the stride',
  ],
  'pooling of signals': [
    () => graph.maxPool2d(input('x', [2, 3, 9]), { kernel: 2 }),
    'MaxPool',
    '[2, 3, 9]',
    'expected [B, C, H, W]',
  ],
  'a window larger than the image': [
    () => graph.averagePool2d(image, { kernel: 6 }),
    'AveragePool',
    '6,6',
    '[2, 3, 5, 5]',
  ],
  'padding as large as the window': [
    () => graph.maxPool2d(image, { kernel: 2, padding: 2 }),
    'MaxPool',
    'padding below their size',
  ],
  'an average with holes': [
    () => graph.averagePool2d(image, { kernel: 2, dilation: 2 }),
    'AveragePool',
    'dilation',
  ],
  'a kernel larger than the image': [
    () => graph.conv2d(image, input('w', [4, 3, 8, 8]), { padding: 1 }),
    'Conv',
    'padding 1',
    'K ≤ H + padding',
  ],
  'a stride of 0': [() => graph.conv2d(image, kernel, { stride: 0 }), 'Conv', 'stride 0'],
  'half a padding': [() => graph.conv2d(image, kernel, { padding: 0.5 }), 'Conv', 'padding 0.5'],
  'statistics of other channels': [
    () => graph.normalizeChannels(image, { ...channels, mean: input('m', [5]) }),
    'BatchNormalization',
    '[5]',
    '[2, 3, 5, 5]',
    'expected [C]',
  ],
  'a weight of another width': [
    () => graph.layerNormalization(matrix, { weight: input('w', [2]) }),
    'LayerNormalization',
    'weight [2]',
    '[2, 3]',
    'expected [3]',
  ],
  'normalising a scalar': [() => graph.layerNormalization(scalar), 'LayerNormalization', 'scalar'],
  'a factor larger than the value': [
    () => graph.scaleGradient(row, matrix),
    'scaleGradient',
    '[2, 3]',
    '[3]',
  ],
  'passing straight through another shape': [
    () => graph.straightThrough(matrix, row),
    'straightThrough',
    '[2, 3]',
    '[3]',
  ],
  'a rule for integers': [() => graph.customGradient(whole, [], () => []), 'customGradient', 'int32'],
  'too few values': [() => constant([1, 2], [3]), 'Constant', '2 values', '[3]'],
  'a dimension that is not a whole number': [() => constant(0, [1.5]), 'Constant', '[1.5]', 'whole numbers'],
  'a negative dimension': [() => input('x', [-1]), 'Input', '[-1]', 'whole numbers'],
  'a byte beyond 255': [() => constant([256], [1], 'uint8'), 'Constant', '256', 'uint8'],
};

for (const [what, [attempt, ...parts]] of Object.entries(REFUSED))
  test(`refused: ${what}`, () => {
    assert.throws(attempt, (error: Error) => {
      assert.ok(error instanceof GraphError, String(error));
      let from = 0;
      for (const part of parts) {
        const at = error.message.indexOf(part, from);
        assert.ok(at >= 0, `"${error.message}" does not go on with "${part}"`);
        from = at + part.length;
      }
      return true;
    });
  });

test('differentiating twice through a node without a second derivative names its operator', () => {
  const y = graph.conv2d(image, kernel);
  const [dx] = gradients(sum(graph.square(y)), [image]);
  assert.throws(
    () => gradients(sum(dx), [kernel]),
    /Conv has no gradient.*inputs \[2, 4, 3, 3\].*stopGradient/,
  );
});

test('gradients of what has none are refused', () => {
  assert.throws(() => gradients(matrix, [matrix]), /\[2, 3\] is not a scalar; give the gradient/);
  assert.throws(() => gradients(sum(matrix), [whole]), /Input \[2, 3\] is int32/);
  assert.throws(() => gradients(sum(whole), [matrix]), /ReduceSum \[\] is int32/);
  assert.throws(
    () => gradients(sum(graph.mul(constant(2), matrix)), [constant(2)]),
    /Constant \[\] takes no/,
  );
  assert.throws(() => graph.gradientsOf([matrix], [matrix], []), /1 outputs with 0 seeds/);
  assert.throws(() => graph.gradientsOf([matrix], [matrix], [row]), /\[3\] arrived, expected \[2, 3\]/);
});

test('a rule that gives a gradient of the wrong shape is named', () => {
  const wrong = graph.customGradient(graph.mul(matrix, 2), [matrix], () => [row]);
  assert.throws(
    () => gradients(sum(wrong), [matrix]),
    /gradient of Input: shape \[3\] arrived, expected \[2, 3\]/,
  );
});

test('names: two inputs of one name, an output named like an input', () => {
  const other = input('row', [2]);
  assert.throws(() => buildModel({ outputs: { a: row, b: other } }), /two different inputs are named "row"/);
  assert.throws(
    () => buildModel({ outputs: { row: graph.neg(row) } }),
    /output "row" has the name of an input/,
  );
});

test('feeds: missing, of the wrong type, of the wrong length; a closed session', async () => {
  const session = await compile({ outputs: { y: graph.add(matrix, 1) } });
  await assert.rejects(session.run({}), /input "matrix" \[2, 3\] is missing; expected a Float32Array/);
  await assert.rejects(
    session.run({ matrix: new Float64Array(6) }),
    /"matrix": Float64Array of length 6 was given; expected Float32Array of length 6 for \[2, 3\]/,
  );
  await assert.rejects(
    session.run({ matrix: new Float32Array(5) }),
    /"matrix": Float32Array of length 5 was given; expected Float32Array of length 6/,
  );
  await session.close();
  await session.close();
  await assert.rejects(session.run({ matrix: new Float32Array(6) }), /the session is closed/);
});
