/** Activations and soft-max. */
import * as graph from '../../../graph/index.js';
import {
  axisAt,
  type Call,
  floatOf,
  intOf,
  knownAt,
  numberAt,
  type OperatorRule,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  textOf,
} from '../call.js';
import { countOf } from '../file/tensorValues.js';
import { elementwise } from '../knownArrays.js';
import { one } from './arithmetic.js';

/** An activation that is told its attributes. */
const of = (about: string, build: (x: graph.Tensor, call: Call) => graph.Tensor): OperatorRule => ({
  about,
  graph: (call) => build(tensorAt(call, 0), call),
});

/** Along one axis since version 13; over all from that axis on before. */
function overAxis(call: Call, apply: (x: graph.Tensor, axis: number) => graph.Tensor): Result {
  const x = tensorAt(call, 0);
  const { shape } = x;
  const axis = axisAt(call, intOf(call, 'axis', call.opset < 13 ? 1 : -1), shape.length);
  if (call.opset >= 13 || axis === shape.length - 1) return apply(x, axis);
  const flat = graph.reshape(x, [countOf(shape.slice(0, axis)), countOf(shape.slice(axis))]);
  return graph.reshape(apply(flat, 1), shape);
}

const limits = (call: Call): [number, number] => [
  call.node.attributes.get('min')?.float ?? numberAt(call, 1, Number.NEGATIVE_INFINITY),
  call.node.attributes.get('max')?.float ?? numberAt(call, 2, Number.POSITIVE_INFINITY),
];

/** Slopes `[C, 1, 1]`, or one for all. */
function prelu(call: Call): Result {
  const [x, slope] = [tensorAt(call, 0), tensorAt(call, 1)];
  if (slope.shape.length > x.shape.length) refuse(call, `has slopes [${slope.shape.join(', ')}]`);
  return graph.prelu(x, slope);
}

function gelu(x: graph.Tensor, call: Call): graph.Tensor {
  const form = textOf(call, 'approximate', 'none');
  if (form === 'tanh') return graph.geluTanh(x);
  return form === 'none' ? graph.gelu(x) : refuse(call, `is approximated by "${form}"`);
}

export const activations: OperatorRules = {
  Relu: one('', graph.relu, (x) => Math.max(0, x)),
  Sigmoid: one('', graph.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  Tanh: one('', graph.tanh, Math.tanh),
  Erf: of('', graph.erf),
  Clip: {
    about: 'limits as attributes or inputs',
    // A ReLU6 is written as this; its gradient on the limits is another, and its input need not be kept.
    graph: (call) => {
      const [low, high] = limits(call);
      return (low === 0 && high === 6 ? graph.hardTanh : graph.clip)(tensorAt(call, 0), low, high);
    },
    known: (call) => {
      const [low, high] = limits(call);
      const value = knownAt(call, 0);
      return elementwise(value.type, [value], (x) => Math.min(high, Math.max(low, x)));
    },
  },
  LeakyRelu: of('', (x, call) => graph.leakyRelu(x, floatOf(call, 'alpha', 0.01))),
  PRelu: { about: '', graph: prelu },
  Elu: of('', (x, call) => graph.elu(x, floatOf(call, 'alpha', 1))),
  Selu: of('', (x, call) =>
    graph.selu(x, floatOf(call, 'alpha', 1.6732632423543772), floatOf(call, 'gamma', 1.0507009873554805)),
  ),
  Celu: of('', (x, call) => graph.celu(x, floatOf(call, 'alpha', 1))),
  Softplus: of('', graph.softplus),
  Softsign: of('', graph.softsign),
  Mish: of('', graph.mish),
  ThresholdedRelu: of('', (x, call) => graph.thresholdedRelu(x, floatOf(call, 'alpha', 1))),
  HardSigmoid: of('', (x, call) =>
    graph.hardSigmoid(x, floatOf(call, 'alpha', 0.2), floatOf(call, 'beta', 0.5)),
  ),
  HardSwish: of('', graph.hardSwish),
  Swish: of('', (x, call) => {
    const alpha = floatOf(call, 'alpha', 1);
    return alpha === 1 ? graph.silu(x) : graph.mul(x, graph.sigmoid(graph.mul(x, alpha)));
  }),
  Gelu: of('exact and by tanh', gelu),
  Softmax: {
    about: 'along an axis; before version 13 from an axis on',
    graph: (call) => overAxis(call, graph.softmax),
  },
  LogSoftmax: {
    about: 'along an axis; before version 13 from an axis on',
    graph: (call) => overAxis(call, graph.logSoftmax),
  },
};
