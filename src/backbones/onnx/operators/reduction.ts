/** Reductions along axes. */
import * as graph from '../../../graph/index.js';
import {
  axesOf,
  type Call,
  dimsAt,
  intOf,
  knownAt,
  type OperatorRule,
  type OperatorRules,
  requireApartFromBatch,
  tensorAt,
} from '../call.js';
import { type Folding, reduced } from '../knownArrays.js';

type Reduce = (x: graph.Tensor, options: graph.ReduceOptions) => graph.Tensor;

/** Axes and whether they stay. No axes are all of them, unless the node says that they are none. */
function plan(call: Call) {
  const dims = dimsAt(call, 0);
  const given = axesOf(call, 1, dims.length);
  const none = intOf(call, 'noop_with_empty_axes', 0) === 1;
  const axes = given && (given.length > 0 || none) ? given : none ? [] : dims.map((_, i) => i);
  return { axes, keepDims: intOf(call, 'keepdims', 1) === 1 };
}

const reduce = (build: Reduce, folding?: Folding): OperatorRule => ({
  about: 'axes as attribute or input',
  graph: (call) => {
    const options = plan(call);
    requireApartFromBatch(call, dimsAt(call, 0), options.axes);
    return build(tensorAt(call, 0), options);
  },
  ...(folding
    ? {
        known: (call: Call) => {
          const { axes, keepDims } = plan(call);
          return reduced(knownAt(call, 0), axes, keepDims, folding);
        },
      }
    : {}),
});

const sum = (total: number, x: number) => total + x;

export const reductions: OperatorRules = {
  ReduceMean: reduce(graph.mean, { start: 0, step: sum, finish: (total, count) => total / count }),
  ReduceSum: reduce(graph.sum, { start: 0, step: sum }),
  ReduceMax: reduce(graph.reduceMax, { start: Number.NEGATIVE_INFINITY, step: Math.max }),
  ReduceMin: reduce(graph.reduceMin, { start: Number.POSITIVE_INFINITY, step: Math.min }),
  ReduceProd: reduce(graph.reduceProduct, { start: 1, step: (total, x) => total * x }),
  ReduceL1: reduce(graph.reduceL1, { start: 0, step: (total, x) => total + Math.abs(x) }),
  ReduceL2: reduce(graph.reduceL2, { start: 0, step: (total, x) => total + x * x, finish: Math.sqrt }),
  ReduceSumSquare: reduce(graph.sumSquares, { start: 0, step: (total, x) => total + x * x }),
  ReduceLogSumExp: reduce(graph.logSumExp),
  ReduceLogSum: reduce((x, options) => graph.log(graph.sum(x, options))),
};
