import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DataError, UsageError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { checkedRows } from '../../src/retrieval/checkedRows.js';
import { classesOf, orderByClass } from '../../src/retrieval/classes.js';
import { coordinatesOf, frameOf } from '../../src/retrieval/coordinates.js';
import { type EvaluateOptions, evaluateRetrieval, rankByPairs } from '../../src/retrieval/evaluate.js';
import { withTeam } from '../../src/retrieval/parallel.js';
import { type Case, ranksOf, scoresFromHits } from './oracle.js';
import { drawLabelled, flat, problems } from './support.js';

/** Relative size of float32 rounding in squared distances, generously. */
const TOLERANCE = 2e-6;

/** Counts queries whose ranks rounding leaves open, so that the comparison is known to say something. */
const seen = { queries: 0, open: 0 };

async function checkAgainstOracle(item: Case, extra: Partial<EvaluateOptions>): Promise<void> {
  const { perQuery, lone, queries } = await evaluateRetrieval({
    embeddings: flat(item.queries),
    labels: item.labels,
    dim: item.queries[0].length,
    metric: item.metric as 'cosine',
    curvature: item.c,
    ranks: 'all',
    ...extra,
  });
  let withMatch = 0;
  for (let i = 0; i < item.queries.length; i++) {
    const { worst, best } = ranksOf(item, i, TOLERANCE);
    assert.equal(perQuery.matches[i], worst.length, `matches of query ${i}`);
    if (worst.length === 0) {
      assert.equal(perQuery.bestRank[i], 0);
      continue;
    }
    withMatch++;
    seen.queries++;
    if (worst.some((rank, k) => rank !== best[k])) seen.open++;
    const [low, high] = [worst, best].map((ranks) => scoresFromHits(ranks, item.gallery.length));
    assert.ok(perQuery.bestRank[i] <= worst[0] && perQuery.bestRank[i] >= best[0], `best rank of query ${i}`);
    for (const key of ['rPrecision', 'averagePrecisionAtR', 'averagePrecision'] as const)
      assert.ok(
        perQuery[key][i] >= low[key] - 1e-12 && perQuery[key][i] <= high[key] + 1e-12,
        `${key} of query ${i}: ${perQuery[key][i]} not in [${low[key]}, ${high[key]}]`,
      );
  }
  assert.equal(queries, withMatch);
  assert.equal(lone, item.queries.length - withMatch);
}

test('one set: every query agrees with brute force in float64', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async ({ metric, c, set: { points, labels } }) => {
      const leftOut = (i: number, j: number) => i === j;
      const item = { metric, c, queries: points, labels, gallery: points, galleryLabels: labels, leftOut };
      await checkAgainstOracle(item, {});
    }),
    { numRuns: 40 },
  );
  assert.ok(seen.queries > 200 && seen.open < 0.05 * seen.queries, JSON.stringify(seen));
});

test('separate gallery: every query agrees with brute force, masked by position or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      problems,
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (problem, count, mask) => {
        const { metric, c, random, set } = problem;
        const gallery = drawLabelled(random, { ...problem, count });
        const item = {
          metric,
          c,
          queries: set.points,
          labels: set.labels,
          gallery: gallery.points,
          galleryLabels: gallery.labels,
          leftOut: (i: number, j: number) => mask && i === j,
        };
        await checkAgainstOracle(item, {
          gallery: { embeddings: flat(gallery.points), labels: gallery.labels },
          maskSamePosition: mask,
        });
      },
    ),
    { numRuns: 40 },
  );
});

test('rows of one id never meet', async () => {
  await fc.assert(
    fc.asyncProperty(problems, fc.integer({ min: 1, max: 20 }), async (problem, items) => {
      const { metric, c, set } = problem;
      const { points, labels } = set;
      const ids = points.map((_, i) => i % items);
      const leftOut = (i: number, j: number) => ids[i] === ids[j];
      const item = { metric, c, queries: points, labels, gallery: points, galleryLabels: labels, leftOut };
      await checkAgainstOracle(item, { ids });
    }),
    { numRuns: 30 },
  );
});

test('all depths of ranks agree on what they share', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async ({ metric, c, dim, set }) => {
      const given = { embeddings: flat(set.points), labels: set.labels, dim, metric, curvature: c };
      const [best, top, all] = await Promise.all(
        (['best', 'top', 'all'] as const).map((ranks) => evaluateRetrieval({ ...given, ranks })),
      );
      const { map: _, ...upToR } = all.metrics;
      assert.deepEqual(top.metrics, upToR);
      assert.deepEqual({ ...upToR, ...best.metrics }, upToR);
      assert.deepEqual(best.perQuery.bestRank, all.perQuery.bestRank);
    }),
    { numRuns: 30 },
  );
});

test('pairs of blocks give the best ranks that rows give, duplicates included', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(problems, fc.integer({ min: 8, max: 20 }), async (problem, size) => {
      const { metric, c, dim, random } = problem;
      const set = drawLabelled(random, { ...problem, count: 3 * size + problem.count, classes: 30 });
      const embeddings = flat(set.points);
      const expected = await evaluateRetrieval({
        embeddings,
        labels: set.labels,
        dim,
        metric,
        curvature: c,
        ranks: 'best',
      });
      const vectors = checkedRows({ values: embeddings, dim }, 'points');
      const { rowAt, classAt, starts } = orderByClass(set.labels, classesOf(set.labels));
      await withTeam(1, {}, async (team) => {
        const rows = coordinatesOf(frameOf(metric, c, [vectors]), vectors, team.float32, rowAt);
        const scores = {
          matches: team.int32(rows.count),
          bestRank: team.int32(rows.count),
          rPrecision: team.float64(0),
          averagePrecisionAtR: team.float64(0),
          averagePrecision: team.float64(0),
        };
        const task = {
          kind: 'ranks' as const,
          queries: rows,
          gallery: rows,
          classAt,
          starts,
          leaveOut: 'self' as const,
          depth: 'best' as const,
          scores,
          taken: team.int32(1),
          engine: undefined,
        };
        if (!(await rankByPairs(team, task, size))) return;
        compared++;
        const { matches, bestRank } = expected.perQuery;
        assert.deepEqual(
          [...scores.bestRank],
          Array.from(rowAt, (row) => bestRank[row]),
        );
        assert.deepEqual(
          [...scores.matches],
          Array.from(rowAt, (row) => matches[row]),
        );
      });
    }),
    { numRuns: 40 },
  );
  assert.ok(compared >= 10, `${compared} problems had blocks enough`);
});

test('an exact duplicate in another class comes before the match', async () => {
  const embeddings = flat([
    [0.1, 0.2],
    [0.3, 0.4],
    [0.3, 0.4],
    [-1, 0.5],
  ]);
  for (const metric of ['hyperbolic', 'cosine', 'euclidean'] as const) {
    const { perQuery } = await evaluateRetrieval({ embeddings, labels: [0, 0, 1, 1], dim: 2, metric });
    assert.equal(perQuery.bestRank[0], 2, metric);
  }
});

test('the order of rows does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async ({ metric, c, dim, random, set: { points, labels } }) => {
      const order = random.choose(points.length, points.length);
      const of = (rows: number[]) =>
        evaluateRetrieval({
          embeddings: flat(rows.map((i) => points[i])),
          labels: rows.map((i) => labels[i]),
          dim,
          metric: metric === 'euclidean' ? 'cosine' : metric,
          curvature: c > 0 ? c : 0.01 / 36,
        });
      const [straight, shuffled] = await Promise.all([of([...points.keys()]), of(order)]);
      assert.deepEqual(
        [...shuffled.perQuery.bestRank],
        order.map((i) => straight.perQuery.bestRank[i]),
      );
    }),
    { numRuns: 30 },
  );
});

test('hyperbolic order is cosine order where all norms are equal', async () => {
  const random = randomStream(3, 'equal norms');
  const { points, labels } = drawLabelled(random, {
    count: 300,
    dim: 16,
    classes: 40,
    duplicates: 0,
    radius: 1,
  });
  const embeddings = flat(points.map((v) => v.map((value) => (1.9 * value) / Math.hypot(...v))));
  const of = (metric: 'hyperbolic' | 'cosine', curvature: number) =>
    evaluateRetrieval({ embeddings, labels, dim: 16, metric, curvature, ranks: 'all' });
  const cosine = await of('cosine', 0.1);
  for (const c of [0, 0.01, 0.1, 0.27]) {
    const hyperbolic = await of('hyperbolic', c);
    for (const [name, value] of Object.entries(cosine.metrics))
      assert.ok(Math.abs(hyperbolic.metrics[name as 'mrr'] - value) < 1e-3, `${name} at c = ${c}`);
  }
});

test('several blocks and threads: the same numbers, bit for bit', async () => {
  const random = randomStream(5, 'large');
  const { points, labels } = drawLabelled(random, {
    count: 2300,
    dim: 8,
    classes: 700,
    duplicates: 0.02,
    radius: 2,
  });
  const given = { embeddings: flat(points), labels, dim: 8, metric: 'hyperbolic' as const };
  const one = await evaluateRetrieval({ ...given, threads: 1 });
  const three = await evaluateRetrieval({ ...given, threads: 3 });
  assert.deepEqual(three, one);
  const byPairs = await evaluateRetrieval({ ...given, threads: 2, ranks: 'best' });
  assert.deepEqual(byPairs.perQuery.bestRank, one.perQuery.bestRank);
  const leftOut = (i: number, j: number) => i === j;
  const item = {
    metric: 'hyperbolic',
    c: 0.1,
    queries: points,
    labels,
    gallery: points,
    galleryLabels: labels,
  };
  for (let query = 0; query < 2300; query += 97) {
    const { worst, best } = ranksOf({ ...item, leftOut }, query, TOLERANCE);
    assert.ok(worst.length === 0 || one.perQuery.bestRank[query] <= worst[0]);
    assert.ok(worst.length === 0 || one.perQuery.bestRank[query] >= best[0]);
  }
});

test('the WebAssembly engine gives the same ranks', async () => {
  const random = randomStream(6, 'wasm');
  const { points, labels } = drawLabelled(random, {
    count: 150,
    dim: 6,
    classes: 30,
    duplicates: 0.2,
    radius: 2,
  });
  const given = { embeddings: flat(points), labels, dim: 6, metric: 'hyperbolic' as const };
  const native = await evaluateRetrieval(given);
  const wasm = await evaluateRetrieval({ ...given, engine: 'wasm' });
  assert.deepEqual(wasm.metrics, native.metrics);
});

test('one class, and only lone classes: defined and said', async () => {
  const embeddings = flat([
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const given = { embeddings, dim: 2, metric: 'euclidean' as const };
  const oneClass = await evaluateRetrieval({ ...given, labels: [7, 7, 7], ranks: 'all' });
  for (const value of Object.values(oneClass.metrics)) assert.equal(value, 1);
  assert.match(oneClass.notes.join(' '), /one class/);
  const lone = await evaluateRetrieval({ ...given, labels: [1, 2, 3] });
  assert.deepEqual([lone.queries, lone.lone], [0, 3]);
  for (const value of Object.values(lone.metrics)) assert.ok(Number.isNaN(value));
  assert.match(lone.notes.join(' '), /no metric is defined/);
  const some = await evaluateRetrieval({ ...given, labels: [1, 1, 3] });
  assert.match(some.notes.join(' '), /1 of 3 queries have no match/);
});

test('a query class that the gallery lacks is lone', async () => {
  const result = await evaluateRetrieval({
    embeddings: flat([
      [0, 1],
      [1, 0],
    ]),
    labels: [1, 2],
    gallery: { embeddings: flat([[0, 1]]), labels: [1] },
    dim: 2,
    metric: 'cosine',
  });
  assert.deepEqual([result.queries, result.lone, result.gallery, result.classes], [1, 1, 1, 2]);
  assert.equal(result.metrics['recall@1'], 1);
});

test('embeddings that are not numbers are counted and named', async () => {
  const embeddings = flat([
    [0, 1],
    [1, Number.NaN],
    [1, 1],
    [Number.POSITIVE_INFINITY, 0],
  ]);
  const given = { embeddings, labels: [0, 0, 1, 1], dim: 2, metric: 'cosine' as const };
  await assert.rejects(evaluateRetrieval(given), (error: Error) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /2 of 4 query embeddings .*NaN.* rows: 1, 3/);
    return true;
  });
});

test('points outside the ball are counted and named', async () => {
  const embeddings = flat([
    [0, 1],
    [4, 0],
    [1, 1],
  ]);
  const given = { embeddings, labels: [0, 0, 0], dim: 2, metric: 'hyperbolic' as const, curvature: 0.1 };
  await assert.rejects(
    evaluateRetrieval(given),
    /1 of 3 query embeddings lie outside the ball of radius 3.162/,
  );
});

test('empty sets and options that do not fit are refused', async () => {
  const embeddings = flat([
    [0, 1],
    [1, 0],
  ]);
  const given = { embeddings, labels: [0, 0], dim: 2, metric: 'cosine' as const };
  const gallery = { embeddings, labels: [0, 0] };
  await assert.rejects(
    evaluateRetrieval({ ...given, embeddings: new Float32Array(0), labels: [] }),
    DataError,
  );
  await assert.rejects(
    evaluateRetrieval({ ...given, gallery: { embeddings: new Float32Array(0), labels: [] } }),
    DataError,
  );
  await assert.rejects(evaluateRetrieval({ ...given, labels: [0, Number.NaN] }), DataError);
  const refused: Partial<EvaluateOptions>[] = [
    { labels: [0] },
    { dim: 3 },
    { dim: 0 },
    { metric: 'cosin' as 'cosine' },
    { curvature: -1 },
    { curvature: Number.NaN },
    { recallAt: [0] },
    { ranks: 'some' as 'all' },
    { threads: 0 },
    { ids: [1] },
    { maskSamePosition: true },
    { gallery, ids: [0, 1] },
    { gallery: { ...gallery, ids: [0, 1] } },
  ];
  for (const options of refused)
    await assert.rejects(evaluateRetrieval({ ...given, ...options }), UsageError, JSON.stringify(options));
  await assert.rejects(evaluateRetrieval({ ...given, metric: 'cosin' as 'cosine' }), /Did you mean "cosine"/);
});
