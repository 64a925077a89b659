/** What cannot be built or run is refused when it is asked for, with names, shapes and what was expected. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { buildModel, compile, constant, gradients, input, sum } from '../../src/graph/index.js';
import { type Refused, testRefused } from './refused.js';

const scalar = input('scalar', []);
const row = input('row', [3]);
const matrix = input('matrix', [2, 3]);
const image = input('image', [2, 3, 5, 5]);
const whole = input('whole', [2, 3], 'int32');
const double = input('double', [2, 3], 'float64');
const truth = input('truth', [2, 3], 'bool');
const kernel = input('kernel', [4, 3, 3, 3]);
const pair = constant([0, 1], [2], 'int32');

const REFUSED: Refused = {
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

testRefused(REFUSED);

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
