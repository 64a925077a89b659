import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GraphError, input, type TensorData } from '../../src/graph/index.js';
import { nodeDistances } from '../../src/losses/hier.js';
import {
  drawTriplets,
  miningSimilarity,
  reciprocalNeighbours,
  rowsOf,
  type Share,
} from '../../src/losses/mining.js';
import { randomStream } from '../../src/random.js';
import { evaluate, numbers } from '../support/evaluate.js';
import { runs } from '../support/shapes.js';
import { plainNeighbourhood, plainTriplets } from './oracle.js';

interface Problem {
  readonly nodes: number;
  readonly k: number;
  readonly perAnchor: number;
  readonly seed: number;
  readonly classes?: number;
  readonly excludeSelf?: boolean;
  readonly share?: Share;
  /** Coordinates `[nodes, 3]` instead of random ones. */
  readonly points?: readonly number[];
}

/** Feeds of a problem. */
function feedsOf({ nodes, perAnchor, seed, classes, points }: Problem) {
  const random = randomStream(seed, 'mining test');
  const x = Float32Array.from(points ?? Array.from({ length: nodes * 3 }, () => random.uniform() - 0.5));
  const labels = Int32Array.from({ length: nodes }, () => random.integer(classes ?? 1));
  const uniform = () => Float32Array.from({ length: nodes * perAnchor }, () => random.uniform24());
  return { x, labels, uniformJ: uniform(), uniformK: uniform() };
}

/** Mines in the graph; everything that it says about one share. */
async function mine(problem: Problem) {
  const { nodes, k, perAnchor, classes, excludeSelf = false, share = { from: 0, to: 1 } } = problem;
  const feeds = feedsOf(problem);
  const [start, end] = rowsOf(nodes, share);
  const cut = (values: Float32Array) => values.slice(start * perAnchor, end * perAnchor);
  const x = input('x', [nodes, 3]);
  const labels = classes ? input('labels', [nodes], 'int32') : undefined;
  const similarity = miningSimilarity(nodeDistances(x, x, 0.1), labels);
  const near = reciprocalNeighbours(similarity, k);
  const shape = [end - start, perAnchor];
  const {
    i,
    j,
    k: unrelated,
    weight,
    total,
  } = drawTriplets(near, input('uniformJ', shape), input('uniformK', shape), { excludeSelf, share });
  const result = await evaluate(
    { similarity, ...near, i, j, k: unrelated, weight, total: total! },
    {
      x: feeds.x,
      ...(labels ? { labels: feeds.labels } : {}),
      uniformJ: cut(feeds.uniformJ),
      uniformK: cut(feeds.uniformK),
    },
  );
  return { ...result, feeds };
}

/** Rows of a matrix. */
function rows(data: TensorData, width: number): number[][] {
  const values = numbers(data);
  return Array.from({ length: values.length / width }, (_, r) => values.slice(r * width, (r + 1) * width));
}

/** Holds what the graph mined against plain loops over the same similarities and uniform numbers, exactly. */
async function compareWithOracle(problem: Problem) {
  const { nodes, k, excludeSelf = false } = problem;
  const mined = await mine(problem);
  const plain = plainNeighbourhood(rows(mined.similarity, nodes), k);
  assert.deepEqual(rows(mined.neighbours, k), plain.neighbours);
  assert.deepEqual(
    rows(mined.reciprocal, nodes),
    plain.mutual.map((list) => Array.from({ length: nodes }, (_, j) => Number(list.includes(j)))),
  );
  assert.deepEqual(
    numbers(mined.valid),
    plain.mutual.map((list) => Number(list.length >= 2)),
  );
  const triplets = plainTriplets(plain, mined.feeds.uniformJ, mined.feeds.uniformK, excludeSelf);
  assert.deepEqual(
    numbers(mined.weight),
    triplets.map((triplet) => Number(triplet !== null)),
  );
  assert.equal(Number(mined.total), triplets.filter((triplet) => triplet !== null).length);
  triplets.forEach((triplet, t) => {
    const [i, j, other] = [mined.i[t], mined.j[t], mined.k[t]].map(Number);
    if (triplet) assert.deepEqual({ i, j, k: other }, triplet, `triplet ${t}`);
    // Triplets without weight are computed as well, so they must stay inside the distance matrix.
    for (const node of [i, j, other]) assert.ok(node >= 0 && node < nodes, `triplet ${t}: node ${node}`);
  });
  return triplets;
}

describe('mining in the graph', () => {
  it('agrees exactly with plain loops on random nodes, with and without labels', async () => {
    const problem = fc
      .record({
        nodes: fc.integer({ min: 3, max: 14 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        perAnchor: fc.integer({ min: 1, max: 6 }),
        seed: fc.nat(10_000),
        classes: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        excludeSelf: fc.boolean(),
      })
      .map(({ share, classes, ...rest }) => ({
        ...rest,
        k: 1 + Math.floor(share * (rest.nodes - 1)),
        ...(classes ? { classes } : {}),
      }));
    await fc.assert(
      fc.asyncProperty(problem, async (given) => void (await compareWithOracle(given))),
      runs(25),
    );
  });

  it('takes all the others as neighbours when k = N: the anchor is then its only unrelated node', async () => {
    const triplets = await compareWithOracle({ nodes: 6, k: 6, perAnchor: 5, seed: 4 });
    assert.ok(triplets.every((triplet) => triplet && triplet.k === triplet.i));
  });

  it('gives no weight to anchors without an unrelated node', async () => {
    const triplets = await compareWithOracle({ nodes: 6, k: 6, perAnchor: 5, seed: 4, excludeSelf: true });
    assert.ok(triplets.every((triplet) => triplet === null));
  });

  it('treats nodes at one place by their order', async () => {
    const points = Array.from({ length: 9 }, (_, i) => [0.1, 0.2, 0.3].map((x) => x * (1 + (i % 2)))).flat();
    for (const classes of [undefined, 3])
      await compareWithOracle({
        nodes: 9,
        k: 4,
        perAnchor: 4,
        seed: 5,
        points,
        ...(classes ? { classes } : {}),
      });
  });

  it('finds no anchor when nobody has two reciprocal neighbours', async () => {
    for (const k of [1, 2]) {
      const triplets = await compareWithOracle({ nodes: 7, k, perAnchor: 3, seed: 6 });
      assert.ok(triplets.every((triplet) => triplet === null));
    }
  });

  it('draws the same triplets in shares', async () => {
    const problem = { nodes: 11, k: 5, perAnchor: 4, seed: 7, classes: 3 };
    const whole = await mine(problem);
    for (const of of [2, 3]) {
      const parts = await Promise.all(
        Array.from({ length: of }, (_, index) =>
          mine({ ...problem, share: { from: index / of, to: (index + 1) / of } }),
        ),
      );
      for (const name of ['i', 'j', 'k', 'weight'] as const)
        assert.deepEqual(
          parts.flatMap((part) => numbers(part[name])),
          numbers(whole[name]),
        );
      for (const part of parts) assert.equal(Number(part.total), Number(whole.total));
    }
  });

  it('draws related and unrelated nodes uniformly', async () => {
    // Chi-square against a uniform draw, every anchor by itself; 0.999 quantiles by Wilson and Hilferty.
    const problem = { nodes: 24, k: 9, perAnchor: 2000, seed: 8, classes: 6 };
    const mined = await mine(problem);
    const { mutual } = plainNeighbourhood(rows(mined.similarity, problem.nodes), problem.k);
    let anchors = 0;
    mutual.forEach((related, i) => {
      if (related.length < 2) return;
      anchors++;
      const from = i * problem.perAnchor;
      for (const [drawn, possible] of [
        [mined.j, related],
        [mined.k, mutual.map((_, node) => node).filter((node) => !related.includes(node))],
      ] as const) {
        const counts = new Map(possible.map((node) => [node, 0]));
        for (const node of numbers(drawn).slice(from, from + problem.perAnchor))
          counts.set(node, counts.get(node)! + 1);
        const expected = problem.perAnchor / possible.length;
        const statistic = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
        const freedom = possible.length - 1;
        const limit = freedom * (1 - 2 / (9 * freedom) + 3.29 * Math.sqrt(2 / (9 * freedom))) ** 3;
        assert.ok(statistic < limit, `anchor ${i}: chi-square ${statistic}, limit ${limit}`);
      }
    });
    assert.ok(anchors > 15, `${anchors} anchors`);
  });

  it('refuses more neighbours than nodes', () => {
    const similarity = input('s', [5, 5]);
    for (const k of [0, 6])
      assert.throws(
        () => reciprocalNeighbours(similarity, k),
        (error: Error) => {
          assert.ok(error instanceof GraphError);
          assert.match(error.message, new RegExp(`mining: ${k} neighbours were asked for among 5 nodes`));
          return true;
        },
      );
  });
});

describe('shares of the nodes', () => {
  it('cover every node once, in order, each as many as its fraction says', () => {
    const inner = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(50), inner, (nodes, cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), 1];
        const shares = bounds.slice(1).map((to, i) => ({ from: bounds[i], to }));
        const parts = shares.map((share) => rowsOf(nodes, share));
        assert.deepEqual(
          parts.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i)),
          Array.from({ length: nodes }, (_, i) => i),
        );
        for (const [i, [start, end]] of parts.entries())
          assert.ok(Math.abs(end - start - nodes * (shares[i].to - shares[i].from)) <= 1);
      }),
      runs(100),
    );
  });
});
