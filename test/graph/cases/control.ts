/**
 * Cases of operators that change only gradients (src/graph/ops/control.ts). Their values are tested here, and
 * those of their gradients that are true ones; what they do to a gradient is in the test file.
 */
import * as graph from '../../../src/graph/index.js';
import { map } from '../../support/ndarray.js';
import type { OperatorCases } from '../operatorCase.js';

export const cases: OperatorCases = {
  stopGradient: [
    { label: 'value', shapes: [[2, 3]], differentiable: false, build: graph.stopGradient, oracle: (x) => x },
  ],
  scaleGradient: [
    {
      label: 'value',
      shapes: [[2, 3]],
      differentiable: false,
      build: (x) => graph.scaleGradient(x, graph.constant(5, [], 'float64')),
      oracle: (x) => x,
    },
    {
      label: 'by one nothing changes',
      shapes: [[2, 3]],
      build: (x) => graph.scaleGradient(x, graph.constant(1, [3], 'float64')),
      oracle: (x) => x,
    },
  ],
  straightThrough: [
    {
      label: 'the same value on both sides',
      shapes: [[2, 3]],
      build: (x) => graph.straightThrough(graph.tanh(x), graph.tanh(x)),
      oracle: (x) => map(Math.tanh, x),
    },
  ],
  customGradient: [
    {
      label: 'a cube with its own derivative, two inputs',
      shapes: [[2, 3], [3]],
      build: (x, y) =>
        graph.customGradient(graph.mul(graph.mul(x, graph.square(x)), y), [x, y], ([g]) => [
          graph.mul(graph.mul(g!, 3), graph.mul(graph.square(x), y)),
          graph.sumTo(graph.mul(g!, graph.pow(x, 3)), y.shape),
        ]),
      oracle: (x, y) => map((a, b) => a ** 3 * b, x, y),
    },
  ],
};
