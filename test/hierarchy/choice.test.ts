/** Which tree is shown: on planted trees the one that has them, by what is held out and not by its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTree } from '../../src/hierarchy/choice/choose.js';
import {
  type Construction,
  checkTree,
  classLeaves,
  cutLevels,
  dendrogramPurity,
  type ItemSpaces,
  leafOrder,
  type Points,
  shownTree,
  treeSources,
} from '../../src/hierarchy/index.js';
import { buildTreeOfMany } from '../../src/hierarchy/many.js';
import { randomStream } from '../../src/random.js';
import { takeRows } from '../../src/rows.js';

/** Items of nested Gaussian centres, `tops` of `mids` of `classes`, each centre nearer to its parent than that to its own. */
function planted({ tops = 4, mids = 3, classes = 3, each = 4, dim = 32, seed = 1, noise = 0.4, offset = 0 }) {
  const random = randomStream(seed, 'planted');
  const around = (centre: ArrayLike<number>, radius: number) =>
    Float64Array.from(centre, (value) => value + (radius * random.normal()) / Math.sqrt(dim));
  const values: number[] = [];
  const labels: string[] = [];
  const origin = new Float64Array(dim).fill(offset);
  for (let a = 0; a < tops; a++) {
    const top = around(origin, 1);
    for (let b = 0; b < mids; b++) {
      const mid = around(top, 0.6);
      for (let c = 0; c < classes; c++) {
        const centre = around(mid, 0.4);
        for (let i = 0; i < each; i++) {
          values.push(...around(centre, noise));
          labels.push(`${a}.${b}.${c}`);
        }
      }
    }
  }
  const points: Points = { values: Float32Array.from(values), dim, metric: 'cosine', curvature: 0 };
  return { points, labels };
}

/** Points that know nothing of a tree. */
function noiseOf({ values, dim, ...space }: Points, seed: number): Points {
  const random = randomStream(seed, 'noise');
  return { ...space, dim, values: values.map(() => random.normal()) };
}

/** The tree as it is shown by default, and its purity on the two coarse levels. */
async function shownOf(spaces: ItemSpaces, labels: readonly string[], levels = 4) {
  const leaves = classLeaves(spaces.points, labels);
  const choice = chooseTree({ ...spaces, items: leaves.items });
  const built = await buildTreeOfMany(treeSources(spaces, leaves.items), choice.construction);
  const { tree } = shownTree(built, { levels });
  checkTree(tree);
  const purity = [1, 2].map((parts) => {
    const terms = leaves.names.map((name) => name.split('.').slice(0, parts).join('.'));
    const numbers = new Map([...new Set(terms)].map((term, i) => [term, i]));
    return dendrogramPurity(
      tree,
      terms.map((term) => numbers.get(term)!),
    );
  });
  return { choice, tree, purity };
}

test('the space that has the tree is chosen, whichever it is, and the shown tree has it', async () => {
  for (const [seed, noise, offset] of [
    [1, 0.4, 0],
    [2, 0.9, 0],
    [3, 0.4, 0.5],
  ]) {
    const { points, labels } = planted({ seed, noise, offset });
    const other = noiseOf(points, seed);
    for (const [spaces, space] of [
      [{ points: other, features: points }, 'features as they came'],
      [{ points, features: other }, 'embeddings'],
    ] as const) {
      const { choice, purity } = await shownOf(spaces, labels);
      assert.ok(
        purity.every((value) => value >= 0.95),
        `${seed} ${space}: ${purity}`,
      );
      assert.ok(choice.candidates[0].words.includes(space), choice.sentence);
      assert.equal(choice.candidates[0].construction, choice.construction);
      const [shown, ...others] = choice.candidates.map(({ score, agreement }) =>
        [score!, agreement!].map((value) => Math.round(100 * value)),
      );
      const isBeaten = others.some(([score, agreement]) => score > shown[0] && agreement > shown[1]);
      assert.match(choice.sentence, isBeaten ? /, preferred of 6, as none is/ : /, the best of 6, by /);
      assert.equal(choice.candidates.length, 6);
    }
  }
});

test('a clearer tree of the embeddings does not take the place of one that the features have', () => {
  const { points: features, labels } = planted({ noise: 0.9 });
  const { points } = planted({ noise: 0.05, seed: 7 });
  // Another tree of the same classes: as clear as can be, and of another order.
  const order = randomStream(3, 'order').choose(36, 36);
  const rows = Array.from({ length: 144 }, (_, i) => 4 * order[Math.floor(i / 4)] + (i % 4));
  const other = { ...points, ...takeRows(points, rows) };
  const { candidates, construction, sentence } = chooseTree({
    points: other,
    features,
    items: classLeaves(other, labels).items,
  });
  const fitOf = (name: Construction) => candidates.find((one) => one.construction === name)!.score!;
  assert.ok(fitOf('linkage') > fitOf('features'), 'training makes clear spaces');
  assert.match(construction, /^features/);
  const [chosen, ...others] = candidates;
  const isBeaten = others.some((one) => one.score! > chosen.score! && one.agreement! > chosen.agreement!);
  assert.ok(isBeaten);
  assert.match(sentence, /, preferred of 6, as none is clearly better, by /);
});

test('where nothing has a tree the simplest is shown, and that it may be chance', () => {
  const { points, labels } = planted({});
  const nothing = noiseOf(points, 4);
  const { items } = classLeaves(nothing, labels);
  const { construction, sentence } = chooseTree({ points: nothing, features: noiseOf(points, 5), items });
  assert.equal(construction, 'features');
  assert.match(sentence, /the simplest of 6.*None of them fits what is held out/);
});

test('a forced tree is built and said to be forced, with the scores of all', () => {
  const { points, labels } = planted({});
  const items = classLeaves(points, labels).items;
  const choice = chooseTree({ points, items, construction: 'ward' });
  assert.equal(choice.construction, 'ward');
  assert.match(choice.sentence, /^The tree is Ward linkage of the vectors, as asked for, by cophenetic/);
  for (const { words } of choice.candidates) assert.ok(choice.sentence.includes(words), words);
});

test('classes of two or three items are halved to one, and are sets all the same', () => {
  const { points, labels } = planted({ each: 3 });
  const few = labels.map((_, row) => row).filter((row) => row % 9 !== 8);
  const values = Float32Array.from(
    few.flatMap((row) => [...points.values.slice(row * points.dim, (row + 1) * points.dim)]),
  );
  const rows = { ...points, values };
  const { items } = classLeaves(
    rows,
    few.map((row) => labels[row]),
  );
  assert.deepEqual(
    chooseTree({ points: rows, items })
      .candidates.map(({ construction }) => construction)
      .sort(),
    ['chamfer', 'linkage', 'ward'],
  );
});

test('single items are halved by dimensions, and too few of anything is said with a dash', () => {
  const { points, labels } = planted({ each: 1 });
  const single = chooseTree({ points, items: labels.map((_, i) => [i]) });
  assert.match(single.criterion, /held-out dimensions/);
  assert.deepEqual(
    new Set(single.candidates.map(({ construction }) => construction)),
    new Set(['linkage', 'ward']),
  );
  const three = chooseTree({ points, items: [[0], [1], [2]] });
  assert.ok(three.candidates.every(({ score }) => score === null));
  assert.equal(three.construction, 'linkage');
  assert.match(three.sentence, /– \/ –/);
});

test('a cut tree has no more levels than asked for, no chains, and its groups are groups of the whole tree', async () => {
  const { points, labels } = planted({ noise: 1.5 });
  const items = classLeaves(points, labels).items;
  const { tree } = await buildTreeOfMany(treeSources({ points }, items), 'linkage');
  const groupsOf = (one: typeof tree) => {
    const { order, first, counts } = leafOrder(one);
    return Array.from(one.parent, (_, node) =>
      [...order.subarray(first[node], first[node] + counts[node])].sort((a, b) => a - b).join(),
    );
  };
  const whole = new Set(groupsOf(tree));
  for (const levels of [1, 2, 3, 5]) {
    const { tree: cut, to } = cutLevels(tree, levels);
    checkTree(cut);
    const { counts } = leafOrder(cut);
    for (let node = 0; node < cut.parent.length - 1; node++) {
      let depth = 0;
      for (let up = cut.parent[node]; up >= 0; up = cut.parent[up]) depth++;
      assert.ok(depth <= levels + 1);
      if (node >= cut.leaves) assert.ok(counts[node] < 0.9 * counts[cut.parent[node]]);
    }
    for (const group of groupsOf(cut)) assert.ok(whole.has(group));
    assert.equal(to.length, tree.parent.length);
  }
});

test('a cut does not take edges for chance because the leaves stand far below them', async () => {
  const { points, labels } = planted({ noise: 0.2 });
  const items = classLeaves(points, labels).items;
  const { tree } = await buildTreeOfMany(treeSources({ points }, items), 'linkage');
  const low = { ...tree, length: tree.length.map((length, node) => length + (node < tree.leaves ? 100 : 0)) };
  assert.deepEqual(cutLevels(low, 3).tree.parent, cutLevels(tree, 3).tree.parent);
});

test('more leaves than whose pairs can be kept stand below centres of clusters', async () => {
  const { points } = planted({ tops: 5, mids: 4, classes: 5, each: 4, dim: 8 });
  const count = points.values.length / points.dim;
  assert.equal(count, 400);
  const terms = Array.from({ length: count }, (_, i) => Math.floor(i / (4 * 5 * 4)));
  for (const construction of ['linkage', 'ward'] satisfies Construction[]) {
    const { tree } = await buildTreeOfMany({ points }, construction, { most: 300, centres: 60 });
    checkTree(tree);
    assert.equal(tree.leaves, count);
    assert.ok(dendrogramPurity(tree, terms) > 0.5);
  }
});
