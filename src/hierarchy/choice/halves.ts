/**
 * Two halves of what leaves are known by, so that a tree can be built from one and judged by the other: half of the items
 * of each class, or half of the dimensions where a leaf is one item. Nothing is built or judged here.
 */
import { randomStream } from '../../random.js';
import type { TreeSources } from '../build.js';
import type { Points } from '../dissimilarity.js';
import { type ItemSpaces, treeSources } from '../sources.js';

/** What leaves are known by twice, and how it was halved. */
export interface Halves {
  readonly halves: readonly [TreeSources, TreeSources];
  readonly of: 'items' | 'dimensions' | 'nothing';
}

/** The leaves to halve. */
export interface HalvesOptions extends ItemSpaces {
  /** The items of each leaf, as rows of the points. */
  readonly items: readonly (readonly number[])[];
  readonly seed: number;
}

/** Leaves that take part at most: more of them cost time and hardly change a score. */
const MOST_LEAVES = 400;
/** Fewer dimensions than this are not halved. */
const FEWEST_DIMENSIONS = 8;
/** The share of leaves that must have two items, so that items are halved. */
const ENOUGH = 0.5;

/** Halves leaves, a random part of them where there are many. With too few dimensions both halves are the whole. */
export function halvesOf({ items, seed, ...spaces }: HalvesOptions): Halves {
  const random = randomStream(seed, 'halves of leaves');
  const some = (list: readonly (readonly number[])[]) =>
    list.length <= MOST_LEAVES
      ? list
      : random
          .choose(list.length, MOST_LEAVES)
          .sort((a, b) => a - b)
          .map((leaf) => list[leaf]);
  const several = items.filter((list) => list.length > 1);
  if (several.length >= 3 && several.length >= ENOUGH * items.length) {
    const shuffled = some(several).map((list) => random.choose(list.length, list.length).map((i) => list[i]));
    const half = (rest: number) =>
      treeSources(
        spaces,
        shuffled.map((list) => list.filter((_, i) => i % 2 === rest)),
        true,
      );
    return { halves: [half(0), half(1)], of: 'items' };
  }
  const leaves = some(items);
  const isWide = ({ dim }: Points) => dim >= FEWEST_DIMENSIONS;
  if (!isWide(spaces.points) || (spaces.features && !isWide(spaces.features))) {
    const whole = treeSources(spaces, leaves);
    return { halves: [whole, whole], of: 'nothing' };
  }
  const half = (rest: number) => treeSources(halfSpaces(spaces, rest, seed), leaves);
  return { halves: [half(0), half(1)], of: 'dimensions' };
}

/** Every second dimension in a random order, the same of points and proxies. */
function halfSpaces({ points, features, proxies }: ItemSpaces, rest: number, seed: number): ItemSpaces {
  const chosen = dimensionsOf(points.dim, rest, seed);
  return {
    points: withDimensions(points, chosen),
    ...(features ? { features: withDimensions(features, dimensionsOf(features.dim, rest, seed)) } : {}),
    ...(proxies ? { proxies: withDimensions({ ...points, values: proxies }, chosen).values } : {}),
  };
}

function dimensionsOf(dim: number, rest: number, seed: number): number[] {
  return randomStream(seed, 'halves of dimensions', dim)
    .choose(dim, dim)
    .filter((_, i) => i % 2 === rest)
    .sort((a, b) => a - b);
}

function withDimensions(points: Points, chosen: readonly number[]): Points {
  const { values, dim } = points;
  const count = values.length / dim;
  const dims = chosen.length;
  const cut = new Float32Array(count * dims);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < dims; k++) cut[row * dims + k] = values[row * dim + chosen[k]];
  return { ...points, values: cut, dim: dims };
}
