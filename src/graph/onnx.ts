/**
 * Writes a graph as an ONNX model: the format that ONNX Runtime loads and other tools read. Field numbers are
 * those of onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, AttributeProto).
 */
import { keptBatches, openShape, requireOpen } from './anyBatch.js';
import { OPERATORS } from './operators.js';
import { BLOCKED_OPERATORS } from './ops/blocked.js';
import { ProtoWriter } from './protobuf.js';
import type { Stage } from './stages.js';
import {
  type Attribute,
  type DType,
  GraphError,
  type Node,
  ONNX_TYPES,
  OPEN,
  requireFit,
  type Shape,
  type Tensor,
  type TensorData,
} from './tensor.js';
import { topologicalOrder } from './walk.js';

/** Operator set the models are written for. */
export const OPSET = 18;

/** The engine's own domain of operators on channels in blocks. */
const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** What to write: named outputs, and optional text pairs kept in the file. */
export interface ModelSpec {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Tensors anywhere in the graph that are fed under a name instead of computed. */
  readonly given?: ReadonlyMap<Tensor, string>;
  /** Values of inputs, by name, to be stored in the model instead of fed. */
  readonly bound?: Readonly<Record<string, TensorData>>;
  /**
   * A batch size, best a large prime, that stands for any: dimensions equal to it become open. The graph may
   * use it in the shapes of `reshape`, and of `expand` where that leaves it as it is.
   */
  readonly anyBatch?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly graphName?: string;
}

/** A model's bytes and the inputs it expects, by name. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly inputs: Readonly<Record<string, ValueInfo>>;
  readonly outputs: Readonly<Record<string, ValueInfo>>;
  /** Whether it adds values into repeated rows (ScatterND), which must not run on several threads. */
  readonly addsInPlace: boolean;
  /** The same model for engines with kernels for blocked channels, by the number of channels in a block. */
  readonly inBlocks?: Readonly<Record<number, Uint8Array>>;
  /** What is computed before, where the graph has custom operators; its results are fed under their names. */
  readonly before?: Stage;
}

/** Shape and element type of an input or output. */
export interface ValueInfo {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The model of a graph of the engine's own operators, as `buildModel` documents. */
export function writeModel(spec: ModelSpec): Model {
  const { outputs, given = new Map<Tensor, string>(), bound = {}, metadata = {}, graphName = 'hier' } = spec;
  const { anyBatch = 0 } = spec;
  // ONNX Runtime runs what leads to the input made last first. So the last are made first: what a long chain has
  // summed up so far is then computed before the next summand, not after all of them have been made.
  const order = topologicalOrder(Object.values(outputs), { computedOnly: true, given, lastInputFirst: true });
  const named = namedInputs(order, given, outputs);
  const outputNames = Object.keys(outputs);
  for (const name of outputNames)
    if (Object.hasOwn(named, name))
      throw new GraphError(`output "${name}" has the name of an input; choose another`);

  const taken = new Set([...Object.keys(named), ...outputNames]);
  const fresh = nameSource('t', taken);
  const names = new Map<Tensor, string>(given);
  const constants = constantPool(nameSource('c', taken));
  const outputOf = new Map<Tensor, string>();
  for (const name of outputNames)
    if (!outputOf.has(outputs[name]) && !given.has(outputs[name])) outputOf.set(outputs[name], name);
  const kept = anyBatch ? keptBatches(order, anyBatch) : new Set<Node>();
  const graph = new ProtoWriter();
  let count = 0;
  for (const node of order) {
    if (node.op === 'Input') names.set(node.outputs[0], node.name!);
    else if (node.op === 'Constant')
      names.set(node.outputs[0], constants.nameOf(openShape(node, anyBatch, kept.has(node) ? 1 : OPEN)));
    else {
      requireKnown(node);
      if (anyBatch) requireOpen(node, anyBatch, kept);
      const written = node.outputs.map((output) => {
        const name = outputOf.get(output) ?? fresh();
        if (!given.has(output)) names.set(output, name);
        return name;
      });
      graph.message(1, nodeProto(node, `n${count++}`, names, written));
    }
  }
  for (const name of outputNames) {
    const source = names.get(outputs[name])!;
    if (source === name) continue;
    graph.message(
      1,
      new ProtoWriter().text(1, source).text(2, name).text(3, `out_${name}`).text(4, 'Identity'),
    );
  }
  const inputs: Record<string, ValueInfo> = {};
  for (const [name, tensor] of Object.entries(named)) {
    if (Object.hasOwn(bound, name)) {
      requireFit(name, tensor, bound[name]);
      constants.add(name, tensor, bound[name]);
    } else inputs[name] = infoOf(tensor, anyBatch);
  }
  graph.text(2, graphName);
  for (const initializer of constants.initializers) graph.message(5, initializer);
  for (const [name, info] of Object.entries(inputs)) graph.message(11, valueInfo(name, info));
  for (const name of outputNames) graph.message(12, valueInfo(name, infoOf(outputs[name], anyBatch)));

  const model = new ProtoWriter().int(1, 8).text(2, 'hier').message(7, graph);
  model.message(8, new ProtoWriter().text(1, '').int(2, OPSET));
  if (order.some(({ op }) => BLOCKED_OPERATORS.has(op)))
    model.message(8, new ProtoWriter().text(1, BLOCKED_DOMAIN).int(2, 1));
  for (const [key, value] of Object.entries(metadata))
    model.message(14, new ProtoWriter().text(1, key).text(2, value));
  const made = Object.fromEntries(outputNames.map((name) => [name, infoOf(outputs[name], anyBatch)]));
  const addsInPlace = order.some((node) => 'reduction' in node.attributes);
  return { bytes: model.bytes(), inputs, outputs: made, addsInPlace };
}

/** Shape and type alone, which can be sent to a worker. */
const infoOf = ({ shape, dtype }: Tensor, anyBatch = 0): ValueInfo => ({
  shape: shape.map((n) => (anyBatch && n === anyBatch ? OPEN : n)),
  dtype,
});

function requireKnown({ op }: Node): void {
  if (!BLOCKED_OPERATORS.has(op) && !Object.hasOwn(OPERATORS, op))
    throw new GraphError(
      `${op} is not in the table of operators known to run everywhere; add it to OPERATORS (src/graph/operators.ts) with its gradient and the engines it was tried on`,
    );
}

/** The inputs among nodes, and the given tensors that nodes or outputs read, by name. */
function namedInputs(
  nodes: readonly Node[],
  given: ReadonlyMap<Tensor, string>,
  outputs: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = {};
  const put = (name: string, tensor: Tensor) => {
    if (Object.hasOwn(inputs, name)) throw new GraphError(`two different inputs are named "${name}"`);
    inputs[name] = tensor;
  };
  for (const node of nodes) if (node.op === 'Input') put(node.name!, node.outputs[0]);
  const read = new Set(Object.values(outputs));
  for (const node of nodes) for (const tensor of node.inputs.slice(0, node.computes)) read.add(tensor);
  for (const [tensor, name] of given) if (read.has(tensor)) put(name, tensor);
  return inputs;
}

/** Gives the names `prefix0`, `prefix1`, …, leaving out those taken. */
function nameSource(prefix: string, taken: ReadonlySet<string>): () => string {
  let next = 0;
  return () => {
    let name: string;
    do name = `${prefix}${next++}`;
    while (taken.has(name));
    return name;
  };
}

/** Collects the initializers of a model; constants equal to the last bit share one. */
function constantPool(fresh: () => string) {
  const initializers: ProtoWriter[] = [];
  const known = new Map<string, { name: string; bytes: Uint8Array }[]>();
  const bytesOf = (data: TensorData) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const add = (name: string, { dtype, shape }: Tensor, data: TensorData) => {
    const proto = new ProtoWriter();
    for (const n of shape) proto.int(1, n);
    initializers.push(proto.int(2, ONNX_TYPES[dtype]).text(8, name).raw(9, bytesOf(data)));
  };
  const nameOf = (node: Node): string => {
    const [tensor] = node.outputs;
    const bytes = bytesOf(node.data!);
    const key = `${tensor.dtype} ${tensor.shape.join()} ${bytes.subarray(0, 64).join()}`;
    const alike = known.get(key) ?? [];
    const same = alike.find((other) => equalBytes(other.bytes, bytes));
    if (same) return same.name;
    const name = fresh();
    known.set(key, [...alike, { name, bytes }]);
    add(name, tensor, node.data!);
    return name;
  };
  return { initializers, add, nameOf };
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function nodeProto(
  node: Node,
  name: string,
  names: ReadonlyMap<Tensor, string>,
  made: readonly string[],
): ProtoWriter {
  const proto = new ProtoWriter();
  for (const tensor of node.inputs.slice(0, node.computes)) proto.text(1, names.get(tensor)!);
  for (const output of made) proto.text(2, output);
  if (BLOCKED_OPERATORS.has(node.op))
    proto
      .text(3, name)
      .text(4, node.op.slice(node.op.indexOf('.') + 1))
      .text(7, BLOCKED_DOMAIN);
  else proto.text(3, name).text(4, node.op);
  for (const [key, attribute] of Object.entries(node.attributes))
    proto.message(5, attributeProto(key, attribute));
  return proto;
}

function attributeProto(name: string, attribute: Attribute): ProtoWriter {
  const proto = new ProtoWriter().text(1, name);
  if ('int' in attribute) return proto.int(3, attribute.int).int(20, 2);
  if ('float' in attribute) return proto.float(2, attribute.float).int(20, 1);
  if ('text' in attribute) return proto.text(4, attribute.text).int(20, 3);
  for (const value of attribute.ints) proto.int(8, value);
  return proto.int(20, 7);
}

function valueInfo(name: string, { shape, dtype }: ValueInfo): ProtoWriter {
  const dims = new ProtoWriter();
  for (const n of shape) {
    const dim = new ProtoWriter();
    dims.message(1, n === OPEN ? dim.text(2, 'batch') : dim.int(1, n));
  }
  const type = new ProtoWriter().int(1, ONNX_TYPES[dtype]).message(2, dims);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, type));
}
