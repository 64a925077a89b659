/** Operators that pick elements by index, and tables that are made of indices. */
import * as graph from '../../../graph/index.js';
import {
  axisAt,
  type Call,
  dimsAt,
  has,
  intOf,
  knownAt,
  numberAt,
  numbersAt,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  valueAt,
} from '../call.js';
import { countOf } from '../file/tensorValues.js';
import { elementwise, room, stridesOf, taken } from '../knownArrays.js';
import { elements, isTensor, type Known, known, MOST_KNOWN } from '../values.js';

/** Elements along an axis of a tensor, at places that are known: a slice where they follow each other. */
function gather(call: Call): Result {
  const value = valueAt(call, 0);
  const x = isTensor(value) ? value : tensorAt(call, 0);
  const axis = axisAt(call, intOf(call, 'axis', 0), x.shape.length);
  const n = x.shape[axis];
  const indices = knownAt(call, 1);
  const list = Array.from(elements(indices), (i) => (i < 0 ? i + n : i));
  if (list.some((i) => !(Number.isInteger(i) && i >= 0 && i < n)))
    refuse(call, `picks elements outside an axis of ${n}`);
  const around = (dims: readonly number[]) => [
    ...x.shape.slice(0, axis),
    ...dims,
    ...x.shape.slice(axis + 1),
  ];
  const step = list.length > 1 ? list[1] - list[0] : 1;
  if (list.length > 0 && step >= 1 && list.every((at, i) => at === list[0] + i * step)) {
    const part = graph.slice(x, axis, list[0], list[list.length - 1] + 1, step);
    return graph.reshape(part, around(indices.dims));
  }
  const flat = graph.constant(list, [list.length], 'int64');
  if (axis === 0) return graph.reshape(graph.gather(x, flat), around(indices.dims));
  const order = x.shape.map((_, i) => i);
  const front = [axis, ...order.filter((i) => i !== axis)];
  const back = order.map((i) => front.indexOf(i));
  const rows = graph.gather(graph.transpose(x, front), flat);
  return graph.reshape(graph.transpose(rows, back), around(indices.dims));
}

function gatherElements(call: Call): Result {
  const x = tensorAt(call, 0);
  const axis = axisAt(call, intOf(call, 'axis', 0), x.shape.length);
  const indices = knownAt(call, 1);
  const n = x.shape[axis];
  const list = Array.from(elements(indices), (i) => (i < 0 ? i + n : i));
  return graph.gatherElements(x, graph.constant(list, indices.dims, 'int64'), axis);
}

/** Rows picked by tuples of known indices along the first axes. */
function gatherND(call: Call): Result {
  if (intOf(call, 'batch_dims', 0) !== 0) refuse(call, 'picks by image (batch_dims)');
  const x = tensorAt(call, 0);
  const { places, dims, deep } = tuples(call, knownAt(call, 1), x.shape);
  const rows = graph.reshape(x, [countOf(x.shape.slice(0, deep)), ...x.shape.slice(deep)]);
  const picked = graph.gather(rows, graph.constant(places, [places.length], 'int64'));
  return graph.reshape(picked, [...dims, ...x.shape.slice(deep)]);
}

/** Tuples of indices as places among the rows of the first axes. */
function tuples(call: Call, indices: Known, shape: readonly number[]) {
  const deep = indices.dims[indices.dims.length - 1] ?? 0;
  if (deep < 1 || deep > shape.length)
    refuse(call, `has indices [${indices.dims.join(', ')}] into [${shape.join(', ')}]`);
  const list = elements(indices);
  const strides = stridesOf(shape.slice(0, deep));
  const places = Array.from({ length: list.length / deep }, (_, i) =>
    strides.reduce((sum, stride, axis) => {
      const at = list[i * deep + axis];
      const place = at < 0 ? at + shape[axis] : at;
      if (!(Number.isInteger(place) && place >= 0 && place < shape[axis]))
        refuse(call, 'has an index outside its values');
      return sum + stride * place;
    }, 0),
  );
  return { places, dims: indices.dims.slice(0, -1), deep };
}

function gatherNDKnown(call: Call): Result {
  const value = knownAt(call, 0);
  const { places, dims, deep } = tuples(call, knownAt(call, 1), value.dims);
  const rows = { ...value, dims: [countOf(value.dims.slice(0, deep)), ...value.dims.slice(deep)] };
  return {
    ...taken(rows, known('int', [places.length], places), 0),
    dims: [...dims, ...value.dims.slice(deep)],
  };
}

/** Values written into a table at places that are known, as masks of windows are made. */
function scatterND(call: Call): Result {
  const value = knownAt(call, 0);
  const { places, deep } = tuples(call, knownAt(call, 1), value.dims);
  const updates = elements(knownAt(call, 2));
  const run = countOf(value.dims.slice(deep));
  const out = room(value.type, countOf(value.dims));
  out.set(elements(value));
  places.forEach((place, i) => {
    for (let k = 0; k < run; k++) out[place * run + k] = updates[i * run + k];
  });
  return known(value.type, value.dims, out);
}

function range(call: Call): Result {
  const [start, limit, delta] = [0, 1, 2].map((i) => knownAt(call, i));
  const [from, to, by] = [start, limit, delta].map(({ data }) => data[0]);
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (!Number.isSafeInteger(count)) refuse(call, `counts from ${from} to ${to} by ${by}`);
  const out = room(start.type, count);
  for (let i = 0; i < count; i++) out[i] = from + i * by;
  return known(start.type, [count], out);
}

function nonZero(call: Call): Result {
  const value = knownAt(call, 0);
  const list = elements(value);
  const hits = Array.from({ length: list.length }, (_, i) => i).filter((i) => list[i] !== 0);
  const places = stridesOf(value.dims).flatMap((stride, axis) =>
    hits.map((i) => Math.floor(i / stride) % value.dims[axis]),
  );
  return known('int', [value.dims.length, hits.length], places);
}

/** One triangle of the last two axes; the other becomes 0. */
function trilu(call: Call): Result {
  const value = knownAt(call, 0);
  const [rows, columns] = value.dims.slice(-2);
  const upper = intOf(call, 'upper', 1) === 1;
  const k = numberAt(call, 1, 0);
  const list = elements(value);
  const out = room(value.type, list.length);
  for (let i = 0; i < list.length; i++) {
    const apart = (i % columns) - (Math.floor(i / columns) % rows) - k;
    out[i] = (upper ? apart >= 0 : apart <= 0) ? list[i] : 0;
  }
  return known(value.type, value.dims, out);
}

function cumulative(call: Call): Result {
  const value = knownAt(call, 0);
  if (intOf(call, 'exclusive', 0) || intOf(call, 'reverse', 0)) refuse(call, 'sums exclusively or backwards');
  const axis = axisAt(call, numberAt(call, 1, 0), value.dims.length);
  const stride = stridesOf(value.dims)[axis];
  const list = elements(value);
  const out = room(value.type, list.length);
  for (let i = 0; i < list.length; i++) {
    const first = Math.floor(i / stride) % value.dims[axis] === 0;
    out[i] = list[i] + (first ? 0 : out[i - stride]);
  }
  return known(value.type, value.dims, out);
}

function oneHot(call: Call): Result {
  const indices = knownAt(call, 0);
  const depth = numberAt(call, 1, 0);
  const [off, on] = numbersAt(call, 2);
  if (!(Number.isInteger(depth) && depth >= 1 && depth <= MOST_KNOWN) || !has(call, 2))
    refuse(call, `makes rows of ${depth}`);
  const rank = indices.dims.length;
  const axis = axisAt(call, intOf(call, 'axis', -1), rank + 1);
  const places: Known = {
    ...indices,
    dims: [...indices.dims.slice(0, axis), 1, ...indices.dims.slice(axis)],
  };
  const own: number[] = Array(rank + 1).fill(1);
  own[axis] = depth;
  const steps = known(
    'int',
    own,
    Array.from({ length: depth }, (_, i) => i),
  );
  return elementwise(knownAt(call, 2).type, [places, steps], (at, i) =>
    (at < 0 ? at + depth : at) === i ? on : off,
  );
}

function eyeLike(call: Call): Result {
  const [rows, columns] = dimsAt(call, 0);
  const k = intOf(call, 'k', 0);
  const out = room('float', rows * columns);
  for (let i = 0; i < out.length; i++) out[i] = (i % columns) - Math.floor(i / columns) === k ? 1 : 0;
  return known('float', [rows, columns], out);
}

export const indexing: OperatorRules = {
  Gather: {
    about: 'at known places',
    graph: gather,
    known: (call) => {
      const value = knownAt(call, 0);
      const axis = axisAt(call, intOf(call, 'axis', 0), value.dims.length);
      return taken(value, knownAt(call, 1), axis);
    },
  },
  GatherElements: { about: 'at known places', graph: gatherElements },
  GatherND: { about: 'at known places', graph: gatherND, known: gatherNDKnown },
  ScatterND: { about: 'of tables: masks', known: scatterND },
  Range: { about: 'of known numbers', known: range },
  NonZero: { about: 'of tables', known: nonZero },
  Trilu: { about: 'of tables: masks', known: trilu },
  CumSum: { about: 'of tables', known: cumulative },
  OneHot: { about: 'of tables', known: oneHot },
  EyeLike: { about: 'of tables', known: eyeLike, graph: eyeLike },
};
