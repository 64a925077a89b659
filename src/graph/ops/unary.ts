/** How elementwise operators of one operand are made, with their gradients beside them; none is made here. */
import { type Attribute, GraphError, isFloat, makeTensor, type Tensor } from '../tensor.js';

/** An elementwise operator of one operand; `rule` gives dL/dx from dL/dy, x and y. */
export function unary(
  op: string,
  x: Tensor,
  rule: (grad: Tensor, x: Tensor, y: Tensor) => Tensor,
  attributes: Readonly<Record<string, Attribute>> = {},
): Tensor {
  if (!isFloat(x.dtype) && op !== 'Neg' && op !== 'Abs')
    throw new GraphError(`${op}: ${x.dtype} is not a float type`);
  const result: Tensor = makeTensor(op, [x], x.shape, x.dtype, ([g]) => [rule(g!, x, result)], attributes);
  return result;
}
