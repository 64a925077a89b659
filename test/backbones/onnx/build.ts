/** Writes small ONNX files for tests, node by node, with any operator and attribute. */
import { writeFileSync } from 'node:fs';
import { ProtoWriter } from '../../../src/graph/protobuf.js';

/** An attribute: an integer, a float (as `{ float }`), a text, integers, a tensor or a graph. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: ArraySpec }
  | { readonly graph: GraphSpec };

/** A node. */
export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A stored array: floats unless another type is said; `beside` is the file beside the model that holds it. */
export interface ArraySpec {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type?: keyof typeof TYPES;
  readonly beside?: string;
}

/** An input or output; a dimension that is a text is open. */
export interface InfoSpec {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  /** TensorProto.DataType; 1 (float32) by default. */
  readonly type?: number;
  /** What it is in place of a tensor, or a tensor that says no dimensions. */
  readonly kind?: 'sequence' | 'optional' | 'shapeless';
}

/** A graph. */
export interface GraphSpec {
  readonly nodes: readonly NodeSpec[];
  readonly arrays?: Readonly<Record<string, ArraySpec>>;
  readonly inputs: readonly InfoSpec[];
  readonly outputs: readonly InfoSpec[];
}

/** A file. `functions` are of the domain `local`, each of one node from `x` to `y`. */
export interface FileSpec extends GraphSpec {
  readonly opset?: number;
  readonly functions?: Readonly<Record<string, NodeSpec>>;
}

const TYPES = { float: 1, double: 11, int64: 7, bool: 9, int8: 3, complex: 14 } as const;

/** The file's bytes. */
export function onnxBytes({ opset = 18, functions = {}, ...graph }: FileSpec): Uint8Array {
  const version = (domain: string, number: number) => new ProtoWriter().text(1, domain).int(2, number);
  const model = new ProtoWriter().int(1, 8).message(7, graphProto(graph)).message(8, version('', opset));
  for (const [name, node] of Object.entries(functions)) {
    const own = new ProtoWriter().text(1, name).text(4, 'x').text(5, 'y').message(7, nodeProto(node));
    model.message(25, own.message(9, version('', opset)).text(10, 'local'));
  }
  if (Object.keys(functions).length > 0) model.message(8, version('local', 1));
  return model.bytes();
}

function graphProto({ nodes, arrays = {}, inputs, outputs }: GraphSpec): ProtoWriter {
  const graph = new ProtoWriter();
  for (const node of nodes) graph.message(1, nodeProto(node));
  graph.text(2, 'test');
  for (const [name, array] of Object.entries(arrays)) graph.message(5, arrayProto(name, array));
  for (const info of inputs) graph.message(11, infoProto(info));
  for (const info of outputs) graph.message(12, infoProto(info));
  return graph;
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
    else if ('tensor' in value) attribute.message(5, arrayProto('', value.tensor)).int(20, 4);
    else if ('graph' in value) attribute.message(6, graphProto(value.graph)).int(20, 5);
    else {
      for (const n of value) attribute.int(8, n);
      attribute.int(20, 7);
    }
    proto.message(5, attribute);
  }
  return domain ? proto.text(7, domain) : proto;
}

/** Bytes of an array's values. */
export function arrayBytes({ values, type = 'float' }: ArraySpec): Uint8Array {
  const data =
    type === 'float'
      ? Float32Array.from(values)
      : type === 'double'
        ? Float64Array.from(values)
        : type === 'int64'
          ? BigInt64Array.from(values, BigInt)
          : Uint8Array.from(values);
  return new Uint8Array(data.buffer);
}

function arrayProto(name: string, array: ArraySpec): ProtoWriter {
  const { dims, type = 'float', beside } = array;
  const proto = new ProtoWriter();
  for (const n of dims) proto.int(1, n);
  proto.int(2, TYPES[type]).text(8, name);
  if (beside === undefined) return proto.raw(9, arrayBytes(array));
  const location = new ProtoWriter().text(1, 'location').text(2, beside);
  return proto.message(13, location).int(14, 1);
}

function infoProto({ name, dims, type = 1, kind }: InfoSpec): ProtoWriter {
  const shape = new ProtoWriter();
  for (const n of dims) {
    const dim = new ProtoWriter();
    shape.message(1, typeof n === 'number' ? dim.int(1, n) : dim.text(2, n));
  }
  const tensor = new ProtoWriter().int(1, type).message(2, shape);
  const own = new ProtoWriter();
  if (kind === 'shapeless') own.message(1, new ProtoWriter().int(1, type));
  else if (kind === undefined) own.message(1, tensor);
  else
    own.message(
      kind === 'sequence' ? 4 : 9,
      new ProtoWriter().message(1, new ProtoWriter().message(1, tensor)),
    );
  return new ProtoWriter().text(1, name).message(2, own);
}

/** A file whose image `[n, 3, 8, 8]` is pooled to `p` `[n, 3]`, with nodes behind that end in one output. */
export function behindPooling(
  nodes: readonly NodeSpec[],
  output: NonNullable<FileSpec['outputs']>[number],
  more: Partial<FileSpec> = {},
): FileSpec {
  return {
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['image'], outputs: ['q'] },
      { op: 'Flatten', inputs: ['q'], outputs: ['p'] },
      ...nodes,
    ],
    inputs: [{ name: 'image', dims: ['n', 3, 8, 8] }],
    outputs: [output],
    ...more,
  };
}
