/** Operators that give the same elements another shape, and those that ask for a shape. */
import * as graph from '../../../graph/index.js';
import {
  axesOf,
  axisAt,
  type Call,
  dimsAt,
  intOf,
  intsOf,
  knownAt,
  numbersAt,
  type OperatorRule,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  valueAt,
} from '../call.js';
import { countOf } from '../file/tensorValues.js';
import { reshaped, transposed } from '../knownArrays.js';
import { dimsOf, ints, isTensor, known, scalar, type Value } from '../values.js';

/** The value in other dimensions, known or not. */
export function inShape(call: Call, value: Value, dims: readonly number[]): Value {
  if (countOf(dims) !== countOf(dimsOf(value)))
    refuse(call, `gives [${dimsOf(value).join(', ')}] the shape [${dims.join(', ')}], which does not fit`);
  return isTensor(value) ? graph.reshape(value, dims) : reshaped(value, dims);
}

/** A target with 0 for "as in the input" and −1 for the rest, as numbers. */
function resolved(call: Call, dims: readonly number[], target: readonly number[]): number[] {
  const copying = intOf(call, 'allowzero', 0) === 0;
  const filled = target.map((n, i) => (n === 0 && copying ? (dims[i] ?? 0) : n));
  const rest = countOf(filled.filter((n) => n !== -1));
  const whole = countOf(dims);
  const result = filled.map((n) => (n === -1 ? (rest === 0 ? 0 : whole / rest) : n));
  if (
    filled.filter((n) => n === -1).length > 1 ||
    countOf(result) !== whole ||
    !result.every(Number.isInteger)
  )
    refuse(call, `gives [${dims.join(', ')}] the shape [${target.join(', ')}], which does not fit`);
  return result;
}

/**
 * The target of a file that was fixed to a number of images: the dimension in which the images lie grows with
 * the batch. It is found by what stands in front of it. A target that was computed from a shape follows the batch itself.
 */
function grown(call: Call, dims: readonly number[], target: readonly number[]): number[] {
  const { fixed, size } = call.batch;
  const before = fixed?.dims.get(call.node.inputs[0]);
  const targetThen = fixed?.rows.get(call.node.inputs[1]);
  const follows = !targetThen || targetThen.some((n, i) => n !== target[i]);
  if (!fixed || !before || follows || countOf(before) === countOf(dims)) return resolved(call, dims, target);
  const then = resolved(call, before, target);
  const at = dims.findIndex((n, i) => n !== before[i]);
  const front = countOf(before.slice(0, at));
  let place = 0;
  let product = 1;
  while (place < then.length - 1 && product !== front && front % (product * then[place]) === 0)
    product *= then[place++];
  return then.map((n, i) => (i === place ? (n * size) / fixed.size : n));
}

const reshape: OperatorRule = {
  about: 'a batch that was fixed by the exporter becomes open',
  graph: (call) => {
    const x = tensorAt(call, 0);
    return inShape(call, x, grown(call, x.shape, numbersAt(call, 1)));
  },
  known: (call) => {
    const value = knownAt(call, 0);
    return reshaped(value, resolved(call, value.dims, numbersAt(call, 1)));
  },
};

/** A rule that holds for tensors and known values alike. */
const both = (about: string, apply: (call: Call) => Result): OperatorRule => ({
  about,
  graph: apply,
  known: apply,
});

function flatten(call: Call): Result {
  const dims = dimsAt(call, 0);
  const given = intOf(call, 'axis', 1);
  const axis = given === dims.length ? given : axisAt(call, given, dims.length);
  return inShape(call, valueAt(call, 0), [countOf(dims.slice(0, axis)), countOf(dims.slice(axis))]);
}

function squeeze(call: Call): Result {
  const dims = dimsAt(call, 0);
  const axes = axesOf(call, 1, dims.length) ?? dims.map((n, i) => (n === 1 ? i : -1));
  if (axes.some((axis) => axis >= 0 && dims[axis] !== 1))
    refuse(call, `takes away an axis of [${dims.join(', ')}] that is not 1`);
  return inShape(
    call,
    valueAt(call, 0),
    dims.filter((_, i) => !axes.includes(i)),
  );
}

function unsqueeze(call: Call): Result {
  const dims = [...dimsAt(call, 0)];
  const given = intsOf(call, 'axes') ?? numbersAt(call, 1);
  const rank = dims.length + given.length;
  if (rank > 32) refuse(call, 'makes more than 32 dimensions');
  const axes = given.map((axis) => axisAt(call, axis, rank)).sort((a, b) => a - b);
  for (const axis of axes) dims.splice(axis, 0, 1);
  return inShape(call, valueAt(call, 0), dims);
}

function transpose(call: Call): Result {
  const value = valueAt(call, 0);
  const dims = dimsOf(value);
  const order = intsOf(call, 'perm') ?? dims.map((_, i) => dims.length - 1 - i);
  if (
    order.length !== dims.length ||
    new Set(order).size !== order.length ||
    order.some((axis) => !(axis in dims))
  )
    refuse(call, `orders the axes of [${dims.join(', ')}] as [${order.join(', ')}]`);
  return isTensor(value) ? graph.transpose(value, order) : transposed(value, order);
}

const order = (call: Call) => (call.node.attributes.get('mode')?.text === 'CRD' ? 'CRD' : 'DCR');
const block = (call: Call) => intOf(call, 'blocksize', 0);

function shape(call: Call): Result {
  const dims = dimsAt(call, 0);
  const bound = (n: number) => Math.min(dims.length, Math.max(0, n < 0 ? n + dims.length : n));
  return ints(dims.slice(bound(intOf(call, 'start', 0)), bound(intOf(call, 'end', dims.length))));
}

function constantOfShape(call: Call): Result {
  const dims = numbersAt(call, 0);
  if (dims.some((n) => !(Number.isSafeInteger(n) && n >= 0)))
    refuse(call, `makes the shape [${dims.join(', ')}]`);
  const value = call.attributeValue('value');
  return value ? { ...value, dims, data: [value.data[0]] } : known('float', dims, [0]);
}

export const shapes: OperatorRules = {
  Reshape: reshape,
  Flatten: both('', flatten),
  Squeeze: both('axes as attribute or input', squeeze),
  Unsqueeze: both('axes as attribute or input', unsqueeze),
  Transpose: both('', transpose),
  Identity: both('', (call) => valueAt(call, 0)),
  Dropout: {
    about: 'nothing is dropped',
    graph: (call) => [valueAt(call, 0), known('bool', dimsAt(call, 0), [1])],
  },
  DepthToSpace: {
    about: 'both modes',
    graph: (call) => graph.depthToSpace(tensorAt(call, 0), block(call), order(call)),
  },
  SpaceToDepth: { about: '', graph: (call) => graph.spaceToDepth(tensorAt(call, 0), block(call)) },
  Shape: both('', shape),
  Size: both('', (call) => scalar('int', countOf(dimsAt(call, 0)))),
  ConstantOfShape: { about: '', known: constantOfShape },
};
