/** Writes small ONNX files for tests, node by node, with any operator and attribute. */
import { writeFileSync } from 'node:fs';
import { ProtoWriter } from '../../../src/graph/protobuf.js';

/** An attribute: an integer, a float (as `{ float }`), a text, or integers. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** A node. */
export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A stored array: floats unless another type is said. */
export interface ArraySpec {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type?: 'float' | 'int64' | 'bool' | 'int8';
}

/** An input or output; a dimension that is a text is open. */
export interface InfoSpec {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  /** TensorProto.DataType; 1 (float32) by default. */
  readonly type?: number;
}

/** A file. */
export interface FileSpec {
  readonly opset?: number;
  readonly nodes: readonly NodeSpec[];
  readonly arrays?: Readonly<Record<string, ArraySpec>>;
  readonly inputs: readonly InfoSpec[];
  readonly outputs: readonly InfoSpec[];
}

const TYPES = { float: 1, int64: 7, bool: 9, int8: 3 } as const;

/** The file's bytes. */
export function onnxBytes({ opset = 18, nodes, arrays = {}, inputs, outputs }: FileSpec): Uint8Array {
  const graph = new ProtoWriter();
  for (const node of nodes) graph.message(1, nodeProto(node));
  graph.text(2, 'test');
  for (const [name, array] of Object.entries(arrays)) graph.message(5, arrayProto(name, array));
  for (const info of inputs) graph.message(11, infoProto(info));
  for (const info of outputs) graph.message(12, infoProto(info));
  const model = new ProtoWriter().int(1, 8).message(7, graph);
  return model.message(8, new ProtoWriter().text(1, '').int(2, opset)).bytes();
}

/** Writes the file. */
export function writeOnnx(path: string, spec: FileSpec): string {
  writeFileSync(path, onnxBytes(spec));
  return path;
}

function nodeProto({ op, inputs, outputs, name = '', domain, attributes = {} }: NodeSpec): ProtoWriter {
  const proto = new ProtoWriter();
  for (const input of inputs) proto.text(1, input);
  for (const output of outputs) proto.text(2, output);
  proto.text(3, name).text(4, op);
  for (const [key, value] of Object.entries(attributes)) {
    const attribute = new ProtoWriter().text(1, key);
    if (typeof value === 'number') attribute.int(3, value).int(20, 2);
    else if (typeof value === 'string') attribute.text(4, value).int(20, 3);
    else if ('float' in value) attribute.float(2, value.float).int(20, 1);
    else {
      for (const n of value) attribute.int(8, n);
      attribute.int(20, 7);
    }
    proto.message(5, attribute);
  }
  return domain ? proto.text(7, domain) : proto;
}

function arrayProto(name: string, { dims, values, type = 'float' }: ArraySpec): ProtoWriter {
  const proto = new ProtoWriter();
  for (const n of dims) proto.int(1, n);
  const data =
    type === 'float'
      ? Float32Array.from(values)
      : type === 'int64'
        ? BigInt64Array.from(values, BigInt)
        : Uint8Array.from(values);
  return proto.int(2, TYPES[type]).text(8, name).raw(9, new Uint8Array(data.buffer));
}

function infoProto({ name, dims, type = 1 }: InfoSpec): ProtoWriter {
  const shape = new ProtoWriter();
  for (const n of dims) {
    const dim = new ProtoWriter();
    shape.message(1, typeof n === 'number' ? dim.int(1, n) : dim.text(2, n));
  }
  const tensor = new ProtoWriter().int(1, type).message(2, shape);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
}
