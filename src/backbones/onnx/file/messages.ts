/**
 * Reads the messages of an ONNX file (onnx.proto3) into plain data, within bounds. Values of tensors stay where they
 * are. What the operators mean is not known here.
 */
import { DataError } from '../../../errors.js';
import { shown } from './shownName.js';
import type {
  Dimension,
  StoredAttribute,
  StoredFunction,
  StoredGraph,
  StoredInfo,
  StoredModel,
  StoredNode,
  StoredTensor,
} from './types.js';
import { type Field, fields, floatOf, type Message, pushInts, textOf } from './wire.js';

/** Most nodes, initializers or functions of a file. */
const MOST_ENTRIES = 200_000;
/** Most dimensions of a tensor. */
const MOST_DIMS = 16;
/** Most integers of an attribute or of a tensor that holds them one by one. */
const MOST_INTS = 20_000_000;

/** Reads a whole model. Throws DataError for what is not one. */
export function readModel(bytes: Uint8Array): StoredModel {
  let graph: StoredGraph | undefined;
  let producer = '';
  const opsets = new Map<string, number>();
  const functions: StoredFunction[] = [];
  for (const field of fields({ bytes, at: 0 })) {
    if (field.number === 2) producer = textOf(field);
    else if (field.number === 7) {
      if (graph) throw new DataError('it holds two graphs');
      graph = readGraph(field.part);
    } else if (field.number === 8) {
      const own = [...fields(field.part)];
      const domain = own.find(({ number }) => number === 1);
      opsets.set(domain ? textOf(domain) : '', own.find(({ number }) => number === 2)?.int ?? 0);
    } else if (field.number === 25) functions.push(readFunction(field.part));
  }
  if (!graph) throw new DataError('it holds no graph');
  const opset = opsets.get('') ?? opsets.get('ai.onnx') ?? 0;
  return { graph, opset, producer, functions };
}

/** Reads a graph. */
export function readGraph(message: Message): StoredGraph {
  const nodes: StoredNode[] = [];
  const initializers = new Map<string, StoredTensor>();
  const [inputs, outputs]: StoredInfo[][] = [[], []];
  for (const field of fields(message)) {
    if (field.number === 1) nodes.push(readNode(field.part));
    else if (field.number === 5) {
      const tensor = readTensor(field.part);
      if (initializers.has(tensor.name))
        throw new DataError(`two initializers are named "${shown(tensor.name)}"`);
      initializers.set(tensor.name, tensor);
    } else if (field.number === 11) inputs.push(readInfo(field.part));
    else if (field.number === 12) outputs.push(readInfo(field.part));
    else if (field.number === 15)
      throw new DataError(
        'it holds sparse initializers, which hier cannot train; export it with dense weights',
      );
    if (nodes.length > MOST_ENTRIES || initializers.size > MOST_ENTRIES)
      throw new DataError(`it has more than ${MOST_ENTRIES} nodes or weights`);
  }
  return { nodes, initializers, inputs, outputs };
}

function readFunction(message: Message): StoredFunction {
  const [inputs, outputs]: string[][] = [[], []];
  const nodes: StoredNode[] = [];
  let [name, domain] = ['', ''];
  for (const field of fields(message)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 4) inputs.push(textOf(field));
    else if (field.number === 5) outputs.push(textOf(field));
    else if (field.number === 7) nodes.push(readNode(field.part));
    else if (field.number === 10) domain = textOf(field);
    if (nodes.length > MOST_ENTRIES) throw new DataError(`the function "${shown(name)}" is too long`);
  }
  return { name, domain, inputs, outputs, nodes };
}

function readNode(message: Message): StoredNode {
  const [inputs, outputs]: string[][] = [[], []];
  const attributes = new Map<string, StoredAttribute>();
  let [name, op, domain] = ['', '', ''];
  for (const field of fields(message)) {
    if (field.number === 1) inputs.push(textOf(field));
    else if (field.number === 2) outputs.push(textOf(field));
    else if (field.number === 3) name = textOf(field);
    else if (field.number === 4) op = textOf(field);
    else if (field.number === 5) {
      const attribute = readAttribute(field.part);
      attributes.set(attribute.name, attribute);
    } else if (field.number === 7) domain = textOf(field);
  }
  return { name, op, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function readAttribute(message: Message): StoredAttribute {
  const attribute: { -readonly [K in keyof StoredAttribute]: StoredAttribute[K] } = { name: '' };
  const [ints, floats]: number[][] = [[], []];
  let type = 0;
  for (const field of fields(message)) {
    if (field.number === 1) attribute.name = textOf(field);
    else if (field.number === 2) attribute.float = floatOf(field);
    else if (field.number === 3) attribute.int = field.int;
    else if (field.number === 4) attribute.text = textOf(field);
    else if (field.number === 5) attribute.tensor = readTensor(field.part);
    else if (field.number === 6) attribute.graph = field.part;
    else if (field.number === 7) pushFloats(field, floats);
    else if (field.number === 8) pushInts(field, ints, MOST_INTS);
    else if (field.number === 20) type = field.int;
    else if (field.number === 21) attribute.refersTo = textOf(field);
  }
  if (ints.length > 0 || type === 7) attribute.ints = ints;
  if (floats.length > 0 || type === 6) attribute.floats = floats;
  // A number of 0 may be left out of the file.
  if (type === 2) attribute.int ??= 0;
  if (type === 1) attribute.float ??= 0;
  return attribute;
}

function pushFloats(field: Field, list: number[]): void {
  const { bytes } = field.part;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length; at += 4) list.push(view.getFloat32(at, true));
}

/** Fields of TensorProto that hold numbers: float_data, int32_data, int64_data, double_data, uint64_data. */
const NUMBERS = [4, 5, 7, 10, 11];

/** Reads where a tensor's values lie. */
export function readTensor(message: Message): StoredTensor {
  const dims: number[] = [];
  const pieces: Message[] = [];
  const ints: number[] = [];
  let [name, type, holds, outside] = ['', 0, 0, false];
  let raw: Message | undefined;
  const external: Record<string, string> = {};
  for (const field of fields(message)) {
    if (field.number === 1) pushInts(field, dims, MOST_DIMS);
    else if (field.number === 2) type = field.int;
    else if (NUMBERS.includes(field.number)) {
      holds = field.number;
      if (field.wire === 0) ints.push(field.int);
      else pieces.push(field.part);
    } else if (field.number === 8) name = textOf(field);
    else if (field.number === 9) raw = field.part;
    else if (field.number === 13) {
      const own = new Map([...fields(field.part)].map((one) => [one.number, textOf(one)]));
      external[own.get(1) ?? ''] = own.get(2) ?? '';
    } else if (field.number === 14) outside = field.int === 1;
  }
  const bad = dims.find((n) => !(Number.isSafeInteger(n) && n >= 0));
  if (bad !== undefined || dims.reduce((size, n) => size * n, 1) > Number.MAX_SAFE_INTEGER)
    throw new DataError(`the tensor "${shown(name)}" has the shape [${dims.join(', ')}]`);
  return {
    name,
    dims,
    type,
    message,
    raw,
    numbers: holds ? { field: holds, pieces } : undefined,
    ints: ints.length > 0 ? ints : undefined,
    external: outside ? external : undefined,
  };
}

/** Kinds of values by their fields in TypeProto. */
const KINDS: Readonly<Record<number, StoredInfo['kind']>> = {
  1: 'tensor',
  4: 'sequence',
  5: 'map',
  8: 'sparse tensor',
  9: 'optional',
};

function readInfo(message: Message): StoredInfo {
  let name = '';
  let kind: StoredInfo['kind'] = 'unknown';
  let type = 0;
  let dims: Dimension[] | null = null;
  for (const field of fields(message)) {
    if (field.number === 1) name = textOf(field);
    if (field.number !== 2) continue;
    for (const own of fields(field.part)) {
      kind = KINDS[own.number] ?? kind;
      if (own.number !== 1) continue;
      for (const part of fields(own.part)) {
        if (part.number === 1) type = part.int;
        if (part.number === 2) dims = [...fields(part.part)].map((dim) => readDimension(dim.part));
      }
    }
    if (dims && dims.length > MOST_DIMS)
      throw new DataError(`"${shown(name)}" has ${dims.length} dimensions`);
  }
  return { name, kind, type, dims };
}

function readDimension(message: Message): Dimension {
  for (const field of fields(message)) {
    if (field.number === 1) return field.int > 0 ? field.int : null;
    if (field.number === 2) return textOf(field);
  }
  return null;
}
