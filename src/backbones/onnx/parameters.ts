/**
 * Which arrays of a file are parameters, that training may change, and which are constants: statistics, masks, tables of
 * positions, limits. Decided by what they are used for, since ONNX does not say it.
 */
import { countOf } from './file/tensorValues.js';
import { isFloatCode, type StoredGraph, type StoredNode, type StoredTensor } from './file/types.js';

/** An array of a file that takes part in what is computed. */
export interface StoredArray {
  /** Name of the initializer, or of the value that a Constant node makes. */
  readonly name: string;
  readonly tensor: StoredTensor;
  readonly trainable: boolean;
}

/** Operators that hand a weight on as it is, in another shape or type. */
const VIEWS = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten']);

/** Inputs at which weights of layers stand, by operator. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Einsum: [0, 1, 2],
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
  Gather: [0],
};

/** Operators with two operands or more of which any may be a weight, such as a bias or a class token. */
const MIXED = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Concat',
  'Expand',
  'Tile',
  'Slice',
  'Split',
  'Resize',
  'Sum',
  'Pad',
  'Where',
]);

/** Names of buffers that frameworks keep beside parameters. */
const BUFFERS =
  /(^|[./_])(attn_mask|attention_mask|relative_position_index|relative_coords_table|inv_freq|periods|cos_cached|sin_cached|pos_embed_cached|(pixel|image)_(mean|std)|running_(mean|var)|num_batches_tracked)$/;

/** What uses a value: a node, and at which of its inputs. */
interface Use {
  readonly node: StoredNode;
  readonly at: number;
}

/**
 * The arrays that nodes read, in the order of their first use.
 * @param image name of the input for images
 * @param valuesOf reads the values of a tensor, to tell masks and tables
 */
export function storedArrays(
  nodes: readonly StoredNode[],
  { initializers }: StoredGraph,
  image: string,
  valuesOf: (tensor: StoredTensor) => ArrayLike<number>,
): StoredArray[] {
  const uses = new Map<string, Use[]>();
  for (const node of nodes)
    node.inputs.forEach((name, at) => {
      const list = uses.get(name);
      if (list) list.push({ node, at });
      else uses.set(name, [{ node, at }]);
    });
  const fromImage = imageViews(nodes, image);
  const arrays = new Map<string, StoredArray>();
  const add = (name: string, tensor: StoredTensor, inNode: boolean) => {
    if (arrays.has(name)) return;
    const roles = [...rolesOf(name, uses, fromImage)];
    const wanted = roles.some((role) => role === 'weight' || (role === 'operand' && !inNode));
    const trainable =
      wanted &&
      !roles.includes('normalises pixels') &&
      isFloatCode(tensor.type) &&
      countOf(tensor.dims) > 1 &&
      !BUFFERS.test(name) &&
      (roles.includes('weight') || !isTable(tensor, roles, valuesOf(tensor)));
    arrays.set(name, { name, tensor, trainable });
  };
  for (const node of nodes) {
    for (const name of node.inputs) {
      const tensor = initializers.get(name);
      if (tensor) add(name, tensor, false);
    }
    const tensor = node.op === 'Constant' ? node.attributes.get('value')?.tensor : undefined;
    if (tensor) add(node.outputs[0], tensor, true);
  }
  return [...arrays.values()];
}

type Role = 'weight' | 'operand' | 'factor' | 'normalises pixels' | 'other';

/** What a value is used for, also after views of it. */
function* rolesOf(
  name: string,
  uses: ReadonlyMap<string, readonly Use[]>,
  fromImage: ReadonlySet<string>,
  depth = 0,
): Generator<Role> {
  for (const { node, at } of uses.get(name) ?? []) {
    if (at === 0 && VIEWS.has(node.op) && depth < 8)
      yield* rolesOf(node.outputs[0], uses, fromImage, depth + 1);
    else if (WEIGHTS[node.op]?.includes(at)) yield 'weight';
    else if (MIXED.has(node.op)) {
      if (node.inputs.some((input) => fromImage.has(input))) yield 'normalises pixels';
      yield 'operand';
      if (node.op === 'Mul' || node.op === 'Div') yield 'factor';
    } else yield 'other';
  }
}

/** The image, and what only shapes or scales its pixels. */
function imageViews(nodes: readonly StoredNode[], image: string): Set<string> {
  const names = new Set([image]);
  for (const { op, inputs, outputs } of nodes)
    if (
      (VIEWS.has(op) || ['Sub', 'Div', 'Mul', 'Add'].includes(op)) &&
      inputs.some((name) => names.has(name))
    )
      names.add(outputs[0]);
  return names;
}

/** Whether the values are those of a mask, or of a table of sines and cosines. */
function isTable({ dims }: StoredTensor, roles: readonly Role[], values: ArrayLike<number>): boolean {
  const [first] = [values[0]];
  let other: number | undefined;
  let [two, low, within] = [true, 0, true];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (x !== first) other ??= x;
    if (x !== first && x !== other) two = false;
    if (!(x >= low)) low = x;
    if (!(Math.abs(x) <= 1)) within = false;
  }
  if (two && !(low > -50)) return true;
  return roles.includes('factor') && within && dims.filter((n) => n > 1).length > 1;
}
