/** Operators and their gradients against what PyTorch and ONNX Runtime's own operators compute (fixtures/operators). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { constant, gradients, input, sum, type Tensor } from '../../src/graph/index.js';
import {
  type Coordinates,
  type Interpolation,
  type Rounding,
  weightsOf,
} from '../../src/graph/ops/resizeWeights.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate } from '../support/evaluate.js';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Fixture {
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly inputs: readonly Numbers[];
        readonly cotangent: Numbers;
        readonly value: Numbers;
        readonly gradients: readonly Numbers[];
      }
    >
  >;
  readonly resize: readonly {
    readonly source: number;
    readonly target: number;
    readonly scale: number;
    readonly coordinates: Coordinates;
    readonly mode: Interpolation;
    readonly nearest: Rounding | null;
    readonly attributes: { antialias?: number; exclude_outside?: number; cubic_coeff_a?: number };
    readonly rows: readonly (readonly number[])[];
  }[];
}

const fixture = JSON.parse(
  readFileSync(join('test', 'fixtures', 'operators', 'operators.json'), 'utf8'),
) as Fixture;

const convolution =
  (options: graph.ConvOptions) =>
  (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
    graph.conv2d(x, weight, { ...options, bias });
const maxima = (options: graph.PoolOptions) => (x: Tensor) => graph.maxPool2d(x, options);
const averages = (options: graph.AveragePoolOptions) => (x: Tensor) => graph.averagePool2d(x, options);
const resized = (options: graph.ResizeOptions) => (x: Tensor) =>
  graph.resize(x, { axes: [2, 3], ...options });

/** What each case of the fixture is here. */
const BUILT: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>> = {
  'conv2d: plain': convolution({ padding: 1 }),
  'conv2d: strides': convolution({ stride: [2, 3], padding: [1, 0, 1, 0] }),
  'conv2d: holes': convolution({ dilation: [2, 1], padding: [2, 1, 2, 1] }),
  'conv2d: groups': convolution({ groups: 2, padding: 1 }),
  'conv2d: depthwise': convolution({ groups: 3, padding: 1 }),
  'conv2d: depthwise, stride 2': convolution({ groups: 3, padding: 1, stride: 2 }),
  'conv2d: depthwise, kernel 5': convolution({ groups: 2, padding: 2, stride: 2 }),
  'conv2d: depthwise, twice the channels': convolution({ groups: 2, padding: 1 }),
  'conv2d: one-sided padding': convolution({ stride: 2, padding: [0, 0, 1, 1] }),
  convTranspose2d: (x, weight, bias) =>
    graph.convTranspose2d(x, weight, { bias, stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
  'maxPool2d: ties': maxima({ kernel: 3, stride: 2, padding: 1 }),
  'maxPool2d: ceil': maxima({ kernel: 3, stride: 2, ceil: true }),
  'maxPool2d: holes': maxima({ kernel: [2, 3], stride: [1, 2], padding: 1, dilation: 2 }),
  'averagePool2d: counted': averages({ kernel: 3, stride: 2, padding: 1, countPadding: true }),
  'averagePool2d: not counted': averages({ kernel: 3, stride: 2, padding: 1 }),
  'averagePool2d: ceil, counted': averages({
    kernel: 3,
    stride: 2,
    padding: 1,
    ceil: true,
    countPadding: true,
  }),
  'averagePool2d: ceil, not counted': averages({
    kernel: [3, 2],
    stride: 2,
    padding: [1, 0, 1, 0],
    ceil: true,
  }),
  gelu: graph.gelu,
  geluTanh: graph.geluTanh,
  silu: graph.silu,
  hardSigmoid: (x) => graph.hardSigmoid(x, 1 / 6, 0.5),
  hardSwish: graph.hardSwish,
  hardTanh: (x) => graph.hardTanh(x, 0, 6),
  leakyRelu: (x) => graph.leakyRelu(x, 0.1),
  elu: (x) => graph.elu(x, 0.7),
  selu: (x) => graph.selu(x),
  celu: (x) => graph.celu(x, 1.5),
  softplus: graph.softplus,
  softsign: graph.softsign,
  mish: graph.mish,
  thresholdedRelu: (x) => graph.thresholdedRelu(x, 0.5),
  prelu: (x, slope) => graph.prelu(x, graph.reshape(slope, [3, 1, 1])),
  layerNormalization: (x, weight, bias) => graph.layerNormalization(x, { weight, bias, axis: 1 }),
  'layerNormalization: no bias': (x, weight) => graph.layerNormalization(x, { weight }),
  rmsNormalization: (x, weight) => graph.rmsNormalization(x, { weight }),
  instanceNormalization: (x, weight, bias) => graph.instanceNormalization(x, { weight, bias }),
  groupNormalization: (x, weight, bias) => graph.groupNormalization(x, 2, { weight, bias }),
  normalizeChannels: (x, gamma, beta) =>
    graph.normalizeChannels(x, {
      gamma,
      beta,
      mean: constant([0.5, -1, 2], [3]),
      variance: constant([0.3, 2, 1], [3]),
      epsilon: 1e-5,
    }),
  lpNormalize: (x) => graph.lpNormalize(x, { p: 1, axis: 1 }),
  logSoftmax: (x) => graph.logSoftmax(x, 1),
  reduceL1: (x) => graph.reduceL1(x, { axes: [0, 2] }),
  reduceL2: (x) => graph.reduceL2(x, { axes: [1], keepDims: true }),
  reduceProduct: (x) => graph.reduceProduct(x, { axes: [1] }),
  'einsum: bhid,bhjd->bhij': (...operands) => graph.einsum('bhid,bhjd->bhij', operands),
  'einsum: ii,ij->j': (...operands) => graph.einsum('ii,ij->j', operands),
  matmul: graph.matmul,
  'pads: reflect': (x) => graph.pads(x, [2, 3], [1, 2], [0, 1], { mode: 'reflect' }),
  'pads: edge': (x) => graph.pads(x, [2, 3], [1, 2], [0, 1], { mode: 'edge' }),
  depthToSpace: (x) => graph.depthToSpace(x, 2, 'CRD'),
  spaceToDepth: (x) => graph.spaceToDepth(x, 2, 'CRD'),
  'resize: bilinear': resized({ sizes: [5, 7], mode: 'linear' }),
  'resize: corners': resized({ sizes: [5, 7], mode: 'linear', coordinates: 'align_corners' }),
  'resize: bicubic': resized({ sizes: [6, 3], mode: 'cubic' }),
  'resize: nearest': resized({ sizes: [6, 7], coordinates: 'asymmetric', nearest: 'floor' }),
  gather: (x) => graph.gather(x, constant([2, 0, 2], [3], 'int64'), 1),
  mod: graph.mod,
};

test('every case of the fixture is built here', () => {
  assert.deepEqual(Object.keys(BUILT).sort(), Object.keys(fixture.cases).sort());
});

test('values and gradients are those of PyTorch', async () => {
  const outputs: Record<string, Tensor> = {};
  const feeds: Record<string, Float32Array> = {};
  const expected = new Map<string, Numbers>();
  for (const [name, one] of Object.entries(fixture.cases)) {
    const inputs = one.inputs.map(({ shape, values }, i) => {
      feeds[`${name}, input ${i}`] = Float32Array.from(values);
      return input(`${name}, input ${i}`, shape);
    });
    const value = BUILT[name](...inputs);
    assert.deepEqual(value.shape, one.value.shape, name);
    outputs[name] = value;
    expected.set(name, one.value);
    const loss = sum(graph.mul(value, constant(one.cotangent.values, one.cotangent.shape)));
    gradients(loss, inputs).forEach((grad, i) => {
      outputs[`${name}, gradient ${i}`] = grad;
      expected.set(`${name}, gradient ${i}`, one.gradients[i]);
    });
  }
  const got = await evaluate(outputs, feeds);
  for (const [name, { values }] of expected)
    assertAllclose(got[name], values, { rtol: 2e-5, atol: 2e-5 }, name);
});

test('resampling takes the elements that ONNX Runtime takes, and as much of each', () => {
  for (const { rows, source, target, scale, attributes, nearest, ...rest } of fixture.resize) {
    const options = {
      mode: rest.mode,
      coordinates: rest.coordinates,
      ...(nearest ? { nearest } : {}),
      antialias: attributes.antialias === 1,
      excludeOutside: attributes.exclude_outside === 1,
      cubicCoefficient: attributes.cubic_coeff_a ?? -0.75,
    };
    const got = weightsOf(source, target, scale, options);
    const name = `${source} to ${target}: ${JSON.stringify(options)}`;
    assertAllclose(got.flat(), rows.flat(), { rtol: 1e-4, atol: 2e-5 }, name);
  }
});
