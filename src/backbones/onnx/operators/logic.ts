/** Comparison, logic, selection and element types. */
import * as graph from '../../../graph/index.js';
import {
  type Call,
  intOf,
  knownAt,
  type OperatorRule,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  valueAt,
} from '../call.js';
import { typeName } from '../file/types.js';
import { broadcastDims, elementwise } from '../knownArrays.js';
import { dimsOf, isTensor, type KnownType, known, type Value } from '../values.js';

type Comparison = (a: graph.Tensor, b: graph.Tensor) => graph.Tensor;

const compare = (build: Comparison, compute: (a: number, b: number) => boolean): OperatorRule => ({
  about: 'broadcasting',
  graph: (call) => build(tensorAt(call, 0), tensorAt(call, 1)),
  known: (call) =>
    elementwise('bool', [knownAt(call, 0), knownAt(call, 1)], (a, b) => (compute(a, b) ? 1 : 0)),
});

/** Whether a value cannot be NaN, since an operator made it that maps everything between 0 and 1. */
const isSafe = (value: Value) => isTensor(value) && ['Softmax', 'Sigmoid'].includes(value.node.op);

/** NaN among the results of a soft-max is a guard of the exporter that finite inputs never meet. */
function isNaNOf(call: Call): Result {
  const value = valueAt(call, 0);
  if (isSafe(value)) return known('bool', dimsOf(value), [0]);
  return graph.notANumber(tensorAt(call, 0));
}

/** Chooses a side at once where the condition is the same everywhere. */
function where(call: Call): Result {
  const condition = valueAt(call, 0);
  if (!isTensor(condition) && condition.data.length === 1) {
    const chosen = valueAt(call, condition.data[0] ? 1 : 2);
    const dims = broadcastDims(dimsOf(condition), dimsOf(valueAt(call, 1)), dimsOf(valueAt(call, 2)));
    if (dims.length === dimsOf(chosen).length && dims.every((n, i) => n === dimsOf(chosen)[i])) return chosen;
  }
  return graph.where(tensorAt(call, 0), tensorAt(call, 1), tensorAt(call, 2));
}

const KINDS: Readonly<Record<number, KnownType>> = {
  1: 'float',
  2: 'int',
  3: 'int',
  4: 'int',
  5: 'int',
  6: 'int',
  7: 'int',
  9: 'bool',
  10: 'float',
  11: 'float',
  12: 'int',
  13: 'int',
  16: 'float',
};

/** Among floats a cast is nothing, since all are computed in float32. */
function cast(call: Call): Result {
  const kind = KINDS[intOf(call, 'to', 0)];
  if (!kind) refuse(call, `casts to ${typeName(intOf(call, 'to', 0))}`);
  const x = tensorAt(call, 0);
  if (kind === 'float') return graph.cast(x, 'float32');
  return graph.cast(x, kind === 'int' ? 'int64' : 'bool');
}

function castKnown(call: Call): Result {
  const value = knownAt(call, 0);
  const kind = KINDS[intOf(call, 'to', 0)];
  if (!kind) refuse(call, `casts to ${typeName(intOf(call, 'to', 0))}`);
  if (kind === value.type) return value;
  const change = { float: (x: number) => x, int: Math.trunc, bool: (x: number) => (x ? 1 : 0) }[kind];
  return elementwise(kind, [value], change);
}

export const logic: OperatorRules = {
  Equal: compare(
    (a, b) => graph.equal(a, b),
    (a, b) => a === b,
  ),
  Greater: compare(
    (a, b) => graph.greater(a, b),
    (a, b) => a > b,
  ),
  GreaterOrEqual: compare(
    (a, b) => graph.greaterOrEqual(a, b),
    (a, b) => a >= b,
  ),
  Less: compare(
    (a, b) => graph.less(a, b),
    (a, b) => a < b,
  ),
  LessOrEqual: compare(
    (a, b) => graph.lessOrEqual(a, b),
    (a, b) => a <= b,
  ),
  And: compare(graph.and, (a, b) => a !== 0 && b !== 0),
  Or: compare(graph.or, (a, b) => a !== 0 || b !== 0),
  Xor: {
    about: 'of masks',
    known: (call) => elementwise('bool', [knownAt(call, 0), knownAt(call, 1)], (a, b) => (a === b ? 0 : 1)),
  },
  Not: {
    about: '',
    graph: (call) => graph.not(tensorAt(call, 0)),
    known: (call) => elementwise('bool', [knownAt(call, 0)], (x) => (x ? 0 : 1)),
  },
  IsNaN: {
    about: 'left out after a soft-max',
    graph: isNaNOf,
    known: (call) => elementwise('bool', [knownAt(call, 0)], (x) => (Number.isNaN(x) ? 1 : 0)),
  },
  Where: {
    about: 'gradient to the chosen side',
    graph: where,
    known: (call) => {
      const [condition, a, b] = [knownAt(call, 0), knownAt(call, 1), knownAt(call, 2)];
      return elementwise(a.type, [condition, a, b], (c, x, y) => (c ? x : y));
    },
  },
  Cast: { about: 'float types are all float32 here', graph: cast, known: castKnown },
  CastLike: {
    about: 'float types are all float32 here',
    graph: (call) => {
      const like = valueAt(call, 1);
      const x = tensorAt(call, 0);
      return graph.cast(x, isTensor(like) ? like.dtype : like.type === 'float' ? 'float32' : 'int64');
    },
    known: (call) => {
      const [value, like] = [knownAt(call, 0), knownAt(call, 1)];
      return like.type === 'int'
        ? elementwise('int', [value], Math.trunc)
        : elementwise(like.type, [value], (x) => x);
    },
  },
};
