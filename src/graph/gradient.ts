/**
 * Reverse-mode differentiation: adds the gradient of a scalar to the same graph, by the rule that each node
 * carries. Rules stand beside their operators; here they are only followed backwards and summed.
 */
import { add } from './ops/arithmetic.js';
import {
  constant,
  GraphError,
  isFloat,
  NO_GRADIENT,
  type Node,
  sameShape,
  show,
  type Tensor,
} from './tensor.js';
import { topologicalOrder } from './walk.js';

/**
 * Gradients of `output` with respect to each of `wrt`, in order.
 *
 * @param output a scalar, or any tensor when `seed` is given
 * @param wrt tensors anywhere in the graph of `output`; one that `output` does not depend on gets zeros
 * @param seed gradient arriving at `output`, of its shape; one by default
 * @throws GraphError when a node on the way has no gradient rule, naming its operator, and for constants and
 * tensors that are not of a float type
 */
export function gradients(output: Tensor, wrt: readonly Tensor[], seed?: Tensor): Tensor[] {
  if (!seed && output.shape.length > 0)
    throw new GraphError(
      `gradients: ${show(output.shape)} is not a scalar; give the gradient that arrives there as seed`,
    );
  return gradientsOf([output], wrt, [seed ?? constant(1, [], output.dtype)]);
}

/** As `gradients`, of several outputs at once: the sum over outputs of seed · d output / d wrt. */
export function gradientsOf(
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  seeds: readonly Tensor[],
): Tensor[] {
  if (seeds.length !== outputs.length)
    throw new GraphError(
      `gradients: ${outputs.length} outputs with ${seeds.length} seeds; expected one each`,
    );
  for (const tensor of [...outputs, ...wrt])
    if (!isFloat(tensor.dtype))
      throw new GraphError(
        `gradients: ${tensor.node.op} ${show(tensor.shape)} is ${tensor.dtype}, not a float type`,
      );
  for (const { node, shape } of wrt)
    if (node.op === 'Constant')
      throw new GraphError(
        `gradients: Constant ${show(shape)} takes no gradient, since operators may fold it; make it an input`,
      );
  const totals = new Map<Tensor, Tensor>();
  const accumulate = (target: Tensor, grad: Tensor) => {
    if (!sameShape(target.shape, grad.shape))
      throw new GraphError(
        `gradient of ${target.node.op}: shape ${show(grad.shape)} arrived, expected ${show(target.shape)}`,
      );
    const known = totals.get(target);
    totals.set(target, known ? add(known, grad) : grad);
  };
  outputs.forEach((output, i) => {
    accumulate(output, seeds[i]);
  });

  const { path, carries } = nodesBetween(outputs, new Set(wrt));
  for (const node of path.reverse()) {
    const grads = node.outputs.map((output) => totals.get(output) ?? null);
    if (node.gradient === NO_GRADIENT || grads.every((grad) => grad === null)) continue;
    if (node.gradient === undefined)
      throw new GraphError(
        `${node.op} has no gradient, yet the result depends on it (inputs ${node.inputs.map((t) => show(t.shape)).join(', ')}). Wrap its input in stopGradient() if none is meant to flow.`,
      );
    node.gradient(grads).forEach((grad, i) => {
      const target = node.inputs[i];
      if (grad && isFloat(target.dtype) && carries.has(target)) accumulate(target, grad);
    });
  }
  return wrt.map((tensor) => totals.get(tensor) ?? constant(0, tensor.shape, tensor.dtype));
}

/** Nodes on a way from a wanted tensor to an output, inputs before users, and the tensors that lie on one. */
function nodesBetween(outputs: readonly Tensor[], wanted: ReadonlySet<Tensor>) {
  const carries = new Set<Tensor>(wanted);
  const path: Node[] = [];
  for (const node of topologicalOrder(outputs)) {
    if (node.gradient === NO_GRADIENT || !node.inputs.some((tensor) => carries.has(tensor))) continue;
    if (node.outputs.every(({ shape }) => shape.includes(0))) continue;
    path.push(node);
    for (const output of node.outputs) carries.add(output);
  }
  return { path, carries };
}
