/**
 * Models in two forms: of standard operators, and with depthwise convolutions by ONNX Runtime's kernels for blocked
 * channels (its domain `com.microsoft.nchwc`). The engine inserts these by itself only where weights are constants, which in
 * training they are not. Which form a machine runs is decided when a session is opened, not here.
 */
import type { Model, ModelSpec } from './onnx.js';
import { blocksOf } from './ops/blocked.js';
import { buildModel } from './stages.js';
import { makeNode, type Tensor } from './tensor.js';
import { topologicalOrder } from './walk.js';

/** Channels in a block: 8 with vectors of 128 or 256 bits, 16 with AVX-512. */
export const BLOCK_SIZES = [8, 16] as const;

/** As `buildModel`, with the other forms of the model where parts of it have any. For running alone: others cannot load them. */
export function buildWithBlocks(spec: ModelSpec): Model {
  const model = buildModel(spec);
  const { outputs, given } = spec;
  const hasAny = topologicalOrder(Object.values(outputs), {
    computedOnly: true,
    ...(given ? { given } : {}),
  }).some(({ blocked }) => blocked);
  if (!hasAny) return model;
  const forms = BLOCK_SIZES.map(
    (size) => [size, buildModel({ ...spec, outputs: inBlocks(outputs, size, given) }).bytes] as const,
  );
  return { ...model, inBlocks: Object.fromEntries(forms) };
}

/** The same outputs, with every node that has a form in blocks in that form. Nothing behind what is given is changed. */
export function inBlocks(
  outputs: Readonly<Record<string, Tensor>>,
  size: number,
  given: { has(tensor: Tensor): boolean } = new Set<Tensor>(),
): Record<string, Tensor> {
  const blocks = blocksOf(size);
  const changed = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor) => (given.has(tensor) ? tensor : (changed.get(tensor) ?? tensor));
  for (const node of topologicalOrder(Object.values(outputs), { computedOnly: true, given })) {
    const { blocked } = node;
    if (blocked) changed.set(node.outputs[0], blocked.build(blocked.of.map(now), blocks));
    else if (node.inputs.some((tensor) => now(tensor) !== tensor)) {
      const made = makeNode({ ...node, inputs: node.inputs.map(now) });
      for (const [i, output] of node.outputs.entries()) changed.set(output, made[i]);
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, now(tensor)]));
}
