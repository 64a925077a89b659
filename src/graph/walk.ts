/** The order in which a graph is computed: every node once, inputs before users. Nothing is built or changed. */
import type { Node, Tensor } from './tensor.js';

/** Which part of a graph `topologicalOrder` walks. */
export interface WalkOptions {
  /** Leave out what only gradients look at. */
  readonly computedOnly?: boolean;
  /** Tensors that are known already: nothing behind them is walked. */
  readonly given?: { has(tensor: Tensor): boolean };
  /** Go to the inputs of a node from the last to the first. */
  readonly lastInputFirst?: boolean;
}

/** Every node that the outputs need, inputs before users. Iterative: graphs can be thousands of nodes deep. */
export function topologicalOrder(
  outputs: readonly Tensor[],
  { computedOnly = false, given, lastInputFirst = false }: WalkOptions = {},
): Node[] {
  const done = new Set<Node>();
  const order: Node[] = [];
  const stack: { node: Node; next: number }[] = [];
  const visit = (tensor: Tensor) => {
    const { node } = tensor;
    if (done.has(node) || given?.has(tensor)) return;
    done.add(node);
    stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const count = computedOnly ? top.node.computes : top.node.inputs.length;
      if (top.next < count) {
        const at = top.next++;
        visit(top.node.inputs[lastInputFirst ? count - 1 - at : at]);
      } else order.push(stack.pop()!.node);
    }
  }
  return order;
}
