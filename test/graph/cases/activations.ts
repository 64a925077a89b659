/** Cases of activation functions (src/graph/ops/activations.ts). */

import type { Shape, Tensor } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { map } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';
import { erf } from './arithmetic.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log1p(Math.exp(x));
const elu = (x: number, alpha: number) => (x > 0 ? x : alpha * Math.expm1(x));

function activation(
  build: (x: Tensor) => Tensor,
  oracle: (x: number) => number,
  rest: Partial<OperatorCase> = {},
): OperatorCase {
  return {
    label: 'of a matrix',
    shapes: [[3, 4]],
    range: [-4, 4],
    build,
    oracle: (x) => map(oracle, x),
    ...rest,
  };
}

/** Attributes of an operator are 32-bit floats. */
const SINGLE_ATTRIBUTE = {
  tolerance: { rtol: 1e-6, atol: 1e-7 },
  gradientTolerance: { rtol: 1e-6, atol: 1e-6 },
};

function sloped(slope: Shape): OperatorCase {
  return {
    label: `slope ${graph.show(slope)}`,
    shapes: [[2, 3, 2, 2], slope],
    build: graph.prelu,
    oracle: (x, s) => map((v, a) => (v > 0 ? v : a * v), x, s),
  };
}

export const cases: OperatorCases = {
  gelu: ([[], [5], [2, 3, 2]] as const).map((shape) => ({
    label: graph.show(shape),
    shapes: [shape],
    range: [-3, 3],
    dtype: 'float32',
    step: 0.05,
    build: graph.gelu,
    oracle: (x) => map((v) => (v * (1 + erf(v * Math.SQRT1_2))) / 2, x),
  })),
  geluTanh: [
    activation(
      graph.geluTanh,
      (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    ),
  ],
  // ONNX Runtime runs it as one operator, which has no kernel for float64.
  hardTanh: [
    activation(
      (x) => graph.hardTanh(x, -1, 2),
      (x) => Math.min(2, Math.max(-1, x)),
    ),
  ],
  silu: [activation(graph.silu, (x) => x * sigmoid(x), { dtype: 'float32', step: 0.05 })],
  hardSigmoid: [
    activation(
      (x) => graph.hardSigmoid(x),
      (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
      SINGLE_ATTRIBUTE,
    ),
    activation(
      (x) => graph.hardSigmoid(x, 1 / 6, 0.4),
      (x) => Math.min(1, Math.max(0, x / 6 + 0.4)),
      { ...SINGLE_ATTRIBUTE, label: 'other numbers' },
    ),
  ],
  hardSwish: [
    activation(graph.hardSwish, (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6, SINGLE_ATTRIBUTE),
  ],
  leakyRelu: [
    activation(
      (x) => graph.leakyRelu(x, 0.2),
      (x) => (x > 0 ? x : 0.2 * x),
      SINGLE_ATTRIBUTE,
    ),
  ],
  prelu: [sloped([3, 1, 1]), sloped([]), sloped([1]), sloped([3, 2, 2])],
  elu: [
    activation(
      (x) => graph.elu(x, 0.7),
      (x) => elu(x, 0.7),
      SINGLE_ATTRIBUTE,
    ),
  ],
  selu: [activation(graph.selu, (x) => 1.0507009873554805 * elu(x, 1.6732632423543772), SINGLE_ATTRIBUTE)],
  celu: [
    activation(
      (x) => graph.celu(x, 1.5),
      (x) => 1.5 * elu(x / 1.5, 1),
    ),
  ],
  softplus: [activation(graph.softplus, softplus)],
  softsign: [activation(graph.softsign, (x) => x / (1 + Math.abs(x)))],
  mish: [activation(graph.mish, (x) => x * Math.tanh(softplus(x)))],
  thresholdedRelu: [
    activation(
      (x) => graph.thresholdedRelu(x, 0.5),
      (x) => (x > 0.5 ? x : 0),
    ),
  ],
};
