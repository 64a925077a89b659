/**
 * All operator cases as one graph an element type: values, and the gradients of a weighted sum of them. For
 * comparing engines and for learning which ONNX operators the engine emits.
 */
import {
  cast,
  constant,
  gradients,
  mul,
  sizeOf,
  sum,
  type Tensor,
  type TensorData,
} from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { allCases } from './cases/all.js';
import { instantiate, type OperatorCase } from './operatorCase.js';

/** Outputs, named after their case, and what to feed. */
export interface EveryCase {
  readonly outputs: Record<string, Tensor>;
  readonly feeds: Record<string, TensorData>;
}

/** The graph of all cases of one element type. */
export function everyCase(dtype: 'float32' | 'float64'): EveryCase {
  const outputs: Record<string, Tensor> = {};
  const feeds: Record<string, TensorData> = {};
  for (const [name, list] of Object.entries(allCases))
    for (const one of list)
      if ((one.dtype ?? 'float64') === dtype) {
        const label = `${name}: ${one.label}`;
        const made = addCase(one, label);
        Object.assign(outputs, made.outputs);
        Object.assign(feeds, made.feeds);
      }
  return { outputs, feeds };
}

/** Value and gradients of one case. */
function addCase(operatorCase: OperatorCase, label: string): EveryCase {
  const { dtype = 'float64', differentiable = true, build } = operatorCase;
  const { inputs, feeds } = instantiate(operatorCase, `${label} input `);
  const value = cast(build(...inputs), dtype);
  const outputs: Record<string, Tensor> = { [label]: value };
  if (differentiable) {
    const random = randomStream(3, label);
    const weights = Array.from({ length: sizeOf(value.shape) }, () => 2 * random.uniform() - 1);
    const loss = sum(mul(value, constant(weights, value.shape, dtype)));
    gradients(loss, inputs).forEach((grad, i) => {
      outputs[`${label}, gradient ${i}`] = grad;
    });
  }
  return { outputs, feeds };
}
