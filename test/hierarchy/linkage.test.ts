import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  between,
  checkTree,
  type Dissimilarities,
  dendrogram,
  type Linkage,
  linkage,
  pathLengths,
} from '../../src/hierarchy/index.js';
import { randomStream } from '../../src/random.js';

/** Agglomeration as it is defined: all clusters are compared anew at every merge. */
function slowLinkage(given: Dissimilarities, kind: Linkage): { heights: number[]; cophenetic: number[] } {
  const n = given.count;
  const apart = (a: number[], b: number[]) => {
    const pairs = a.flatMap((i) => b.map((j) => between(given, i, j)));
    if (kind === 'single') return Math.min(...pairs);
    if (kind === 'complete') return Math.max(...pairs);
    return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  };
  let clusters = Array.from({ length: n }, (_, i) => [i]);
  const heights: number[] = [];
  const cophenetic = new Array<number>(n * n).fill(0);
  while (clusters.length > 1) {
    let best = { a: 0, b: 1, height: Number.POSITIVE_INFINITY };
    for (let a = 0; a < clusters.length; a++)
      for (let b = a + 1; b < clusters.length; b++) {
        const height = apart(clusters[a], clusters[b]);
        if (height < best.height) best = { a, b, height };
      }
    const [one, other] = [clusters[best.a], clusters[best.b]];
    for (const i of one) for (const j of other) cophenetic[i * n + j] = cophenetic[j * n + i] = best.height;
    heights.push(best.height);
    clusters = [...clusters.filter((cluster) => cluster !== one && cluster !== other), [...one, ...other]];
  }
  return { heights, cophenetic };
}

function close(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  assert.equal(ours.length, theirs.length);
  for (let i = 0; i < ours.length; i++)
    assert.ok(Math.abs(ours[i] - theirs[i]) < 1e-9, `${i}: ${ours[i]}, ${theirs[i]}`);
}

test('the chain finds what comparing all clusters anew finds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 14 }),
      fc.nat(),
      fc.constantFrom('single', 'average', 'complete'),
      (count, seed, kind) => {
        const random = randomStream(seed, 'dissimilarities');
        const values = Float64Array.from({ length: (count * (count - 1)) / 2 }, random.uniform);
        const given = { count, values };
        const merges = linkage(given, kind as Linkage);
        const tree = dendrogram(merges);
        checkTree(tree);
        const expected = slowLinkage(given, kind as Linkage);
        close(merges.heights, expected.heights);
        close(pathLengths(tree), expected.cophenetic);
      },
    ),
    { numRuns: 120 },
  );
});

test('equal dissimilarities and single items come to an end', () => {
  for (const kind of ['single', 'average', 'complete', 'ward'] as const) {
    const { heights } = linkage({ count: 9, values: new Float64Array(36).fill(2) }, kind);
    assert.equal(heights.length, 8);
    assert.ok(heights.every((height) => height >= 2));
  }
  const tree = dendrogram(linkage({ count: 1, values: new Float64Array(0) }));
  assert.deepEqual([...tree.parent], [-1]);
});

test('the matrix that is given stays as it is', () => {
  const values = Float64Array.of(1, 2, 3);
  linkage({ count: 3, values });
  assert.deepEqual([...values], [1, 2, 3]);
});

test('nothing, and numbers that are none, are refused', () => {
  assert.throws(() => linkage({ count: 0, values: new Float64Array(0) }), /nothing to cluster/);
  assert.throws(() => linkage({ count: 2, values: Float64Array.of(Number.NaN) }), /at least 0/);
});
