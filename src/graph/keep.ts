/**
 * What a forward pass keeps for the backward pass when the two run as separate models: the results that both need and
 * that cost more to compute again than to store.
 */
import { intsOf, type Node, type Tensor } from './tensor.js';
import { topologicalOrder } from './walk.js';

/** Operators that cost no more than to store and load their result: done again rather than kept. */
const CHEAP = new Set([
  'Identity',
  'Reshape',
  'Add',
  'Mul',
  'Div',
  'Relu',
  'LeakyRelu',
  'PRelu',
  'HardSigmoid',
  'Erf',
  'BatchNormalization',
  'LayerNormalization',
]);

/** Whether a node exchanges the last two axes, which engines do while they multiply. */
function swapsLast(node: Node): boolean {
  if (node.op !== 'Transpose') return false;
  const order = intsOf(node, 'perm');
  const last = order.length - 1;
  return order.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
}

/**
 * Tensors computed on the way to `first` that `second` needs as well: what a forward pass has to keep for the
 * backward pass, when the two run as separate models.
 */
export function keptBetween(first: readonly Tensor[], second: readonly Tensor[]): Tensor[] {
  const before = new Set(topologicalOrder(first, { computedOnly: true }));
  const kept = new Set<Tensor>();
  const isKept = (tensor: Tensor) => {
    const { node } = tensor;
    if (!before.has(node) || node.inputs.length === 0 || CHEAP.has(node.op) || swapsLast(node)) return false;
    kept.add(tensor);
    return true;
  };
  topologicalOrder(second, { computedOnly: true, given: { has: isKept } });
  return [...kept];
}
