/** Operators that join, cut, repeat and pad. */
import * as graph from '../../../graph/index.js';
import {
  axesOf,
  axisAt,
  type Call,
  dimsAt,
  has,
  intOf,
  intsOf,
  knownAt,
  nodeText,
  numberAt,
  numbersAt,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  textOf,
  valueAt,
} from '../call.js';
import { countOf } from '../file/tensorValues.js';
import { expanded, joined, strided, stridesOf } from '../knownArrays.js';
import { TooLarge } from '../tooLarge.js';
import { dimsOf, isTensor, type Known } from '../values.js';

/** Most numbers of one value for one image. */
const LARGEST = 2 ** 31;

/**
 * A tensor repeated to larger dimensions. Along the batch it is added to zeros made of the images, since no size is
 * written into the graph there.
 */
export function spread(call: Pick<Call, 'batch'>, x: graph.Tensor, dims: readonly number[]): graph.Tensor {
  const { size, column } = call.batch;
  const grows =
    dims.length > 0 && dims[0] % size === 0 && (x.shape.length < dims.length || x.shape[0] !== dims[0]);
  if (!grows) return graph.expand(x, dims);
  if (dims[0] !== size || x.dtype !== 'float32') return graph.expand(x, dims);
  return graph.add(graph.expand(x, [1, ...dims.slice(1)]), column(dims.length));
}

function concat(call: Call): Result {
  const rank = dimsAt(call, 0).length;
  const axis = axisAt(call, intOf(call, 'axis', 0), rank);
  const parts = call.inputs.map((_, i) => tensorAt(call, i));
  // A class token that the exporter did not repeat, since its batch was 1.
  const batch = Math.max(...parts.map(({ shape }) => shape[0]));
  const even = parts.map((part) =>
    axis !== 0 && part.shape[0] === 1 && batch === call.batch.size
      ? spread(call, part, [batch, ...part.shape.slice(1)])
      : part,
  );
  return graph.concat(even, axis);
}

function concatKnown(call: Call): Result {
  const values = call.inputs.map((_, i) => knownAt(call, i));
  const axis = axisAt(call, intOf(call, 'axis', 0), values[0].dims.length);
  const fits = (value: Known) =>
    value.dims.length === values[0].dims.length &&
    value.dims.every((n, i) => i === axis || n === values[0].dims[i]);
  if (!values.every(fits)) refuse(call, 'joins values of different shapes');
  const filled = values.filter(({ dims }) => dims[axis] > 0);
  return filled.length === 0 ? values[0] : joined(filled, axis);
}

/** Where a slice of each axis begins, how many elements it has, and its step. */
function bounds(call: Call, dims: readonly number[]) {
  const given = intsOf(call, 'starts');
  const starts = given ?? numbersAt(call, 1);
  const ends = intsOf(call, 'ends') ?? numbersAt(call, 2);
  const axes = axesOf(call, 3, dims.length) ?? starts.map((_, i) => axisAt(call, i, dims.length));
  const steps = has(call, 4) ? numbersAt(call, 4) : starts.map(() => 1);
  return axes.map((axis, i) => {
    const n = dims[axis];
    const step = steps[i];
    if (!Number.isInteger(step) || step === 0) refuse(call, `has a step of ${step}`);
    const from = (at: number) => (at < 0 ? at + n : at);
    const within = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at));
    const start = step > 0 ? within(from(starts[i]), 0, n) : within(from(starts[i]), 0, n - 1);
    const end = step > 0 ? within(from(ends[i]), 0, n) : within(from(ends[i]), -1, n - 1);
    return { axis, start, end: step > 0 ? Math.max(start, end) : Math.min(start, end), step };
  });
}

function slice(call: Call): Result {
  const x = tensorAt(call, 0);
  const cuts = bounds(call, x.shape).filter(
    ({ axis, start, end, step }) => step !== 1 || start > 0 || end < x.shape[axis],
  );
  const of = (key: 'axis' | 'start' | 'end' | 'step') => cuts.map((cut) => cut[key]);
  return cuts.length === 0 ? x : graph.slices(x, of('axis'), of('start'), of('end'), of('step'));
}

function sliceKnown(call: Call): Result {
  const value = knownAt(call, 0);
  const dims = [...value.dims];
  const strides = stridesOf(dims);
  let offset = 0;
  for (const { axis, start, end, step } of bounds(call, value.dims)) {
    dims[axis] = Math.ceil(Math.abs(end - start) / Math.abs(step));
    offset += start * strides[axis];
    strides[axis] *= step;
  }
  return strided(value, dims, strides, offset);
}

/** Sizes of the parts of a split. */
function sizes(call: Call, n: number): number[] {
  const given = intsOf(call, 'split') ?? (has(call, 1) ? numbersAt(call, 1) : undefined);
  if (given) return [...given];
  const count = call.node.outputs.length;
  const each = Math.ceil(n / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, n - i * each)));
}

function split(call: Call): Result {
  const value = valueAt(call, 0);
  const dims = dimsOf(value);
  const axis = axisAt(call, intOf(call, 'axis', 0), dims.length);
  const parts = sizes(call, dims[axis]);
  if (parts.some((n) => n < 0) || parts.reduce((sum, n) => sum + n, 0) !== dims[axis])
    refuse(call, `cuts an axis of ${dims[axis]} into [${parts.join(', ')}]`);
  if (isTensor(value)) return graph.split(value, axis, parts);
  const strides = stridesOf(dims);
  let start = 0;
  return parts.map((size) => {
    const cut = dims.map((n, i) => (i === axis ? size : n));
    const part = strided(value, cut, strides, start * strides[axis]);
    start += size;
    return part;
  });
}

/** Dimensions after repetition: the target, or the value's own where the target has 1. */
function expandedDims(call: Call): number[] {
  const own = dimsAt(call, 0);
  const target = numbersAt(call, 1);
  const rank = Math.max(own.length, target.length);
  return Array.from({ length: rank }, (_, i) => {
    const a = own[own.length - rank + i] ?? 1;
    const b = target[target.length - rank + i] ?? 1;
    if (a !== 1 && b !== 1 && a !== b) refuse(call, `repeats [${own.join(', ')}] to [${target.join(', ')}]`);
    if (!(Number.isSafeInteger(b) && b >= 0)) refuse(call, `repeats to [${target.join(', ')}]`);
    return a === 1 ? b : a;
  });
}

function expandKnown(call: Call): Result {
  const value = knownAt(call, 0);
  const dims = expandedDims(call);
  // What is the same for every image stays as it is: it broadcasts, whatever the batch.
  const many = call.batch.size > 1000 && value.data.length > 1 && dims[0] === call.batch.size;
  return expanded(value, many ? [1, ...dims.slice(1)] : dims);
}

function tile(call: Call): Result {
  const x = tensorAt(call, 0);
  const repeats = numbersAt(call, 1);
  if (countOf(x.shape.slice(1)) * countOf(repeats.slice(1)) > LARGEST)
    throw new TooLarge(`${nodeText(call.node)} repeats [${x.shape.join(', ')}] by [${repeats.join(', ')}]`);
  if (
    repeats.some((n, i) => !(n >= 1 && n <= (i === 0 ? call.batch.size : 4096))) ||
    repeats.length !== x.shape.length
  )
    refuse(call, `repeats [${x.shape.join(', ')}] by [${repeats.join(', ')}]`);
  if (repeats[0] === call.batch.size && x.shape[0] === 1 && repeats[0] > 1) {
    const rest = graph.tile(x, [1, ...repeats.slice(1)]);
    return spread(call, rest, [repeats[0], ...rest.shape.slice(1)]);
  }
  return graph.tile(x, repeats);
}

function tileKnown(call: Call): Result {
  const value = knownAt(call, 0);
  const repeats = numbersAt(call, 1);
  const own = stridesOf(value.dims);
  const apart = value.dims.flatMap((n, i) => [repeats[i] ?? 1, n]);
  const whole = strided(
    value,
    apart,
    own.flatMap((step) => [0, step]),
  );
  const dims = value.dims.map((n, i) => n * (repeats[i] ?? 1));
  return { ...whole, dims };
}

const MODES = { constant: 'constant', reflect: 'reflect', edge: 'edge', wrap: 'wrap' } as const;

function pad(call: Call): Result {
  const x = tensorAt(call, 0);
  const rank = x.shape.length;
  const amounts = intsOf(call, 'pads') ?? numbersAt(call, 1);
  const axes = axesOf(call, 3, rank) ?? x.shape.map((_, i) => i);
  if (amounts.length !== 2 * axes.length)
    refuse(call, `pads ${axes.length} axes with ${amounts.length} numbers`);
  const name = textOf(call, 'mode', 'constant');
  const mode = Object.hasOwn(MODES, name)
    ? MODES[name as keyof typeof MODES]
    : refuse(call, `pads in the mode "${name}"`);
  const value = call.node.attributes.get('value')?.float ?? numberAt(call, 2, 0);
  const used = axes
    .map((axis, i) => ({ axis, before: amounts[i], after: amounts[axes.length + i] }))
    .filter(({ before, after }) => before !== 0 || after !== 0);
  if (
    used.some(
      ({ axis, before, after }) =>
        axis === 0 || x.shape[axis] + before + after < 0 || Math.max(before, after) > 4096,
    )
  )
    refuse(call, `pads [${x.shape.join(', ')}] by [${amounts.join(', ')}]`);
  const of = (key: 'axis' | 'before' | 'after') => used.map((one) => one[key]);
  return used.length === 0 ? x : graph.pads(x, of('axis'), of('before'), of('after'), { mode, value });
}

export const layout: OperatorRules = {
  Concat: { about: '', graph: concat, known: concatKnown },
  Slice: { about: 'any step; bounds as attributes or inputs', graph: slice, known: sliceKnown },
  Split: { about: 'equal parts or given sizes', graph: split, known: split },
  Expand: {
    about: 'also along the batch',
    graph: (call) => spread(call, tensorAt(call, 0), expandedDims(call)),
    known: expandKnown,
  },
  Tile: { about: 'also along the batch', graph: tile, known: tileKnown },
  Pad: { about: 'constant, reflect, edge and wrap; not along the batch', graph: pad },
};
