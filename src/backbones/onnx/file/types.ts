/**
 * What hier reads of an ONNX file: the messages of onnx.proto3 that a network needs, as plain data. Weights are not
 * here but places where they lie.
 */
import type { Message } from './wire.js';

/** Element types of ONNX (TensorProto.DataType) by their number. */
export const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

/** The name of an element type. */
export const typeName = (code: number): string => ELEMENT_TYPES[code] ?? `element type ${code}`;

/** Whether values of an element type are real numbers. */
export const isFloatCode = (code: number): boolean => [1, 10, 11, 16].includes(code);

/** A tensor that the file holds: shape, type, and where its values lie. */
export interface StoredTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType. */
  readonly type: number;
  /** The tensor's own message. */
  readonly message: Message;
  /** Values as bytes of the element type, little-endian. */
  readonly raw?: Message | undefined;
  /** Values in a field of numbers, in pieces: packed rows, or single ones. */
  readonly numbers?: { readonly field: number; readonly pieces: readonly Message[] } | undefined;
  /** Integers in a field of numbers, where they are single ones. */
  readonly ints?: readonly number[] | undefined;
  /** Values in a file beside the model. */
  readonly external?: Readonly<Record<string, string>> | undefined;
}

/** What an attribute of a node holds. */
export interface StoredAttribute {
  readonly name: string;
  readonly float?: number;
  readonly int?: number;
  readonly text?: string;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly tensor?: StoredTensor;
  /** A graph inside, not read yet. */
  readonly graph?: Message;
  /** Inside a function: the attribute of the caller that this one stands for. */
  readonly refersTo?: string;
}

/** One operator application. An empty name among the inputs is one that is left out. */
export interface StoredNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, StoredAttribute>;
}

/** A dimension: a number, a name, or null where nothing is said. */
export type Dimension = number | string | null;

/** Name, element type and shape of an input or output; dims null when the file says none. */
export interface StoredInfo {
  readonly name: string;
  /** What kind of value it is; unknown when the file does not say it. */
  readonly kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'unknown';
  /** TensorProto.DataType; 0 for what is not a tensor. */
  readonly type: number;
  readonly dims: readonly Dimension[] | null;
}

/** A graph of the file. */
export interface StoredGraph {
  readonly nodes: readonly StoredNode[];
  readonly initializers: ReadonlyMap<string, StoredTensor>;
  readonly inputs: readonly StoredInfo[];
  readonly outputs: readonly StoredInfo[];
}

/** A function that the file brings with it. */
export interface StoredFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly StoredNode[];
}

/** An ONNX file. */
export interface StoredModel {
  readonly graph: StoredGraph;
  /** Version of the operators of the standard domain. */
  readonly opset: number;
  readonly producer: string;
  readonly functions: readonly StoredFunction[];
}
