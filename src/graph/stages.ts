/**
 * Models of graphs with custom operators: one model for what they are computed from, and one for what is computed with
 * their results. Graphs without them are one model. What a custom operator is, and how models run, is not known here.
 */
import { CUSTOM, type CustomCall, callOf } from './custom.js';
import { keptBetween } from './keep.js';
import { type Model, type ModelSpec, writeModel } from './onnx.js';
import { GraphError, type Node, type Tensor } from './tensor.js';
import { topologicalOrder } from './walk.js';

/** What is computed before a model, whose results are among its inputs. */
export interface Stage {
  /** Computes what the custom operators and the model after them need; null when they need nothing that is not fed. */
  readonly model: Model | null;
  readonly calls: readonly CustomCall[];
}

/**
 * The model that computes `outputs`. Nodes that no output needs are left out; equal constants are stored
 * once. Inner names are numbers in order of computation, so the same recipe always gives the same bytes.
 * @throws GraphError when two inputs share a name, an output has an input's name, a bound value does not fit
 * its input, or an operator is not in the table of operators
 */
export function buildModel(spec: ModelSpec): Model {
  const { outputs, given = new Map<Tensor, string>(), bound = {} } = spec;
  const { customs, depth } = lastCustoms(Object.values(outputs), given);
  if (customs.length === 0) return writeModel(spec);
  if (spec.anyBatch)
    throw new GraphError('a graph with custom operators cannot be written as a model for any batch');
  let count = 0;
  const between = (tensors: Iterable<Tensor>) =>
    new Map([...tensors].map((tensor) => [tensor, `between/${depth}/${count++}`]));
  const made = between(customs.flatMap((node) => node.outputs));
  const isFed = (tensor: Tensor) =>
    given.has(tensor) || (tensor.node.op === 'Input' && !Object.hasOwn(bound, tensor.node.name!));
  const wanted = new Set(customs.flatMap(({ inputs }) => inputs).filter((tensor) => !isFed(tensor)));
  const behind = new Map([...given, ...made]);
  for (const tensor of keptBetween([...wanted], Object.values(outputs), behind)) wanted.add(tensor);
  // Results of custom operators of earlier stages cannot be computed again.
  for (const node of topologicalOrder(Object.values(outputs), { computedOnly: true, given: behind }))
    if (node.op === CUSTOM) for (const tensor of node.outputs) wanted.add(tensor);
  const passed = between(wanted);
  const nameOf = (tensor: Tensor) =>
    given.get(tensor) ?? made.get(tensor) ?? passed.get(tensor) ?? tensor.node.name!;
  const inner = Object.fromEntries([...passed].map(([tensor, name]) => [name, tensor]));
  const model = passed.size > 0 ? buildModel({ outputs: inner, given, bound }) : null;
  return {
    ...writeModel({ ...spec, given: new Map([...behind, ...passed]) }),
    before: { model, calls: customs.map((node) => callOf(node, nameOf)) },
  };
}

/** The custom operators that wait for the most others, one after the other. */
function lastCustoms(outputs: readonly Tensor[], given: ReadonlyMap<Tensor, string>) {
  const depths = new Map<Node, number>();
  for (const node of topologicalOrder(outputs, { computedOnly: true, given })) {
    const before = node.inputs
      .slice(0, node.computes)
      .map((tensor) => (given.has(tensor) ? 0 : depths.get(tensor.node)!));
    depths.set(node, Math.max(0, ...before) + (node.op === CUSTOM ? 1 : 0));
  }
  let depth = 0;
  for (const found of depths.values()) depth = Math.max(depth, found);
  const customs = [...depths].filter(([{ op }, found]) => op === CUSTOM && found === depth);
  return { customs: customs.map(([node]) => node), depth };
}
