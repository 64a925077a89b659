/** Which nodes of an ONNX graph lead to some values, inputs before users. Nothing is computed. */
import { DataError } from '../../errors.js';
import { nodeText } from './call.js';
import { readGraph } from './file/messages.js';
import { shown } from './file/shownName.js';
import type { StoredGraph, StoredNode } from './file/types.js';

/** The node that makes each value. Throws DataError when two make the same one. */
export function makers({ nodes, initializers }: StoredGraph): Map<string, StoredNode> {
  const map = new Map<string, StoredNode>();
  for (const node of nodes)
    for (const name of node.outputs) {
      if (name === '') continue;
      if (map.has(name) || initializers.has(name))
        throw new DataError(`the value "${shown(name)}" is made twice, the second time by ${nodeText(node)}`);
      map.set(name, node);
    }
  return map;
}

/** How deep branches may lie in each other. */
export const DEEPEST = 8;

/** Names that the branches of a node take from outside. */
export function captured(node: StoredNode, depth = 0): string[] {
  if (depth >= DEEPEST) return [];
  const graphs: StoredGraph[] = [];
  for (const { graph } of node.attributes.values()) if (graph) graphs.push(readGraph(graph));
  return graphs.flatMap(({ nodes, initializers, outputs }) => {
    const inside = new Set([...initializers.keys(), ...nodes.flatMap((own) => own.outputs)]);
    const used = [
      ...nodes.flatMap((own) => [...own.inputs, ...captured(own, depth + 1)]),
      ...outputs.map(({ name }) => name),
    ];
    return used.filter((name) => name !== '' && !inside.has(name));
  });
}

/**
 * The nodes that `wanted` need, inputs before users. Throws DataError when a value needs itself. Iterative: files can
 * be thousands of nodes deep.
 */
export function needed(made: ReadonlyMap<string, StoredNode>, wanted: readonly string[]): StoredNode[] {
  const state = new Map<StoredNode, 'open' | 'done'>();
  const order: StoredNode[] = [];
  const stack: { node: StoredNode; inputs: readonly string[]; next: number }[] = [];
  const visit = (name: string) => {
    const node = made.get(name);
    if (!node || state.get(node) === 'done') return;
    if (state.get(node) === 'open') throw new DataError(`${nodeText(node)} needs its own result`);
    state.set(node, 'open');
    stack.push({ node, inputs: [...node.inputs, ...captured(node)], next: 0 });
  };
  for (const name of wanted) {
    visit(name);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.inputs.length) visit(top.inputs[top.next++]);
      else {
        state.set(top.node, 'done');
        order.push(stack.pop()!.node);
      }
    }
  }
  return order;
}
