/** The files of weights that an ONNX file says lie beside it, by their paths in its folder. Nothing of them is read. */
import { DataError } from '../../../errors.js';
import { externalLocation } from './external.js';
import { readGraph } from './messages.js';
import type { StoredGraph, StoredModel, StoredNode, StoredTensor } from './types.js';

/** How deep branches may lie in each other. */
const DEEPEST = 64;

/** Every tensor of a file: weights, and what nodes, branches and functions hold. */
export function* tensorsOf({ graph, functions }: StoredModel): Generator<StoredTensor> {
  yield* tensorsOfGraph(graph, 0);
  for (const { nodes } of functions) yield* tensorsOfNodes(nodes, 0);
}

function* tensorsOfGraph({ initializers, nodes }: StoredGraph, depth: number): Generator<StoredTensor> {
  yield* initializers.values();
  yield* tensorsOfNodes(nodes, depth);
}

function* tensorsOfNodes(nodes: readonly StoredNode[], depth: number): Generator<StoredTensor> {
  for (const { attributes } of nodes)
    for (const { tensor, graph } of attributes.values()) {
      if (tensor) yield tensor;
      if (graph && depth < DEEPEST) yield* tensorsOfGraph(readGraph(graph), depth + 1);
    }
}

/** Paths relative to the model's folder, with `/`. Throws DataError for those outside it. */
export function filesBeside(model: StoredModel, file: string): string[] {
  const outside = [...tensorsOf(model)].filter(({ external }) => external !== undefined);
  try {
    return [...new Set(outside.map((tensor) => externalLocation(tensor).replaceAll('\\', '/')))];
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${file} cannot be used: ${cause.message}.`, { cause });
  }
}
