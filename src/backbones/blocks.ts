/**
 * The blocks of a backbone from the images to the feature: what a recipe can name to train from there on, and how deep
 * each array lies below the top. They are read off the names of its arrays, unless the network itself knows them.
 */
import { suggestion, UsageError } from '../errors.js';

/** A block and its arrays. */
export interface Block {
  /** Such as `blocks.10`, `layer4.2` or `stages.1.blocks.0`; a part that is not repeated has a name without a number. */
  readonly name: string;
  readonly arrays: readonly string[];
}

/** A backbone cut into blocks. */
export interface BlockPlan {
  /** In the order of the graph; every array lies in one. */
  readonly blocks: readonly Block[];
  /** Where the repeated ones begin, and where they end: in front of them is the stem, behind them the top. */
  readonly repeated: readonly [from: number, to: number];
}

/** What networks call the list within a stage that their blocks are in. */
const LISTS = new Set(['blocks', 'block', 'layers', 'layer']);

/** The name of the block that an array is in: up to the number of the block, within its stage where there are both. */
function blockOf(array: string): string | undefined {
  const parts = array.split('.');
  const isNumber = (i: number) => i < parts.length - 1 && /^\d+$/.test(parts[i]);
  const first = parts.findIndex((_, i) => isNumber(i));
  if (first < 0) return undefined;
  let last = first;
  if (isNumber(first + 1)) last = first + 1;
  else if (LISTS.has(parts[first + 1]) && isNumber(first + 2)) last = first + 2;
  return parts.slice(0, last + 1).join('.');
}

/** The blocks of arrays that are named in the order of the graph. */
export function blocksOf(arrays: readonly string[]): BlockPlan {
  const blocks = new Map<string, string[]>();
  for (const array of arrays) {
    const name = blockOf(array) ?? array.split('.')[0];
    blocks.set(name, [...(blocks.get(name) ?? []), array]);
  }
  return planOf(blocks);
}

/** A plan of blocks in order. Those with a number are repeated, with all between them; where none has one, all are. */
export function planOf(arraysOf: ReadonlyMap<string, readonly string[]>): BlockPlan {
  const blocks = [...arraysOf].map(([name, arrays]) => ({ name, arrays }));
  const isNumbered = ({ name }: Block) => /\.\d+$/.test(name);
  const from = blocks.findIndex(isNumbered);
  return { blocks, repeated: from < 0 ? [0, blocks.length] : [from, blocks.findLastIndex(isNumbered) + 1] };
}

/**
 * The arrays that are trained when training begins at a block.
 *
 * @param from a block's name or the beginning of one, or of an array's, as whole parts (`layer4`, `blocks.10`): that one
 *   and all that follow; or the fraction of the repeated blocks that stays as it is, with all in front of them: 0 trains
 *   everything, 1 nothing, and anything below 1 the last block at least
 * @throws UsageError for a name that nothing begins with; it lists the blocks
 */
export function trainedArrays(
  { blocks, repeated: [start, end] }: BlockPlan,
  from: number | string,
): Set<string> {
  const since = (at: number) => new Set(blocks.slice(at).flatMap(({ arrays }) => arrays));
  if (from === 0) return since(0);
  if (from === 1) return new Set();
  if (typeof from === 'number')
    return since(start + Math.min(end - start - 1, Math.floor(from * (end - start) + 1e-9)));
  const begins = (name: string) => name === from || name.startsWith(`${from}.`);
  const block = blocks.findIndex(({ name, arrays }) => begins(name) || arrays.some(begins));
  if (block < 0) {
    const names = blocks.map(({ name }) => name);
    throw new UsageError(
      `"backbone.trainFrom": the backbone has no block "${from}".${suggestion(from, names)} Its blocks are: ${names.join(', ')}. The beginning of a name will do, and so will a fraction from 0 (train everything) to 1 (the head alone).`,
    );
  }
  if (begins(blocks[block].name)) return since(block);
  const { arrays } = blocks[block];
  return new Set([...arrays.slice(arrays.findIndex(begins)), ...since(block + 1)]);
}

/**
 * How many blocks below the top each array lies (Clark et al. 2020; Bao et al. 2021): 0 behind the last of the repeated
 * blocks, 1 in it, and in front of the first one more than there are.
 */
export function depthsOf({ blocks, repeated: [start, end] }: BlockPlan): Map<string, number> {
  const depth = (i: number) => Math.min(end, Math.max(start - 1, i));
  return new Map(blocks.flatMap(({ arrays }, i) => arrays.map((array) => [array, end - depth(i)] as const)));
}
