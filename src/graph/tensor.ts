/**
 * Symbolic tensors: a computation described as a graph of ONNX operators, before anything is computed. A
 * tensor knows its static shape, its element type and the node that makes it; nodes know their inputs and how
 * to pass a gradient back. No numbers flow here: sessions run a graph, and `gradients` differentiates it. This room knows
 * nothing of metric learning.
 */

/** Element types a graph can carry. */
export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'uint8';

/** ONNX's codes of the element types (TensorProto.DataType). */
export const ONNX_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** Static dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Values of an element type as a typed array. */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A node's result by an engine's kernels for channels in blocks, from tensors in place of those that it is computed of. */
export interface BlockedForm {
  readonly of: readonly Tensor[];
  readonly build: (of: readonly Tensor[], blocks: Blocks) => Tensor;
}

/** Ways into and out of the blocked layout. */
export interface Blocks {
  /** Channels in a block. */
  readonly size: number;
  /** `[B, C, H, W]` in blocks, with C rounded up to whole ones; the same tensor goes in once. */
  readonly enter: (x: Tensor) => Tensor;
  /** The first `channels` of a tensor in blocks, in the ordinary layout. */
  readonly leave: (x: Tensor, channels: number) => Tensor;
}

/** An ONNX attribute: an integer, a float, a string, a list of integers. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] };

/** A value of the graph. Made by the operator functions only. */
export interface Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly node: Node;
}

/**
 * How a node passes gradients back: from the gradients of its outputs (null where nothing depends on one) to
 * those of its inputs (null where an input gets none).
 */
export type GradientRule = (grads: readonly (Tensor | null)[]) => readonly (Tensor | null)[];

/** Stands in place of a rule for operators whose result does not vary smoothly, such as `Equal`. */
export const NO_GRADIENT = 'none';

/** One operator application. */
export interface Node {
  /** ONNX operator type, or 'Input' or 'Constant'. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** How many of the inputs the operator computes with; the others only take part in the gradient. */
  readonly computes: number;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly Tensor[];
  /** Undefined: differentiating through this node is an error. */
  readonly gradient: GradientRule | typeof NO_GRADIENT | undefined;
  /** Name of an input. */
  readonly name?: string;
  /** Values of a constant. */
  readonly data?: TensorData;
  readonly blocked?: BlockedForm;
}

/** A list of integers among the attributes of a node that has it. */
export function intsOf({ attributes }: Node, name: string): readonly number[] {
  return (attributes[name] as { readonly ints: readonly number[] }).ints;
}

/** A graph that cannot be built: shapes that do not fit, an operator without gradient. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** Options of `makeNode`. */
export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly gradient: GradientRule | typeof NO_GRADIENT | undefined;
  readonly computes?: number;
  readonly name?: string;
  readonly data?: TensorData;
  readonly blocked?: BlockedForm;
}

/** Adds a node and returns its outputs. */
export function makeNode(spec: NodeSpec): Tensor[] {
  const outputs: Tensor[] = [];
  const { computes = spec.inputs.length, attributes = {} } = spec;
  const node: Node = { ...spec, computes, attributes, outputs };
  for (const { shape, dtype } of spec.outputs) outputs.push({ shape, dtype, node });
  return outputs;
}

/** Adds a node with one output, which has the shape and type of `like` unless others are given. */
export function makeTensor(
  op: string,
  inputs: readonly Tensor[],
  shape: Shape,
  dtype: DType,
  gradient: GradientRule | typeof NO_GRADIENT | undefined,
  attributes: Readonly<Record<string, Attribute>> = {},
): Tensor {
  return makeNode({ op, inputs, attributes, outputs: [{ shape, dtype }], gradient })[0];
}

/** A value fed at run time. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  checkShape('Input', shape);
  return makeNode({ op: 'Input', inputs: [], outputs: [{ shape, dtype }], gradient: NO_GRADIENT, name })[0];
}

/** Whether a type is a floating-point one, so that gradients can flow. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** An array of `length` zeros of an element type. */
export function zerosOf(dtype: DType, length: number): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    default:
      return new Uint8Array(length);
  }
}

/** A value known when the graph is built. A single number fills the whole shape. */
export function constant(
  values: number | readonly number[] | TensorData,
  shape: Shape = [],
  dtype: DType = 'float32',
): Tensor {
  checkShape('Constant', shape);
  const length = sizeOf(shape);
  const data = zerosOf(dtype, length);
  if (typeof values === 'number') data.fill(element(values, dtype) as never);
  else {
    if (values.length !== length)
      throw new GraphError(`Constant: ${values.length} values were given for shape ${show(shape)}`);
    for (let i = 0; i < length; i++) data[i] = element(values[i], dtype) as never;
  }
  const outputs = [{ shape, dtype }];
  return makeNode({ op: 'Constant', inputs: [], outputs, gradient: NO_GRADIENT, data })[0];
}

/** A number as an element of a type; throws where an integer type cannot hold it. */
function element(value: number | bigint, dtype: DType): number | bigint {
  if (isFloat(dtype)) return Number(value);
  const limits: Readonly<Record<string, [number, number]>> = {
    int32: [-(2 ** 31), 2 ** 31 - 1],
    int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    uint8: [0, 255],
    bool: [0, 1],
  };
  const [low, high] = limits[dtype];
  if (typeof value === 'number' && !(Number.isInteger(value) && value >= low && value <= high))
    throw new GraphError(`Constant: ${value} is not a value of type ${dtype}`);
  return dtype === 'int64' ? BigInt(value) : Number(value);
}

/** Throws unless `data` holds the values of a tensor of this type and shape, fed under `name`. */
export function requireFit(
  name: string,
  { shape, dtype }: { readonly shape: Shape; readonly dtype: DType },
  data: TensorData | undefined,
): asserts data is TensorData {
  const wanted = zerosOf(dtype, 0).constructor;
  if (!data) throw new GraphError(`input "${name}" ${show(shape)} is missing; expected a ${wanted.name}`);
  const length = sizeOf(shape.map((n) => (n === OPEN ? 1 : n)));
  const fits = shape.includes(OPEN) ? data.length > 0 && data.length % length === 0 : data.length === length;
  if (!(data instanceof wanted) || !fits)
    throw new GraphError(
      `input "${name}": ${data.constructor.name} of length ${data.length} was given; expected ${wanted.name} of length ${shape.includes(OPEN) ? `n · ${length}` : length} for ${show(shape)}`,
    );
}

/** In the shape of a model's input or output: a dimension that is known at run time only. At most one. */
export const OPEN = -1;

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** A shape as text, such as `[180, 128]`. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Throws unless every dimension is a whole number of at least 0. */
export function checkShape(op: string, shape: Shape): void {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    throw new GraphError(`${op}: ${show(shape)} is not a shape; dimensions are whole numbers`);
}

/** A possibly negative axis as an index into a shape of the given rank. */
export function axisOf(op: string, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || index < 0 || index >= rank)
    throw new GraphError(`${op}: axis ${axis} does not exist; the input has ${rank} dimension(s)`);
  return index;
}

/** The common shape of operands under NumPy's broadcasting rule. */
export function broadcast(op: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let i = 0; i < rank; i++) {
    const sizes = shapes.map((shape) => shape[shape.length - rank + i] ?? 1).filter((n) => n !== 1);
    if (sizes.some((n) => n !== sizes[0]))
      throw new GraphError(
        `${op}: shapes ${shapes.map(show).join(' and ')} do not broadcast; expected equal dimensions or 1, counted from the right`,
      );
    result.push(sizes[0] ?? 1);
  }
  return result;
}
