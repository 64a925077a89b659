/** Elementwise arithmetic of two operands or several, and of one; shapes and tables are computed at once. */
import * as graph from '../../../graph/index.js';
import {
  type Call,
  dimsAt,
  knownAt,
  type OperatorRule,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
} from '../call.js';
import { elementwise } from '../knownArrays.js';
import { isTensor, type Known, type KnownType, type Value } from '../values.js';

type Binary = (a: number, b: number) => number;

/** The kind of a result of operands of a kind each: that of the first that is not a truth value. */
const kindOf = (values: readonly Known[]): KnownType =>
  values.find(({ type }) => type === 'float')?.type ?? values[0].type;

const all = (call: Call): Known[] => call.inputs.map((_, i) => knownAt(call, i));

/** A value as an operand: a plain number where it is a single one, so that the graph sees what it is. */
function operand(call: Call, i: number, other: graph.Tensor | undefined): graph.Tensor | number {
  const value = call.inputs[i];
  if (value && !isTensor(value) && value.data.length === 1 && value.dims.every((n) => n === 1)) {
    const rank = other?.shape.length ?? 0;
    if (value.dims.length <= rank && value.type === 'float') return value.data[0];
  }
  return tensorAt(call, i);
}

const firstTensor = (values: readonly (Value | undefined)[]) => values.find(isTensor);

/** Two operands. */
const two = (
  about: string,
  build: (a: graph.Tensor | number, b: graph.Tensor | number) => graph.Tensor,
  compute: Binary,
  integers: Binary = compute,
): OperatorRule => ({
  about,
  graph: (call) => {
    const other = firstTensor(call.inputs);
    return build(operand(call, 0, other), operand(call, 1, other));
  },
  known: (call) => {
    const values = all(call);
    const type = kindOf(values);
    return elementwise(type, values, type === 'float' ? compute : integers);
  },
});

/** Any number of operands, folded from the left. */
const several = (
  about: string,
  build: (a: graph.Tensor, b: graph.Tensor) => graph.Tensor,
  compute: Binary,
): OperatorRule => ({
  about,
  graph: (call) => call.inputs.map((_, i) => tensorAt(call, i)).reduce(build),
  known: (call) => {
    const values = all(call);
    return elementwise(kindOf(values), values, (...numbers) => numbers.reduce((a, b) => compute(a, b)));
  },
});

/** One operand. */
export const one = (
  about: string,
  build: ((x: graph.Tensor) => graph.Tensor) | undefined,
  compute: (x: number) => number,
): OperatorRule => ({
  about,
  ...(build ? { graph: (call: Call): Result => build(tensorAt(call, 0)) } : {}),
  known: (call) => {
    const value = knownAt(call, 0);
    return elementwise(value.type, [value], compute);
  },
});

/** Powers: the exponent must be one number, as exponents of a network are. */
function power(call: Call): Result {
  const exponent = call.inputs[1];
  if (exponent === undefined || isTensor(exponent) || new Set(Array.from(exponent.data)).size !== 1)
    refuse(call, 'has exponents that differ; expected the same number everywhere');
  const base = tensorAt(call, 0);
  const p = exponent.data[0];
  if (dimsAt(call, 1).length > base.shape.length)
    refuse(call, 'has an exponent of more dimensions than its base');
  if (p === 0.5) return graph.sqrt(base);
  if (p === -1) return graph.reciprocal(base);
  return graph.pow(base, p);
}

const half = (x: number) => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};

const mean: OperatorRule = {
  about: 'of any number of operands',
  graph: (call) => {
    const total = call.inputs.map((_, i) => tensorAt(call, i)).reduce((a, b) => graph.add(a, b));
    return graph.mul(total, 1 / call.inputs.length);
  },
};

export const arithmetic: OperatorRules = {
  Add: two(
    'broadcasting',
    (a, b) => graph.add(a, b),
    (a, b) => a + b,
  ),
  Sub: two(
    'broadcasting',
    (a, b) => graph.sub(a, b),
    (a, b) => a - b,
  ),
  Mul: two(
    'broadcasting',
    (a, b) => graph.mul(a, b),
    (a, b) => a * b,
  ),
  Div: two(
    'broadcasting',
    (a, b) => graph.div(a, b),
    (a, b) => a / b,
    (a, b) => Math.trunc(a / b),
  ),
  Mod: {
    about: 'of shapes and tables',
    known: (call) => {
      const values = all(call);
      const truncating = (call.node.attributes.get('fmod')?.int ?? 0) === 1;
      return elementwise(kindOf(values), values, (a, b) => (truncating ? a % b : a - b * Math.floor(a / b)));
    },
  },
  Pow: {
    about: 'one exponent for all',
    graph: power,
    known: (call) => elementwise(kindOf(all(call)), all(call), (a, b) => a ** b),
  },
  Max: several('any number of operands', (a, b) => graph.max(a, b), Math.max),
  Min: several('any number of operands', (a, b) => graph.min(a, b), Math.min),
  Sum: several(
    'any number of operands',
    (a, b) => graph.add(a, b),
    (a, b) => a + b,
  ),
  Mean: mean,
  Neg: one('', graph.neg, (x) => -x),
  Abs: one('', graph.abs, Math.abs),
  Sqrt: one('', graph.sqrt, Math.sqrt),
  Exp: one('', graph.exp, Math.exp),
  Log: one('', graph.log, Math.log),
  Reciprocal: one('', graph.reciprocal, (x) => 1 / x),
  Sign: one('', graph.sign, Math.sign),
  Floor: one('of shapes and tables', undefined, Math.floor),
  Ceil: one('of shapes and tables', undefined, Math.ceil),
  Round: one('of shapes and tables', undefined, half),
  Sin: one('of tables of positions', undefined, Math.sin),
  Cos: one('of tables of positions', undefined, Math.cos),
  Atan: one('of tables of positions', undefined, Math.atan),
};
