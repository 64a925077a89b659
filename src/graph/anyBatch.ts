/**
 * Models for any number of images: which shapes hold the batch, where it may stand open, and where it may not. A batch that
 * stands for any is a large prime; the writer of models says which.
 */
import { GraphError, type Node, OPEN } from './tensor.js';

/**
 * Target shapes of repetitions that leave the batch as it is: a 1 stands there for "as in the input", which holds for any
 * batch.
 */
export function keptBatches(order: readonly Node[], anyBatch: number): Set<Node> {
  const targets = order
    .filter(({ op }) => op === 'Expand')
    .filter(({ inputs: [{ shape: from }], outputs: [{ shape: to }] }) =>
      to.every((n, i) => n % anyBatch !== 0 || n === from[i - to.length + from.length]),
    );
  return new Set(targets.map(({ inputs: [, target] }) => target.node));
}

/** A shape constant in which `open` stands for multiples of the batch size; others as they are. */
export function openShape(node: Node, anyBatch: number, open = OPEN): Node {
  const { data } = node;
  if (!anyBatch || !(data instanceof BigInt64Array)) return node;
  const batch = BigInt(anyBatch);
  if (!data.some((n) => n > 0n && n % batch === 0n)) return node;
  return { ...node, data: data.map((n) => (n > 0n && n % batch === 0n ? BigInt(open) : n)) };
}

/** Throws for a node that only works for the one batch size. */
export function requireOpen({ op, inputs, computes }: Node, anyBatch: number, kept: ReadonlySet<Node>): void {
  const shapes = inputs
    .slice(0, computes)
    .filter(({ node }) => openShape(node, anyBatch) !== node && !kept.has(node));
  const free = op === 'Reshape' && shapes.every(({ node }) => !node.data!.includes(BigInt(OPEN) as never));
  if (shapes.length > 0 && !free)
    throw new GraphError(`${op} depends on the batch size, so the model cannot be written for any batch`);
}
