/** The largest elements of an axis and where they stand. Their places are int64. */
import {
  axisOf,
  constant,
  GraphError,
  makeNode,
  makeTensor,
  NO_GRADIENT,
  show,
  type Tensor,
} from '../tensor.js';
import { scatterElementsAdd } from './select.js';

/** The k largest values along the last axis, in falling order, and their int64 positions. */
export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const axis = x.shape.length - 1;
  if (axis < 0 || !(Number.isInteger(k) && k >= 1 && k <= x.shape[axis]))
    throw new GraphError(`TopK: k = ${k} of ${show(x.shape)}; expected 1 ≤ k ≤ the size of the last axis`);
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices]: Tensor[] = makeNode({
    op: 'TopK',
    inputs: [x, constant([k], [1], 'int64')],
    outputs: [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ],
    attributes: { axis: { int: axis }, largest: { int: 1 }, sorted: { int: 1 } },
    gradient: ([g]) => [g ? scatterElementsAdd(g, indices, axis, x.shape) : null, null],
  });
  return { values, indices };
}

/** Position of the largest value along an axis, as int64; the first of equal ones. No gradient. */
export function argMax(x: Tensor, axis = -1): Tensor {
  const along = axisOf('ArgMax', axis, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== along);
  const attributes = { axis: { int: along }, keepdims: { int: 0 } };
  return makeTensor('ArgMax', [x], shape, 'int64', NO_GRADIENT, attributes);
}
