/**
 * Walks an ONNX graph node by node and builds the same network of the graph's own functions. What is known (shapes,
 * indices, tables) is computed on the way; what depends on images or weights becomes tensors. Rules of operators stand in
 * `operators/`.
 */
import { DataError } from '../../errors.js';
import { GraphError, mul, reshape, sizeOf, slices, type Tensor, transpose } from '../../graph/index.js';
import { type Scope, zeros } from '../../nn/index.js';
import {
  type Batch,
  type Call,
  type FixedBatch,
  nodeText,
  type OperatorRule,
  type Result,
  refuse,
} from './call.js';
import { readGraph } from './file/messages.js';
import { shown } from './file/shownName.js';
import type { StoredInfo, StoredNode, StoredTensor } from './file/types.js';
import { IMPORTED_OPERATORS } from './operators/index.js';
import { DEEPEST, makers, needed } from './order.js';
import { whyOthers } from './others.js';
import { TooLarge } from './tooLarge.js';
import { whyNot } from './unknownOperators.js';
import { dimsOf, elements, isTensor, type Known, known, scalar, type Value } from './values.js';

/** A graph of a file that is ready to be built. */
export interface Program {
  /** Inputs before users. */
  readonly nodes: readonly StoredNode[];
  readonly opset: number;
  /** The input for images, and whether its channels come last. */
  readonly image: { readonly name: string; readonly channelsLast: boolean };
  /** Shapes of the parameters by their names in the file. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  /** Other arrays of the file by name. */
  readonly constants: ReadonlyMap<string, Known | DataError>;
  /** Inputs beside the one for images. */
  readonly others: ReadonlyMap<string, StoredInfo>;
  /** Values of a tensor inside a node. */
  read(tensor: StoredTensor): Known;
  /** Of a file that is fixed to a number of images. */
  readonly fixed?: FixedBatch | undefined;
}

/** What is known of a value: the value, or why there is none. */
export type Outcome = Value | DataError;

/** The array of a parameter: its name in the file, behind `backbone.`. */
export const arrayName = (name: string): string => `backbone.${name}`;

/**
 * Builds the network over `images` `[B, 3, S, S]`; the values of all names.
 * @param lenient keep an error as the outcome of what it concerns, instead of throwing it
 * @throws DataError that names the node and operator that cannot be taken
 */
export function walk(
  program: Program,
  images: Tensor,
  scope: Scope,
  { lenient = false }: { lenient?: boolean } = {},
): Map<string, Outcome> {
  const values = new Map<string, Outcome>();
  const { name, channelsLast } = program.image;
  values.set(name, channelsLast ? transpose(images, [0, 2, 3, 1]) : images);
  run(program, program.nodes, values, batchOf(images, program.fixed), scope, lenient, 0);
  return values;
}

function batchOf(images: Tensor, fixed: Batch['fixed']): Batch {
  const size = images.shape[0];
  let zero: Tensor | undefined;
  const column = (rank: number) => {
    zero ??= mul(slices(images, [1, 2, 3], [0, 0, 0], [1, 1, 1]), 0);
    return reshape(zero, [size, ...Array(rank - 1).fill(1)]);
  };
  return { size, column, fixed: fixed && fixed.size !== size ? fixed : undefined, computed: { count: 0 } };
}

function run(
  program: Program,
  nodes: readonly StoredNode[],
  values: Map<string, Outcome>,
  batch: Batch,
  scope: Scope,
  lenient: boolean,
  depth: number,
): void {
  const lookUp = (name: string): Outcome | undefined => {
    const found = values.get(name);
    if (found !== undefined) return found;
    const dims = program.parameters.get(name);
    const value = dims ? scope.parameter(arrayName(name), dims, zeros) : program.constants.get(name);
    if (value) values.set(name, value);
    return value;
  };
  for (const node of nodes) {
    if (node.op === 'Constant' && program.parameters.has(node.outputs[0])) continue;
    let outcome: readonly Outcome[] | DataError;
    try {
      const inputs = node.inputs.map((name) =>
        name === '' ? undefined : (lookUp(name) ?? missing(program, node, name)),
      );
      const failed = inputs.find((value) => value instanceof DataError);
      if (failed) throw failed;
      const call: Call = {
        node,
        opset: program.opset,
        inputs: inputs as (Value | undefined)[],
        batch,
        attributeValue: (attribute) => {
          const tensor = node.attributes.get(attribute)?.tensor;
          return tensor && program.read(tensor);
        },
      };
      outcome = node.op === 'If' ? branch(program, call, values, scope, lenient, depth) : apply(call);
    } catch (error) {
      outcome = asDataError(error, node);
      if (!lenient) throw outcome;
    }
    if (!(outcome instanceof DataError)) outcome = withinReason(node, outcome, batch);
    if (outcome instanceof DataError && !lenient) throw outcome;
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      const own = outcome instanceof DataError ? outcome : outcome[i];
      values.set(
        name,
        own ?? new DataError(`${nodeText(node)} has an output ${i} that hier does not compute`),
      );
    });
  }
}

/** Most numbers of one value for one image, and of all tables that are computed. */
const [LARGEST, MOST_IN_ALL] = [2 ** 31, 50_000_000];

/** The results, or an error where they are larger than those of any sound network. */
function withinReason(
  node: StoredNode,
  results: readonly Outcome[],
  batch: Batch,
): readonly Outcome[] | DataError {
  for (const value of results) {
    if (value instanceof DataError) continue;
    const large = isTensor(value) && sizeOf(value.shape) / batch.size > LARGEST;
    if (large)
      return new TooLarge(
        `${nodeText(node)} makes [${value.shape.join(', ')}] of ${batch.size} images, which is more than any backbone`,
      );
    if (!isTensor(value) && value.data.length > 1) batch.computed.count += value.data.length;
  }
  if (batch.computed.count <= MOST_IN_ALL) return results;
  return new DataError(
    `${nodeText(node)}: the tables that the graph computes have more than ${MOST_IN_ALL} numbers`,
  );
}

function missing({ others }: Program, node: StoredNode, name: string): never {
  const other = others.get(name);
  if (other) throw new DataError(whyOthers([other]));
  throw new DataError(
    `${nodeText(node)} needs "${shown(name)}", which the file neither holds nor computes from the image`,
  );
}

/** Errors of the graph's functions, told with the node they were met at. */
function asDataError(error: unknown, node: StoredNode): DataError {
  if (error instanceof DataError)
    return error.message.includes('node "')
      ? error
      : new DataError(`${nodeText(node)}: ${error.message}`, { cause: error });
  if (error instanceof GraphError || error instanceof RangeError || error instanceof TypeError)
    return new DataError(`${nodeText(node)} does not fit together: ${error.message}`, { cause: error });
  throw error;
}

/** The results of one node. */
function apply(call: Call): readonly Value[] {
  const { node, inputs } = call;
  if (node.op === 'Constant' && node.domain === '') return [constantOf(call)];
  const rule = ruleOf(node);
  const isKnown = inputs.every((value) => value === undefined || !isTensor(value));
  const chosen = isKnown ? (rule.known ?? rule.graph) : rule.graph;
  const asked =
    chosen ?? refuse(call, `is computed from the image, or from weights; hier knows it ${rule.about} alone`);
  const result: Result = asked(call);
  return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
}

/** The rule of a node's operator. */
function ruleOf(node: StoredNode): OperatorRule {
  const { domain, op } = node;
  if (domain === '' && Object.hasOwn(IMPORTED_OPERATORS, op)) return IMPORTED_OPERATORS[op];
  throw new DataError(`${nodeText(node)} ${whyNot(domain, op)}`);
}

/** What a Constant node holds. */
function constantOf(call: Call): Value {
  const { attributes } = call.node;
  const tensor = call.attributeValue('value');
  if (tensor) return tensor;
  const [float, int] = [attributes.get('value_float')?.float, attributes.get('value_int')?.int];
  if (float !== undefined) return scalar('float', float);
  if (int !== undefined) return scalar('int', int);
  const [floats, ints] = [attributes.get('value_floats')?.floats, attributes.get('value_ints')?.ints];
  if (floats) return known('float', [floats.length], floats);
  if (ints) return known('int', [ints.length], ints);
  return refuse(call, 'holds text or a sparse tensor');
}

/** The chosen side of a branch whose condition is known. */
function branch(
  program: Program,
  call: Call,
  values: Map<string, Outcome>,
  scope: Scope,
  lenient: boolean,
  depth: number,
): readonly Outcome[] {
  const [condition] = call.inputs;
  if (!condition || isTensor(condition))
    refuse(call, 'chooses by what is in the image. Export the network with a fixed size of images.');
  if (depth >= DEEPEST) refuse(call, `lies more than ${DEEPEST} branches deep`);
  const side = call.node.attributes.get(condition.data[0] ? 'then_branch' : 'else_branch')?.graph;
  if (!side) refuse(call, 'has no branch to choose');
  const graph = readGraph(side);
  const inner = new Map(values);
  for (const [name, tensor] of graph.initializers) inner.set(name, program.read(tensor));
  const names = graph.outputs.map(({ name }) => name);
  run(program, needed(makers(graph), names), inner, call.batch, scope, lenient, depth + 1);
  return names.map((name) => inner.get(name) ?? missing(program, call.node, name));
}

/** Most elements of a row of integers that a shape may be. */
const LONGEST_ROW = 32;

/** What a graph holds that was walked at the number of images that its file is fixed to. */
export function fixedBatch(size: number, values: ReadonlyMap<string, Outcome>): FixedBatch {
  const dims = new Map<string, readonly number[]>();
  const rows = new Map<string, readonly number[]>();
  for (const [name, value] of values) {
    if (value instanceof DataError) continue;
    dims.set(name, dimsOf(value));
    const short =
      !isTensor(value) && value.type === 'int' && value.dims.length === 1 && value.dims[0] <= LONGEST_ROW;
    if (short) rows.set(name, Array.from(elements(value)));
  }
  return { size, dims, rows };
}
