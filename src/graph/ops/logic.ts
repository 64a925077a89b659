/** Comparison, logic, selection and casts. Comparisons carry no gradient; a selection passes it to the chosen side. */
import {
  type Attribute,
  broadcast,
  constant,
  type DType,
  GraphError,
  isFloat,
  makeTensor,
  NO_GRADIENT,
  ONNX_TYPES,
  type Tensor,
} from '../tensor.js';
import { type Operand, pair } from './arithmetic.js';
import { sumTo } from './reduce.js';
import { reshape } from './shape.js';

function compare(op: string, a: Operand, b: Operand): Tensor {
  const [x, y] = pair(op, a, b);
  if (x.dtype !== y.dtype)
    throw new GraphError(`${op}: operand types ${x.dtype} and ${y.dtype} differ; cast one`);
  return makeTensor(op, [x, y], broadcast(op, x.shape, y.shape), 'bool', NO_GRADIENT);
}

/** a = b. Use int32 for labels and indices: float equality is rarely what is meant. */
export const equal = (a: Operand, b: Operand): Tensor => compare('Equal', a, b);
/** a > b. */
export const greater = (a: Operand, b: Operand): Tensor => compare('Greater', a, b);
/** a ≥ b. */
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => compare('GreaterOrEqual', a, b);
/** a < b. */
export const less = (a: Operand, b: Operand): Tensor => compare('Less', a, b);
/** a ≤ b. */
export const lessOrEqual = (a: Operand, b: Operand): Tensor => compare('LessOrEqual', a, b);
/** a and b, of booleans. */
export const and = (a: Tensor, b: Tensor): Tensor => compare('And', truth('And', a), truth('And', b));
/** a or b, of booleans. */
export const or = (a: Tensor, b: Tensor): Tensor => compare('Or', truth('Or', a), truth('Or', b));
/** not a, of a boolean. */
export const not = (a: Tensor): Tensor => makeTensor('Not', [truth('Not', a)], a.shape, 'bool', NO_GRADIENT);

/** The tensor, which must be of booleans. */
function truth(op: string, x: Tensor): Tensor {
  if (x.dtype !== 'bool') throw new GraphError(`${op}: the operand is ${x.dtype}, expected bool`);
  return x;
}

/** a where the condition holds, b elsewhere; all three broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  if (condition.dtype !== 'bool')
    throw new GraphError(`Where: the condition is ${condition.dtype}, expected bool`);
  const [x, y] = pair('Where', a, b);
  if (x.dtype !== y.dtype) throw new GraphError(`Where: types ${x.dtype} and ${y.dtype} differ; cast one`);
  const shape = broadcast('Where', condition.shape, x.shape, y.shape);
  return makeTensor('Where', [condition, x, y], shape, x.dtype, ([g]) => [
    null,
    x.node.op === 'Constant' ? null : sumTo(where(condition, g!, 0), x.shape),
    y.node.op === 'Constant' ? null : sumTo(where(condition, 0, g!), y.shape),
  ]);
}

/** Converts element types; the gradient is converted back where both are float types. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const to: Attribute = { int: ONNX_TYPES[dtype] };
  const smooth = isFloat(x.dtype) && isFloat(dtype);
  return makeTensor('Cast', [x], x.shape, dtype, smooth ? ([g]) => [cast(g!, x.dtype)] : NO_GRADIENT, { to });
}

/** 1 where the condition holds and 0 elsewhere, as numbers. */
export function oneWhere(condition: Tensor, dtype: DType = 'float32'): Tensor {
  return cast(condition, dtype);
}

/** Whether row and column are the same, `[n, n]` bool. */
export function diagonal(n: number): Tensor {
  return equal(reshape(range(n), [n, 1]), reshape(range(n), [1, n]));
}

/** The numbers 0 … n−1 as int32, for comparing with indices. */
export function range(n: number): Tensor {
  return constant(
    Array.from({ length: n }, (_, i) => i),
    [n],
    'int32',
  );
}
