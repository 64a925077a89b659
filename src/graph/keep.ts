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
  'LeakyRelu',
  'PRelu',
  'HardSigmoid',
  'Erf',
  'BatchNormalization',
  'LayerNormalization',
]);

/** Whose gradient is seen from its result alone: what it is made of is not kept for it. */
const SEEN_FROM_RESULT = 'Relu';

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
 * @param given tensors that are fed to both: neither they nor what they are made of is kept
 */
export function keptBetween(
  first: readonly Tensor[],
  second: readonly Tensor[],
  given: { has(tensor: Tensor): boolean } = new Set<Tensor>(),
): Tensor[] {
  const before = new Set(topologicalOrder(first, { computedOnly: true, given }));
  const kept = new Set<Tensor>();
  const isCheap = (node: Node) => CHEAP.has(node.op) || swapsLast(node);
  const isKept = (tensor: Tensor) => {
    const { node } = tensor;
    if (!before.has(node) || node.inputs.length === 0 || isCheap(node)) return false;
    kept.add(tensor);
    return true;
  };
  topologicalOrder(second, {
    computedOnly: true,
    given: { has: (tensor) => given.has(tensor) || isKept(tensor) },
  });
  // A result of which only this is known to be wanted is done again where all that it is made of is at hand in any case.
  const isAtHand = (tensor: Tensor): boolean => {
    const { node } = tensor;
    if (given.has(tensor) || kept.has(tensor) || node.inputs.length === 0) return true;
    return isCheap(node) && node.inputs.slice(0, node.computes).every(isAtHand);
  };
  const again = [...kept].filter(({ node }) => node.op === SEEN_FROM_RESULT && node.inputs.every(isAtHand));
  return [...kept].filter((tensor) => !again.includes(tensor));
}
