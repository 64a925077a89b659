/**
 * Writes a graph as an ONNX model: the format that ONNX Runtime loads and other tools read. Field numbers are
 * those of onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, AttributeProto).
 */
import { topologicalOrder } from './gradient.js';
import { ONNX_TYPES } from './ops/logic.js';
import { ProtoWriter } from './protobuf.js';
import { type Attribute, GraphError, type Node, type Shape, type Tensor } from './tensor.js';

/** Operator set the models are written for. */
export const OPSET = 18;

/** What to write: named outputs, and optional text pairs kept in the file. */
export interface ModelSpec {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly graphName?: string;
}

/** A model's bytes and the inputs it expects, by name. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/**
 * The ONNX model that computes `outputs`. Nodes that no output needs are left out; equal constants are stored
 * once.
 * @throws GraphError when two inputs share a name
 */
export function buildModel({ outputs, metadata = {}, graphName = 'hier' }: ModelSpec): Model {
  const graph = new ProtoWriter();
  const names = new Map<Tensor, string>();
  const inputs: Record<string, Tensor> = {};
  const constants = new Map<string, string>();
  const initializers: ProtoWriter[] = [];
  const outputNames = Object.keys(outputs);

  for (const node of topologicalOrder(Object.values(outputs), true)) {
    if (node.op === 'Input') {
      const name = node.name!;
      if (name in inputs) throw new GraphError(`two different inputs are named "${name}"`);
      inputs[name] = node.outputs[0];
      names.set(node.outputs[0], name);
    } else if (node.op === 'Constant') {
      names.set(node.outputs[0], constantName(node, constants, initializers));
    } else {
      for (const output of node.outputs) names.set(output, `t${output.id}`);
      graph.message(1, nodeProto(node, names));
    }
  }
  outputNames.forEach((name) => {
    if (name in inputs) throw new GraphError(`output "${name}" has the name of an input; choose another`);
    const source = names.get(outputs[name])!;
    graph.message(
      1,
      new ProtoWriter().text(1, source).text(2, name).text(3, `out_${name}`).text(4, 'Identity'),
    );
  });
  graph.text(2, graphName);
  for (const initializer of initializers) graph.message(5, initializer);
  for (const [name, tensor] of Object.entries(inputs)) graph.message(11, valueInfo(name, tensor));
  for (const name of outputNames) graph.message(12, valueInfo(name, outputs[name]));

  const model = new ProtoWriter().int(1, 8).text(2, 'hier').message(7, graph);
  model.message(8, new ProtoWriter().text(1, '').int(2, OPSET));
  for (const [key, value] of Object.entries(metadata))
    model.message(14, new ProtoWriter().text(1, key).text(2, value));
  return { bytes: model.bytes(), inputs, outputs };
}

/** Name of a constant's initializer; small equal ones share it. */
function constantName(node: Node, known: Map<string, string>, initializers: ProtoWriter[]): string {
  const [{ dtype, shape, id }] = node.outputs;
  const data = node.data!;
  const key =
    data.length <= 64
      ? `${dtype}|${shape.join(',')}|${data.join(',')}|${data.some((x) => Object.is(x, -0))}`
      : '';
  const shared = known.get(key);
  if (key && shared) return shared;
  const name = `c${id}`;
  if (key) known.set(key, name);
  const proto = new ProtoWriter();
  for (const n of shape) proto.int(1, n);
  proto.int(2, ONNX_TYPES[dtype]).text(8, name);
  proto.raw(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  initializers.push(proto);
  return name;
}

function nodeProto(node: Node, names: ReadonlyMap<Tensor, string>): ProtoWriter {
  const proto = new ProtoWriter();
  for (const tensor of node.inputs.slice(0, node.computes)) proto.text(1, names.get(tensor)!);
  for (const tensor of node.outputs) proto.text(2, names.get(tensor)!);
  proto.text(3, `n${node.id}`).text(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes))
    proto.message(5, attributeProto(name, attribute));
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

function valueInfo(name: string, { shape, dtype }: { shape: Shape; dtype: Tensor['dtype'] }): ProtoWriter {
  const dims = new ProtoWriter();
  for (const n of shape) dims.message(1, new ProtoWriter().int(1, n));
  const type = new ProtoWriter().int(1, ONNX_TYPES[dtype]).message(2, dims);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, type));
}
