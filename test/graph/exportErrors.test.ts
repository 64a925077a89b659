/** Operators of real exports, from convolution to resampling, refuse what does not fit, as errors.test.ts says. */
import * as graph from '../../src/graph/index.js';
import { constant, input } from '../../src/graph/index.js';
import { testRefused } from './refused.js';

const row = input('row', [3]);
const matrix = input('matrix', [2, 3]);
const image = input('image', [2, 3, 5, 5]);
const kernel = input('kernel', [4, 3, 3, 3]);
const channels = { gamma: row, beta: row, mean: row, variance: row, epsilon: 1 };

testRefused({
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
});
