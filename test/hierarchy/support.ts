/** Small random trees and points, and slow ways to ask about them that need no thought. */
import fc from 'fast-check';
import type { Points } from '../../src/hierarchy/index.js';
import { arrange, type Tree } from '../../src/hierarchy/index.js';
import { randomStream } from '../../src/random.js';

/** Trees of 2 to 12 leaves whose inner nodes have two or more children, with edges of random length. */
export const anyTree: fc.Arbitrary<Tree> = fc
  .record({ leaves: fc.integer({ min: 2, max: 12 }), inner: fc.integer({ min: 1, max: 8 }), seed: fc.nat() })
  .map(({ leaves, inner, seed }) => {
    const random = randomStream(seed, 'tree');
    const parent = Array.from({ length: leaves + inner }, (_, node) => {
      if (node < leaves) return leaves + random.integer(inner);
      return node === leaves + inner - 1 ? -1 : node + 1 + random.integer(leaves + inner - 1 - node);
    });
    return arrange({ leaves, parent, length: parent.map(() => 0.1 + random.uniform()) }).tree;
  });

/** Ancestors of a node, itself first. */
export function ancestorsOf({ parent }: Tree, node: number): number[] {
  const path = [node];
  while (parent[path[path.length - 1]] >= 0) path.push(parent[path[path.length - 1]]);
  return path;
}

/** The first common ancestor by comparing paths. */
export function slowAncestor(tree: Tree, a: number, b: number): number {
  const other = new Set(ancestorsOf(tree, b));
  return ancestorsOf(tree, a).find((node) => other.has(node))!;
}

/** Leaves under a node by looking at every leaf's path. */
export function slowMembers(tree: Tree, node: number): number[] {
  return [...Array(tree.leaves).keys()].filter((leaf) => ancestorsOf(tree, leaf).includes(node));
}

/** Random whole numbers below `most`, one a leaf. */
export function randomLabels(count: number, most: number, seed: number): number[] {
  const random = randomStream(seed, 'labels');
  return Array.from({ length: count }, () => random.integer(most));
}

/** Random points of the ball of curvature 0.1. */
export function randomPoints(count: number, dim: number, seed: number, radius = 2): Points {
  const random = randomStream(seed, 'points');
  const values = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const v = Array.from({ length: dim }, random.normal);
    const scale = (radius * (0.3 + 0.7 * random.uniform())) / Math.hypot(...v);
    for (let k = 0; k < dim; k++) values[i * dim + k] = v[k] * scale;
  }
  return { values, dim, metric: 'hyperbolic', curvature: 0.1 };
}

/**
 * Classes in groups in supergroups: points on one sphere, close within groups; and a proxy at the mean of every
 * group and supergroup, nearer the origin.
 */
export function kinship({
  supers = 4,
  groups = 3,
  classes = 4,
  dim = 12,
  seed = 1,
}: {
  supers?: number;
  groups?: number;
  classes?: number;
  dim?: number;
  seed?: number;
} = {}): { points: Points; proxies: Float32Array; names: string[]; pairs: [string, string][] } {
  const random = randomStream(seed, 'kinship');
  const direction = (near?: Float64Array, spread = 1) => {
    const v = Float64Array.from({ length: dim }, (_, k) => (near?.[k] ?? 0) + spread * random.normal());
    const norm = Math.hypot(...v);
    return v.map((value) => value / norm);
  };
  const [values, proxies]: number[][] = [[], []];
  const names: string[] = [];
  const pairs: [string, string][] = [];
  for (let s = 0; s < supers; s++) {
    const top = direction();
    proxies.push(...top.map((value) => 1.2 * value));
    for (let g = 0; g < groups; g++) {
      const middle = direction(top, 0.2);
      proxies.push(...middle.map((value) => 1.6 * value));
      pairs.push([`super ${s}`, `group ${s}.${g}`]);
      for (let c = 0; c < classes; c++) {
        values.push(...direction(middle, 0.08).map((value) => 1.965 * value));
        names.push(`class ${s}.${g}.${c}`);
        pairs.push([`group ${s}.${g}`, names[names.length - 1]]);
      }
    }
  }
  const points: Points = { values: Float32Array.from(values), dim, metric: 'hyperbolic', curvature: 0.1 };
  return { points, proxies: Float32Array.from(proxies), names, pairs };
}
