/**
 * Parts of an ONNX file as they are but for two things: names that give way to others, and weights that lie beside the file,
 * which come inside. Also in branches and in what nodes hold. What does not change is not copied.
 */
import { DataError } from '../../errors.js';
import { ProtoWriter } from '../../graph/protobuf.js';
import { readExternal } from '../onnx/file/external.js';
import { readTensor } from '../onnx/file/messages.js';
import { countOf, ELEMENT_BYTES } from '../onnx/file/tensorValues.js';
import { typeName } from '../onnx/file/types.js';
import { fields, type Message, textOf } from '../onnx/file/wire.js';

/** What changes. */
export interface Rewriting {
  /** Path of the ONNX file, for weights beside it. */
  readonly file: string;
  /** Names of values that give way to others. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** How deep branches may lie in each other. */
const DEEPEST = 64;

type Rule = (part: Message) => Uint8Array;

/** A message in which rules, by the numbers of fields, made other bytes of some of its parts. */
function rewritten(message: Message, rules: Readonly<Record<number, Rule>>): Uint8Array {
  const writer = new ProtoWriter();
  let changed = false;
  for (const { number, wire, part, start, end } of fields(message)) {
    const bytes = wire === 2 ? rules[number]?.(part) : undefined;
    if (bytes === undefined || bytes === part.bytes) writer.fields(message.bytes.subarray(start, end));
    else {
      writer.raw(number, bytes);
      changed = true;
    }
  }
  return changed ? writer.bytes() : message.bytes;
}

const named =
  ({ renamed }: Rewriting): Rule =>
  (part) => {
    const other = renamed.get(textOf({ part }));
    return other === undefined ? part.bytes : new TextEncoder().encode(other);
  };

/** A node (NodeProto). */
export function rewrittenNode(message: Message, how: Rewriting, depth = 0): Uint8Array {
  return rewritten(message, { 1: named(how), 2: named(how), 5: (part) => attribute(part, how, depth) });
}

/** A function that the file brings along (FunctionProto), whose names are its own. */
export const rewrittenFunction = (message: Message, { file }: Rewriting): Uint8Array =>
  rewritten(message, { 7: (part) => rewrittenNode(part, { file, renamed: new Map() }) });

function attribute(message: Message, how: Rewriting, depth: number): Uint8Array {
  const tensor: Rule = (part) => rewrittenTensor(part, how);
  const graph: Rule = (part) => branch(part, how, depth + 1);
  return rewritten(message, { 5: tensor, 10: tensor, 6: graph, 11: graph });
}

/** The graph of a branch (GraphProto). */
function branch(message: Message, how: Rewriting, depth: number): Uint8Array {
  if (depth > DEEPEST) throw new DataError(`its branches lie more than ${DEEPEST} deep in each other`);
  const info: Rule = (part) => rewritten(part, { 1: named(how) });
  return rewritten(message, {
    1: (part) => rewrittenNode(part, how, depth),
    5: (part) => rewrittenTensor(part, how),
    11: info,
    12: info,
    13: info,
  });
}

/** A tensor (TensorProto) with its values inside. */
export function rewrittenTensor(message: Message, how: Rewriting): Uint8Array {
  const { file, renamed } = how;
  const tensor = readTensor(message);
  if (!tensor.external)
    return renamed.has(tensor.name) ? rewritten(message, { 8: named(how) }) : message.bytes;
  const width = ELEMENT_BYTES[tensor.type];
  if (!width)
    throw new DataError(
      `the tensor "${tensor.name}" holds ${typeName(tensor.type)} beside the file, which hier does not read`,
    );
  const writer = new ProtoWriter();
  for (const n of tensor.dims) writer.int(1, n);
  return writer
    .int(2, tensor.type)
    .text(8, renamed.get(tensor.name) ?? tensor.name)
    .raw(9, readExternal(file, tensor, countOf(tensor.dims) * width))
    .bytes();
}
