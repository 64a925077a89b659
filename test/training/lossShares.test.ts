import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf } from '../../src/losses/mining.js';
import { checkRecipe, loadRecipe } from '../../src/recipe/load.js';
import { lossShares, WHOLE } from '../../src/training/lossShares.js';
import { tinyRecipe } from './trainerSupport.js';

// The paper's sizes.
const settings = [
  ...['losses.metric.name=proxy-anchor', 'head.embeddingSize=128', 'batch.size=180'],
  ...['losses.hier.proxies=512', 'losses.hier.triplets=50'],
];
const recipe = checkRecipe({
  ...loadRecipe('vectors', settings),
  backbone: { name: 'identity', width: 384 },
});
const sizes = (shares: ReturnType<typeof lossShares>) => shares.map(({ from, to }) => to - from);

test('one replica has all of the losses', () => {
  assert.deepEqual(lossShares(recipe, 100, 1), [WHOLE]);
});

test('the first has the metric loss, and the less of HIER the more classes there are', () => {
  let before = 1;
  for (const classes of [100, 3_000, 11_318]) {
    const shares = lossShares(recipe, classes, 3);
    assert.deepEqual(
      shares.map(({ metric }) => metric),
      [true, false, false],
    );
    const [first, second, third] = sizes(shares);
    assert.ok(first < before && first < second && Math.abs(second - third) < 1e-12);
    before = first;
  }
});

test('shares follow one another from beginning to end, and none is without anchors', () => {
  for (const classes of [2, 11_318, 1e9])
    for (const count of [1, 2, 3, 5, 6]) {
      const given = tinyRecipe({ losses: { hier: { proxies: 6, neighbours: 3 } } });
      const shares = lossShares(given, classes, count);
      assert.equal(shares[0].from, 0);
      assert.equal(shares[count - 1].to, 1);
      for (const [i, share] of shares.entries()) {
        if (i > 0) assert.equal(share.from, shares[i - 1].to);
        for (const nodes of [given.batch.size, 6]) {
          const [start, end] = rowsOf(nodes, share);
          assert.ok(end > start, `${classes} classes, ${count} replicas, share ${i} of ${nodes} nodes`);
        }
      }
    }
});

test('one loss alone is spread evenly, or not at all', () => {
  const hierAlone = tinyRecipe({ losses: { metric: { name: 'proxy-anchor', weight: 0 } } });
  assert.deepEqual(sizes(lossShares(hierAlone, 1000, 4)), [0.25, 0.25, 0.25, 0.25]);
  const metricAlone = tinyRecipe({ losses: { hier: { weight: 0 } } });
  assert.deepEqual(
    lossShares(metricAlone, 1000, 2).map(({ metric }) => metric),
    [true, false],
  );
});
