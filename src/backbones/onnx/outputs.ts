/**
 * What a feature can be made of in an imported network: its outputs, and what its classifier reads. The first of them is
 * the sensible choice when none is named.
 */
import { DataError, suggestion, UsageError } from '../../errors.js';
import { mean, reshape, slice, type Tensor, transpose } from '../../graph/index.js';
import { shown } from './file/shownName.js';
import type { StoredInfo, StoredNode } from './file/types.js';
import { inputText } from './others.js';
import { type AroundOutput, areChannelsFirst } from './tokens.js';
import { isTensor } from './values.js';
import type { Outcome } from './walk.js';

/** How a feature `[B, width]` comes from a value. */
export type OutputForm = 'pooled' | 'class-token' | 'mean-tokens' | 'global-average' | 'as-is';

/** A choice of feature. */
export interface NetworkOutput {
  /** Name of the value in the file. */
  readonly name: string;
  readonly how: OutputForm;
  /** Length of the feature. */
  readonly width: number;
  /** Whether a value of tokens is `[B, C, T]` rather than `[B, T, C]`. */
  readonly channelsFirst?: true;
}

/** Names of outputs that are embeddings already, and of those that are pooled ones. */
const EMBEDDING = /embed|feat|represent|proj/i;
const POOLED = /pool/i;
/** Most numbers of a feature. */
const LONGEST = 1_000_000;

/**
 * The choices, the sensible one first.
 * @param made the node of each value
 */
export function outputChoices(
  outputs: readonly StoredInfo[],
  made: ReadonlyMap<string, StoredNode>,
  values: ReadonlyMap<string, Outcome>,
  parameters: ReadonlySet<string>,
): NetworkOutput[] {
  const ranked: { rank: number; output: NetworkOutput }[] = [];
  for (const { name } of outputs) {
    const value = values.get(name);
    if (!value || value instanceof DataError || !isTensor(value) || value.dtype !== 'float32') continue;
    const before = value.shape.length <= 2 ? classifierInput(name, made, values, parameters) : undefined;
    const own = formsOf(name, value, { values, made, parameters });
    for (const output of own.filter(({ width }) => width <= LONGEST))
      ranked.push({ rank: rankOf(output, before !== undefined), output });
    if (before !== undefined && !EMBEDDING.test(name)) ranked.push({ rank: 1, output: before });
  }
  const seen = new Set<string>();
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .map(({ output }) => output)
    .filter(({ name, how }) => !seen.has(`${name}:${how}`) && seen.add(`${name}:${how}`));
}

/** Lower is more sensible. */
function rankOf({ name, how }: NetworkOutput, classifies: boolean): number {
  if (how === 'as-is' && EMBEDDING.test(name)) return 0;
  if (how === 'pooled') return 2;
  if (how === 'as-is') return classifies ? 6 : 2.5;
  return how === 'class-token' ? 3 : how === 'mean-tokens' ? 4 : 5;
}

/** The forms that a value allows, by its dimensions. */
function formsOf(name: string, { shape }: Tensor, around: AroundOutput): NetworkOutput[] {
  const { values, made } = around;
  if (shape.some((n) => n < 1)) return [];
  if (shape.length === 2) {
    // The pooler of BERT's kind, which most published networks leave untrained, ends in a hyperbolic tangent.
    const trained = POOLED.test(name) && made.get(name)?.op !== 'Tanh';
    return [{ name, how: trained ? 'pooled' : 'as-is', width: shape[1] }];
  }
  if (shape.length === 3) {
    const isFirst = areChannelsFirst(name, shape, around);
    const [tokens, width] = isFirst ? [shape[2], shape[1]] : [shape[1], shape[2]];
    const own = { name, width, ...(isFirst ? { channelsFirst: true as const } : {}) };
    const side = Math.floor(Math.sqrt(tokens));
    const mean_: NetworkOutput = { ...own, how: 'mean-tokens' };
    return side * side === tokens ? [mean_] : [{ ...own, how: 'class-token' }, mean_];
  }
  if (shape.length === 4) {
    const flat = shape[2] * shape[3] === 1;
    const before = flat && values.size > 0 && made.size > 0;
    return [{ name, how: before ? 'as-is' : 'global-average', width: channelsOf(shape) }];
  }
  return [];
}

/** Channels of `[B, C, H, W]`, or of `[B, H, W, C]` where the plane is square and comes first. */
const channelsOf = (shape: readonly number[]) => (channelsLast(shape) ? shape[3] : shape[1]);
const channelsLast = ([, a, b, c]: readonly number[]) => a === b && b !== c;

/** What the last linear layer reads, when an output is that of a classifier. */
function classifierInput(
  output: string,
  made: ReadonlyMap<string, StoredNode>,
  values: ReadonlyMap<string, Outcome>,
  parameters: ReadonlySet<string>,
): NetworkOutput | undefined {
  let name = output;
  for (let steps = 0; steps < 12; steps++) {
    const node = made.get(name);
    if (!node) return undefined;
    const linear = ['Gemm', 'MatMul', 'Conv'].includes(node.op);
    if (linear) {
      const source = values.get(node.inputs[0]);
      if (!source || source instanceof DataError || !isTensor(source) || parameters.has(node.inputs[0]))
        return undefined;
      const flat =
        source.shape.length === 2 || (source.shape.length === 4 && source.shape[2] * source.shape[3] === 1);
      return flat ? { name: node.inputs[0], how: 'pooled', width: source.shape[1] } : undefined;
    }
    if (
      ![
        'Softmax',
        'LogSoftmax',
        'Sigmoid',
        'Identity',
        'Add',
        'Squeeze',
        'Reshape',
        'Flatten',
        'Cast',
      ].includes(node.op)
    )
      return undefined;
    name = node.inputs.find((input) => {
      const value = values.get(input);
      return (
        !parameters.has(input) && value !== undefined && !(value instanceof DataError) && isTensor(value)
      );
    }) as string;
  }
  return undefined;
}

/**
 * The choice that a user named: by its form (`class-token`), the name of a value, or both (`last_hidden_state:mean-tokens`).
 * @throws UsageError when there is none, naming those there are
 */
export function chosenOutput(
  choices: readonly NetworkOutput[],
  wanted: string | undefined,
  file: string,
): NetworkOutput {
  if (wanted === undefined) return choices[0];
  const fits = ({ name, how }: NetworkOutput) => [how as string, name, `${name}:${how}`].includes(wanted);
  const found = choices.find(fits);
  if (found) return found;
  const known = choices.map(({ name, how }) => `${name}:${how}`);
  throw new UsageError(
    `${file} has no output "${wanted}".${suggestion(wanted, [...known, ...choices.map(({ how }) => how)])} It has: ${known.map(shown).join(', ')}.`,
  );
}

/** Why no output can be had. */
export function whyNoOutput(outputs: readonly StoredInfo[], values: ReadonlyMap<string, Outcome>): DataError {
  if (outputs.length === 0) return new DataError('it has no outputs. Export it again');
  const failed = outputs.map(({ name }) => values.get(name)).find((value) => value instanceof DataError);
  if (failed instanceof DataError) return failed;
  const absent = outputs.find(({ name }) => !values.has(name));
  if (absent) return new DataError(`no node makes its output "${shown(absent.name)}". Export it again`);
  return new DataError(
    `none of its outputs (${outputs.map(inputText).join(', ')}) is a feature of an image: a float tensor of two to four dimensions, the first of them the batch. Is it a network for something else?`,
  );
}

/** The feature `[B, width]` of the value of an output. */
export function featureOf(given: Tensor, { how, width, channelsFirst }: NetworkOutput): Tensor {
  const value = channelsFirst && given.shape.length === 3 ? transpose(given, [0, 2, 1]) : given;
  const [batch, tokens] = value.shape;
  if (value.shape.length === 3) {
    if (how === 'class-token') return reshape(slice(value, 1, 0, 1), [batch, width]);
    // Class and register tokens stand in front of the square of patches.
    const first = tokens - Math.floor(Math.sqrt(tokens)) ** 2;
    return mean(slice(value, 1, first, tokens), { axes: [1] });
  }
  if (value.shape.length === 4 && how === 'global-average')
    return mean(value, { axes: channelsLast(value.shape) ? [1, 2] : [2, 3] });
  return reshape(value, [batch, width]);
}
