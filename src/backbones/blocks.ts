/**
 * The blocks of a backbone, read off the names of its arrays in the order of the graph: what a recipe can name to train
 * from there on, and how deep each array lies below the top. It knows no layers.
 */
import { suggestion, UsageError } from '../errors.js';

/** A block and its arrays. */
export interface Block {
  /** What its arrays' names begin with, such as `blocks.10`, `layer4.2` or `stages.1.blocks.0`. */
  readonly name: string;
  readonly arrays: readonly string[];
}

/** A backbone from the images to the feature. */
export interface BlockPlan {
  /** Arrays in front of the first block. */
  readonly stem: readonly string[];
  readonly blocks: readonly Block[];
  /** Arrays behind the last block. */
  readonly top: readonly string[];
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

/**
 * The blocks of arrays that are named in the order of the graph. Where no name has a number, each part that the names
 * begin with is a block.
 */
export function blocksOf(arrays: readonly string[]): BlockPlan {
  const numbered = arrays.some((array) => blockOf(array) !== undefined);
  const nameOf = numbered ? blockOf : (array: string) => array.split('.')[0];
  const blocks = new Map<string, string[]>();
  const stem: string[] = [];
  let since: string[] = stem;
  for (const array of arrays) {
    const name = nameOf(array);
    if (name === undefined) since.push(array);
    else {
      // What no block names, between two blocks, belongs to the one that follows.
      const between = since === stem ? [] : since;
      blocks.set(name, [...(blocks.get(name) ?? []), ...between, array]);
      since = [];
    }
  }
  return {
    stem,
    blocks: [...blocks].map(([name, arrays]) => ({ name, arrays })),
    top: since === stem ? [] : since,
  };
}

/**
 * The arrays that are trained when training begins at a block.
 *
 * @param arrays all of a backbone, in the order of the graph
 * @param from a block's name or the beginning of one, as whole parts (`layer4`, `blocks.10`): that one and all that
 *   follow; or a fraction of the blocks that is left as it is, with all that is in front of them: 0 trains everything, 1
 *   nothing, and anything below 1 the last block at least
 * @throws UsageError for a name that no array begins with; it lists the blocks
 */
export function trainedArrays(arrays: readonly string[], from: number | string): Set<string> {
  if (from === 0) return new Set(arrays);
  if (from === 1) return new Set();
  const { stem, blocks, top } = blocksOf(arrays);
  if (typeof from === 'number') {
    const left = Math.min(blocks.length - 1, Math.floor(from * blocks.length + 1e-9));
    return new Set([...blocks.slice(left).flatMap((block) => block.arrays), ...top]);
  }
  const ordered = [...stem, ...blocks.flatMap((block) => block.arrays), ...top];
  const first = ordered.findIndex((array) => array === from || array.startsWith(`${from}.`));
  if (first < 0) {
    const names = blocks.map(({ name }) => name);
    throw new UsageError(
      `"backbone.trainFrom": the backbone has no block "${from}".${suggestion(from, names)} Its blocks are: ${names.join(', ')}. The beginning of a name will do, and so will a fraction from 0 (train everything) to 1 (the head alone).`,
    );
  }
  return new Set(ordered.slice(first));
}

/**
 * How many blocks below the top each array lies (Clark et al. 2020; Bao et al. 2021): 0 behind the last block, 1 in the
 * last block, and in front of the first block one more than there are blocks.
 */
export function depthsOf(arrays: readonly string[]): Map<string, number> {
  const { stem, blocks, top } = blocksOf(arrays);
  const layers = [stem, ...blocks.map((block) => block.arrays), top];
  return new Map(layers.flatMap((layer, i) => layer.map((array) => [array, layers.length - 1 - i] as const)));
}
