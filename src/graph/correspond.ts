/**
 * Which tensors of two graphs are the same: those that are computed alike from inputs of the same names, or those that
 * stand in the same place of two graphs built by the same code. Graphs are compared, not computed.
 */
import type { Node, Tensor } from './tensor.js';
import { topologicalOrder } from './walk.js';

/**
 * The tensors of `a` whose values are those of a tensor of `b`, with that one: the same operators in the same order over
 * inputs of the same names and the same constants.
 */
export function equalTensors(a: readonly Tensor[], b: readonly Tensor[]): Map<Tensor, Tensor> {
  const known = new Map<string, number>();
  const [ofA, ofB] = [a, b].map((outputs) => numbered(outputs, known));
  const byNumber = new Map([...ofB].map(([tensor, number]) => [number, tensor]));
  return new Map(
    [...ofA].flatMap(([tensor, number]): [Tensor, Tensor][] => {
      const twin = byNumber.get(number);
      return twin ? [[tensor, twin]] : [];
    }),
  );
}

/** A number for every tensor, the same for those that are computed alike. */
function numbered(outputs: readonly Tensor[], known: Map<string, number>): Map<Tensor, number> {
  const numbers = new Map<Tensor, number>();
  for (const node of topologicalOrder(outputs, { computedOnly: true })) {
    const inputs = node.inputs.slice(0, node.computes).map((tensor) => numbers.get(tensor));
    const { op, name, attributes } = node;
    const own = {
      op,
      name,
      attributes,
      inputs,
      values: valuesOf(node),
      shapes: node.outputs.map(({ shape }) => shape),
    };
    for (const [i, tensor] of node.outputs.entries()) {
      const key = JSON.stringify({ ...own, i, dtype: tensor.dtype });
      if (!known.has(key)) known.set(key, known.size);
      numbers.set(tensor, known.get(key)!);
    }
  }
  return numbers;
}

/** A constant's values as text. */
function valuesOf({ data }: Node): string | undefined {
  return data && `${data.constructor.name} ${data.join()}`;
}

/**
 * Tensors of `a` with those of `b` in the same place, for graphs that the same code has built over batches of two sizes.
 * A reshape or repetition that one of them does without, as one image needs none, is passed over.
 */
export function pairedTensors(a: Tensor, b: Tensor): Map<Tensor, Tensor> {
  const pairs = new Map<Tensor, Tensor>();
  const stack: [Tensor, Tensor][] = [[a, b]];
  for (let pair = stack.pop(); pair; pair = stack.pop()) {
    let [one, other] = pair;
    if (pairs.has(one)) continue;
    for (let turns = 0; one.node.op !== other.node.op && turns < MOST_PASSED; turns++) {
      pairs.set(one, other);
      if (PASSED_OVER.has(one.node.op)) one = one.node.inputs[0];
      else if (PASSED_OVER.has(other.node.op)) other = other.node.inputs[0];
    }
    pairs.set(one, other);
    const [left, right] = [one.node, other.node];
    if (left.op !== right.op || left.inputs.length !== right.inputs.length) continue;
    for (const [i, output] of left.outputs.entries()) pairs.set(output, right.outputs[i]);
    for (const [i, input] of left.inputs.entries()) stack.push([input, right.inputs[i]]);
  }
  return pairs;
}

/** Operators that change no value, and that the functions which add them leave out where they would change no shape. */
const PASSED_OVER = new Set(['Reshape', 'Expand']);
/** How many of them are passed over in a row. */
const MOST_PASSED = 8;
