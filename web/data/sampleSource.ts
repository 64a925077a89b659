/** A made-up collection, for tests and for measuring: a tree grown in the disk, with items around its leaves. */
import { distance } from '../disk/centre.js';
import { apply, type Point, translation } from '../disk/moebius.js';
import type { Points } from './points.js';
import type { Source } from './source.js';
import { buildTree, type TreeNode } from './tree.js';

/** A source of `count` items under a tree of two levels with five branches each. Equal counts give equal items. */
export function sampleSource(count: number): Source {
  const random = generator(count + 1);
  const step = (from: Point, angle: number, far: number) => {
    const r = Math.tanh(far / 2);
    return apply(translation(from), [r * Math.cos(angle), r * Math.sin(angle)]);
  };
  const nodes: TreeNode[] = [{ id: 'top', parent: null, name: 'everything', place: [0, 0] }];
  const leaves: TreeNode[] = [];
  for (let i = 0; i < 5; i++) {
    const place = step([0, 0], (2 * Math.PI * i) / 5, 1.6);
    nodes.push({ id: `branch-${i}`, parent: 'top', name: `branch ${i}`, place });
    for (let j = 0; j < 5; j++) {
      const at = step([0, 0], (2 * Math.PI * (i + (j - 2) / 5)) / 5, 3.2);
      leaves.push({ id: `leaf-${i}-${j}`, parent: `branch-${i}`, name: `class ${i}.${j}`, place: at });
    }
  }
  const label = Uint32Array.from({ length: count }, (_, i) => i % leaves.length);
  const places = Array.from(label, (leaf) =>
    step(
      leaves[leaf].place as Point,
      2 * Math.PI * random(),
      1.2 * Math.sqrt(-Math.log(1 - 0.99 * random())),
    ),
  );
  const x = Float32Array.from(places, (place) => place[0]);
  const y = Float32Array.from(places, (place) => place[1]);
  const points: Points = {
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
        terms: Array.from({ length: 5 }, (_, i) => `branch ${i}`),
        term: label.map((leaf) => Math.floor(leaf / 5)),
      },
    ],
    // Before training everything is close together, and a fifth of the items is not known.
    snapshots: [
      {
        epoch: 0,
        x: x.map((value, i) => (i % 5 === 4 ? Number.NaN : value / 4)),
        y: y.map((value, i) => (i % 5 === 4 ? Number.NaN : value / 4)),
      },
      { epoch: null, x, y },
    ],
  };
  const nearest = (place: Point, k: number, except: number) =>
    places
      .map((other, item) => ({ item, distance: distance(place, other) }))
      .filter(({ item }) => item !== except)
      .sort((a, b) => a.distance - b.distance || a.item - b.item)
      .slice(0, k);
  const about = { name: 'sample', hasThumbnails: false, searchesImages: true };
  return {
    open: async () => ({ about, points, tree: buildTree([...nodes, ...leaves], points) }),
    neighbours: async (item, k) => nearest(places[item], k, item),
    searchImage: async (image, k) => nearest(places[image.size % count], k, -1),
    thumbnail: () => null,
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
