/**
 * The graph of an ONNX file with other inputs and outputs: only the nodes that these need, taken over byte by byte, and
 * all weights inside. Nodes in front and behind are given.
 */
import { DataError } from '../../errors.js';
import { OPEN } from '../../graph/index.js';
import { ProtoWriter } from '../../graph/protobuf.js';
import type { OpenedModel } from '../onnx/file/door.js';
import { fields, type Message, textOf } from '../onnx/file/wire.js';
import { captured, makers, needed } from '../onnx/order.js';
import type { Addition } from './nodes.js';
import { type Rewriting, rewrittenFunction, rewrittenNode, rewrittenTensor } from './rewrite.js';

/** A value of the graph, float32 unless it says otherwise; {@link OPEN} is any number of images. */
export interface Port {
  readonly name: string;
  readonly dims: readonly number[] | undefined;
  readonly type?: number;
}

/** What is made of a file. */
export interface Assembly {
  /** Values of the file that are needed. */
  readonly wanted: readonly string[];
  readonly input: Port;
  readonly outputs: readonly Port[];
  readonly additions: readonly Addition[];
  /** Names of the file that give way to names of the additions. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Largest file that one protobuf message may be, bytes. */
const LARGEST = 2 ** 31 - 1;
/** Fields of ModelProto that are taken over: versions, producer, operators' versions; and functions. */
const KEPT = [1, 2, 3, 4, 5, 8];
const FUNCTION = 25;
/** Fields of GraphProto. */
const [NODE, NAME, INITIALIZER, INPUT, OUTPUT] = [1, 2, 5, 11, 12];

/** The bytes of the new model. Throws DataError when it would be too large, or weights beside the file are not there. */
export function assembled(model: OpenedModel, assembly: Assembly): Uint8Array {
  const { wanted, input, outputs, additions, renamed } = assembly;
  const how: Rewriting = { file: model.file, renamed };
  const nodes = needed(makers(model.graph), wanted);
  const used = new Set(nodes);
  const reads = new Set([...wanted, ...nodes.flatMap((node) => [...node.inputs, ...captured(node)])]);
  const graph = new ProtoWriter();
  for (const { nodes } of additions.slice(0, 1)) for (const node of nodes) graph.message(NODE, node);
  let place = 0;
  let size = 0;
  const add = (field: number, bytes: Uint8Array) => {
    size += bytes.length;
    if (size > LARGEST)
      throw new DataError(
        'with its weights inside it would have more than 2 GB, which a network in one file cannot; take a smaller one',
      );
    graph.raw(field, bytes);
  };
  for (const field of fields(graphOf(model.bytes))) {
    if (field.number === NODE) {
      if (used.has(model.graph.nodes[place++])) add(NODE, rewrittenNode(field.part, how));
    } else if (field.number === INITIALIZER) {
      const tensor = [...fields(field.part)].find(({ number }) => number === 8);
      const stored = tensor && model.graph.initializers.get(textOf(tensor));
      if (stored && reads.has(stored.name)) add(INITIALIZER, rewrittenTensor(field.part, how));
    } else if (field.number === NAME) graph.raw(NAME, field.part.bytes);
  }
  for (const { nodes } of additions.slice(1)) for (const node of nodes) graph.message(NODE, node);
  for (const { arrays } of additions) for (const array of arrays) graph.message(INITIALIZER, array);
  graph.message(INPUT, valueInfo(input));
  for (const output of outputs) graph.message(OUTPUT, valueInfo(output));
  const whole = new ProtoWriter();
  for (const { number, part, start, end } of fields({ bytes: model.bytes, at: 0 })) {
    if (number === FUNCTION) whole.raw(number, rewrittenFunction(part, how));
    else if (KEPT.includes(number)) whole.fields(model.bytes.subarray(start, end));
  }
  return whole.message(7, graph).bytes();
}

/** The message of the graph in a model. */
function graphOf(bytes: Uint8Array): Message {
  for (const field of fields({ bytes, at: 0 })) if (field.number === 7) return field.part;
  throw new DataError('it holds no graph');
}

/** ValueInfoProto. */
function valueInfo({ name, dims, type = 1 }: Port): ProtoWriter {
  const tensor = new ProtoWriter().int(1, type);
  if (dims) {
    const shape = new ProtoWriter();
    for (const n of dims)
      shape.message(1, n === OPEN ? new ProtoWriter().text(2, 'batch') : new ProtoWriter().int(1, n));
    tensor.message(2, shape);
  }
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
}
