/**
 * One application of an operator as its rule sees it: inputs as values, attributes by name, and words to refuse with. What
 * the operators mean stands in `operators/`.
 */
import { DataError } from '../../errors.js';
import type { Tensor } from '../../graph/index.js';
import { shown } from './file/shownName.js';
import type { StoredNode } from './file/types.js';
import { dimsOf, elements, isTensor, type Known, lifted, type Value } from './values.js';

/** A graph at the number of images that its file is fixed to. */
export interface FixedBatch {
  readonly size: number;
  /** Shapes of all values. */
  readonly dims: ReadonlyMap<string, readonly number[]>;
  /** Known rows of integers, such as targets of Reshape. */
  readonly rows: ReadonlyMap<string, readonly number[]>;
}

/** The batch of a graph that is being built. */
export interface Batch {
  /** Number of images, which may be the prime that stands for any. */
  readonly size: number;
  /** What holds for the number of images that the file is fixed to; undefined in a file for any. */
  readonly fixed?: FixedBatch | undefined;
  /** How many numbers the tables have that were computed so far. */
  readonly computed: { count: number };
  /** Zeros `[B, 1, …]` of a rank, made of the images: what is added to repeat a value for every image. */
  column(rank: number): Tensor;
}

/** One application of an operator. */
export interface Call {
  readonly node: StoredNode;
  /** Version of the standard operators in the file. */
  readonly opset: number;
  /** Undefined where an input is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly batch: Batch;
  /** Values of a tensor that is an attribute. */
  attributeValue(name: string): Known | undefined;
}

/** What a rule gives: the only output, or all. */
export type Result = Value | readonly Value[];

/** An operator of ONNX on the graph's own functions. */
export interface OperatorRule {
  /** What is taken of it, in a few words, for the documentation. */
  readonly about: string;
  /** Its result where an input depends on images or weights; absent where there cannot be one. */
  readonly graph?: (call: Call) => Result;
  /** Its result where all inputs are known; without it, they are constants of the graph. */
  readonly known?: (call: Call) => Result;
}

/** Rules by operator. */
export type OperatorRules = Readonly<Record<string, OperatorRule>>;

/** How a node is named to a user. */
export function nodeText({ name, op, domain, outputs }: StoredNode): string {
  return `node "${shown(name || outputs[0] || '?')}" (${domain ? `${shown(domain)}.` : ''}${shown(op)})`;
}

/** Says why a node cannot be taken, and never returns. */
export function refuse({ node }: { readonly node: StoredNode }, why: string): never {
  throw new DataError(`${nodeText(node)} ${why}`);
}

/** Says that a node computes across an axis in which the images of a batch lie, if it does. */
export function requireApartFromBatch(call: Call, dims: readonly number[], axes: readonly number[]): void {
  // The number that stands for any number of images is no other dimension.
  if (call.batch.size > 1000 && axes.some((axis) => dims[axis] === call.batch.size))
    refuse(call, 'computes across the images of a batch, so that one image changes the feature of another');
}

/** Whether an input is given. */
export const has = ({ inputs }: Call, i: number): boolean => inputs[i] !== undefined;

/** An input, which must be there. */
export function valueAt(call: Call, i: number): Value {
  return call.inputs[i] ?? refuse(call, `has no input ${i}`);
}

/** An input as a tensor of the graph. */
export function tensorAt(call: Call, i: number): Tensor {
  const value = valueAt(call, i);
  return isTensor(value) ? value : tensorOf(call, value);
}

/** A value as a tensor of the graph; one that is the same for a whole batch is not written out. */
export function tensorOf({ batch }: Pick<Call, 'batch'>, value: Value): Tensor {
  if (isTensor(value)) return value;
  const { dims, data } = value;
  const many = batch.size > 1000 && data.length === 1 && dims.length > 0 && dims[0] === batch.size;
  return lifted(many ? { ...value, dims: [1, ...dims.slice(1)] } : value);
}

/** An input that must be known when the graph is built. */
export function knownAt(call: Call, i: number): Known {
  const value = valueAt(call, i);
  if (isTensor(value))
    refuse(
      call,
      `takes its input ${i} ("${call.node.inputs[i]}") from what is in the image, or from weights that are trained; expected a fixed one`,
    );
  return value;
}

/** The numbers of an input that must be known, as a row. */
export const numbersAt = (call: Call, i: number): number[] => Array.from(elements(knownAt(call, i)));

/** The only number of an input, or what stands for it when it is left out. */
export function numberAt(call: Call, i: number, fallback: number): number {
  if (!has(call, i)) return fallback;
  const { data } = knownAt(call, i);
  return data.length > 0 ? data[0] : fallback;
}

/** An integer attribute. */
export const intOf = ({ node }: Call, name: string, fallback: number): number =>
  node.attributes.get(name)?.int ?? fallback;

/** A float attribute, rounded to float32 as in the file. */
export const floatOf = ({ node }: Call, name: string, fallback: number): number =>
  node.attributes.get(name)?.float ?? fallback;

/** A text attribute. */
export const textOf = ({ node }: Call, name: string, fallback: string): string =>
  node.attributes.get(name)?.text ?? fallback;

/** A list of integers among the attributes. */
export const intsOf = ({ node }: Call, name: string): readonly number[] | undefined =>
  node.attributes.get(name)?.ints;

/** Axes given as an attribute, or, in later versions, as an input; undefined when neither is there. */
export function axesOf(call: Call, i: number, rank: number, name = 'axes'): number[] | undefined {
  const given = intsOf(call, name) ?? (has(call, i) ? numbersAt(call, i) : undefined);
  return given?.map((axis) => axisAt(call, axis, rank));
}

/** An axis counted from the front. */
export function axisAt(call: Call, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  return Number.isInteger(index) && index >= 0 && index < rank
    ? index
    : refuse(call, `names the axis ${axis} of a value of ${rank} dimension(s)`);
}

/** Dimensions of an input. */
export const dimsAt = (call: Call, i: number): readonly number[] => dimsOf(valueAt(call, i));

/** Dimensions with one more in front for every rank that is missing. */
export const padded = (dims: readonly number[], rank: number): number[] => [
  ...Array(Math.max(0, rank - dims.length)).fill(1),
  ...dims,
];
