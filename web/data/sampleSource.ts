/** A made-up collection, for tests and for measuring: a tree grown in the disk, with items around its leaves. */
import { distance } from '../disk/centre.js';
import { apply, type Point, translation } from '../disk/moebius.js';
import type { Source } from './collection.js';
import { columnFrom, columnOfLevel } from './columns.js';
import type { Points } from './points.js';
import { buildTree, type TreeNode } from './tree.js';

/** Branches of the tree, and leaves of each branch. */
const BRANCHES = 5;

/** A source of `count` items under a tree of two levels with five branches each. Equal counts give equal items. */
export function sampleSource(count: number): Source {
  const { nodes, leaves } = sampleNodes();
  const label = Uint32Array.from({ length: count }, (_, i) => i % leaves.length);
  const places = scatter(leaves, label, generator(count + 1));
  const points = samplePoints(leaves, label, places);
  const size = sizes(places);
  const about = {
    name: 'sample',
    hasThumbnails: false,
    hasPictures: false,
    columns: ['branch', 'size'],
    treeChoice: null,
    searchesImages: true,
    problems: [],
  };
  const nearest = (place: Point, k: number, except: number, among: Uint8Array | null) =>
    places
      .map((other, item) => ({ item, distance: distance(place, other) }))
      .filter(({ item }) => item !== except && (among === null || among[item] === 1))
      .sort((a, b) => a.distance - b.distance || a.item - b.item)
      .slice(0, k);
  return {
    open: async () => ({ about, points, tree: buildTree([...nodes, ...leaves], points) }),
    neighbours: async (item, k, among) => nearest(places[item], k, item, among),
    searchImage: async (image, k, among) => nearest(places[image.size % count], k, -1, among),
    searchText: null,
    thumbnail: () => null,
    picture: () => null,
    facts: async (item) => ({
      branch: points.levels[0].terms[points.levels[0].term[item]],
      size: size(item),
    }),
    column: async (name) =>
      name === 'size'
        ? columnFrom({ name, values: places.map((_, i) => String(size(i))), rows: places.map((_, i) => i) })
        : columnOfLevel(points.levels[0]),
  };
}

/** A number for each item, by its place. */
const sizes = (places: readonly Point[]) => (item: number) =>
  Math.round(1000 * Math.hypot(...places[item])) / 10;

/** The point at a hyperbolic distance from another, in a direction (radians). */
function step(from: Point, angle: number, far: number): Point {
  const r = Math.tanh(far / 2);
  return apply(translation(from), [r * Math.cos(angle), r * Math.sin(angle)]);
}

/** The inner nodes and the leaves of the tree. */
function sampleNodes(): { nodes: TreeNode[]; leaves: TreeNode[] } {
  const nodes: TreeNode[] = [{ id: 'top', parent: null, name: 'everything', place: [0, 0] }];
  const leaves: TreeNode[] = [];
  for (let i = 0; i < BRANCHES; i++) {
    const place = step([0, 0], (2 * Math.PI * i) / BRANCHES, 1.6);
    nodes.push({ id: `branch-${i}`, parent: 'top', name: `branch ${i}`, place });
    for (let j = 0; j < BRANCHES; j++) {
      const angle = (2 * Math.PI * (i + (j - 2) / BRANCHES)) / BRANCHES;
      const at = step([0, 0], angle, 3.2);
      leaves.push({ id: `leaf-${i}-${j}`, parent: `branch-${i}`, name: `class ${i}.${j}`, place: at });
    }
  }
  return { nodes, leaves };
}

/** A place for each item around its leaf, most of them close to it. */
function scatter(leaves: readonly TreeNode[], leafOf: Uint32Array, random: () => number): Point[] {
  return Array.from(leafOf, (leaf) =>
    step(
      leaves[leaf].place as Point,
      2 * Math.PI * random(),
      1.2 * Math.sqrt(-Math.log(1 - 0.99 * random())),
    ),
  );
}

/** The items at their places. Before training all are close together, and a fifth of them is not known. */
function samplePoints(leaves: readonly TreeNode[], label: Uint32Array, places: readonly Point[]): Points {
  const [x, y] = [0, 1].map((axis) => Float32Array.from(places, (place) => place[axis]));
  const before = (value: number, i: number) => (i % 5 === 4 ? Number.NaN : value / 4);
  return {
    ids: places.map((_, i) => `item-${i}`),
    x: x.slice(),
    y: y.slice(),
    labels: leaves.map(({ name }) => name),
    label,
    nodes: leaves.map(({ id }) => id),
    node: label,
    places: 'table',
    levels: [
      {
        name: 'branch',
        terms: Array.from({ length: BRANCHES }, (_, i) => `branch ${i}`),
        term: label.map((leaf) => Math.floor(leaf / BRANCHES)),
      },
    ],
    snapshots: [
      { epoch: 0, x: x.map(before), y: y.map(before) },
      { epoch: null, x, y },
    ],
  };
}

/** Uniform numbers by a linear congruential generator (Numerical Recipes' constants): enough to scatter points. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
