/** Other names for values of a file that would meet those of what hier puts in front of its graph and behind. */
import { readGraph } from '../onnx/file/messages.js';
import type { StoredGraph } from '../onnx/file/types.js';

/** How deep branches may lie in each other. */
const DEEPEST = 64;

/** Names of a file that give way, and any name as it is then. */
export interface ClearNames {
  readonly renamed: ReadonlyMap<string, string>;
  own(name: string): string;
}

/** Other names for those of a graph, its branches included, that are one of some or begin with one and a `/`. */
export function clearNames(graph: StoredGraph, reserved: readonly string[]): ClearNames {
  const taken = new Set(namesOf(graph, 0));
  const meets = (name: string) => reserved.some((one) => name === one || name.startsWith(`${one}/`));
  const renamed = new Map<string, string>();
  for (const name of [...taken].filter(meets)) {
    let other = `file/${name}`;
    while (taken.has(other)) other = `file/${other}`;
    taken.add(other);
    renamed.set(name, other);
  }
  return { renamed, own: (name) => renamed.get(name) ?? name };
}

function* namesOf({ nodes, inputs, initializers }: StoredGraph, depth: number): Generator<string> {
  for (const { name } of inputs) yield name;
  yield* initializers.keys();
  for (const node of nodes) {
    yield* node.inputs;
    yield* node.outputs;
    if (depth < DEEPEST)
      for (const { graph } of node.attributes.values())
        if (graph) yield* namesOf(readGraph(graph), depth + 1);
  }
}
