/**
 * Which of the two dimensions behind the batch counts the tokens of an output: `[B, T, C]`, as transformers write it, or
 * `[B, C, T]`, a map of features that was made flat. The nodes that made it say it; where they do not, the numbers do.
 */
import { DataError } from '../../errors.js';
import type { StoredNode } from './file/types.js';
import { isTensor } from './values.js';
import type { Outcome } from './walk.js';

/** What is known of the graph around an output. */
export interface AroundOutput {
  /** The node of each value. */
  readonly made: ReadonlyMap<string, StoredNode>;
  /** Values where they are known, for their dimensions. */
  readonly values: ReadonlyMap<string, Outcome>;
  /** Names of arrays that the file holds. */
  readonly parameters: ReadonlySet<string>;
}

/** Most tokens in front of the square of patches: a class token and registers. */
const MOST_IN_FRONT = 16;
/** Most nodes that are looked at. */
const FARTHEST = 64;
/** Operators that leave every element in its place. */
const ELEMENTWISE =
  /^(Identity|Cast|Dropout|Relu|LeakyRelu|PRelu|Elu|Gelu|Erf|Tanh|Sigmoid|HardSigmoid|HardSwish|Clip|Softplus|Sqrt|Pow|Neg|Add|Sub|Mul|Div)$/;
/** Operators over the last dimension, which is that of channels. */
const OVER_LAST = /^(LayerNormalization|MatMul|Gemm)$/;
/** Operators whose second dimension is that of channels. */
const OVER_SECOND =
  /^(Conv|MaxPool|AveragePool|BatchNormalization|InstanceNormalization|GroupNormalization)$/;

/** Whether an output of these three dimensions has its channels before its tokens. */
export function areChannelsFirst(name: string, shape: readonly number[], around: AroundOutput): boolean {
  const told = byNodes(name, around);
  if (told !== undefined) return told;
  const [, second, last] = shape;
  return !couldBeTokens(second) && couldBeTokens(last);
}

/** Whether a number of tokens is that of a square of patches with a few in front. */
const couldBeTokens = (count: number) => count - Math.floor(Math.sqrt(count)) ** 2 <= MOST_IN_FRONT;

/** What the nodes say that made a value of three dimensions; undefined when they leave it open. */
function byNodes(output: string, around: AroundOutput): boolean | undefined {
  let isTurned = false;
  const said = (channelsFirst: boolean) => channelsFirst !== isTurned;
  let name: string | undefined = output;
  for (let steps = 0; name !== undefined && steps < FARTHEST; steps++) {
    const node = around.made.get(name);
    if (!node) return undefined;
    const { op, attributes, inputs } = node;
    if (OVER_LAST.test(op)) return said(false);
    if (OVER_SECOND.test(op)) return said(true);
    if (op === 'Reshape' || op === 'Flatten') {
      const flat = ofFlatMap(inputs[0], name, around);
      return flat === undefined ? undefined : said(flat);
    }
    if (op === 'Concat') {
      const axis = attributes.get('axis')?.int ?? 1;
      const hasOne = inputs.some((input) => dimsOf(input, around)?.at(axis) === 1);
      if (hasOne) return said(axis === 2 || axis === -1);
    } else if (op === 'Transpose') {
      if (attributes.get('perm')?.ints?.join() !== '0,2,1') return undefined;
      isTurned = !isTurned;
    } else if (!ELEMENTWISE.test(op) && op !== 'Slice') return undefined;
    name = inputs.find((input) => isOwn(input, around));
  }
  return undefined;
}

/** Whether a map of four dimensions was made flat with its channels second; undefined when it cannot be told. */
function ofFlatMap(map: string, flat: string, around: AroundOutput): boolean | undefined {
  const [from, to] = [dimsOf(map, around), dimsOf(flat, around)];
  if (from?.length === 4 && to?.length === 3) {
    const isSecond = from[1] === to[1] && from[2] * from[3] === to[2];
    const isLast = from[1] * from[2] === to[1] && from[3] === to[2];
    return isSecond === isLast ? undefined : isSecond;
  }
  let name: string | undefined = map;
  for (let steps = 0; name !== undefined && steps < FARTHEST; steps++) {
    const node = around.made.get(name);
    if (!node) return undefined;
    if (OVER_SECOND.test(node.op)) return true;
    if (node.op === 'Transpose')
      return node.attributes.get('perm')?.ints?.join() === '0,2,3,1' ? false : undefined;
    if (!ELEMENTWISE.test(node.op)) return undefined;
    name = node.inputs.find((input) => isOwn(input, around));
  }
  return undefined;
}

const isOwn = (name: string, { parameters }: AroundOutput) => name !== '' && !parameters.has(name);

function dimsOf(name: string, { values }: AroundOutput): readonly number[] | undefined {
  const value = values.get(name);
  return value && !(value instanceof DataError) && isTensor(value) ? value.shape : undefined;
}
