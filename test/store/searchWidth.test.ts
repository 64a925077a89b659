import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { leastWidth, recallWith, widthLadder } from '../../src/store/searchWidth.js';
import { runs } from '../support/shapes.js';

describe('widthLadder', () => {
  it('rises from the first to the most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 1, max: 32_768 }), (first, most) => {
        const steps = widthLadder(first, most);
        assert.equal(steps.at(-1), most);
        assert.equal(steps[0], Math.min(first, most));
        assert.deepEqual(
          steps,
          [...new Set(steps)].sort((a, b) => a - b),
        );
        assert.ok(steps.length < 30);
      }),
      runs(200),
    );
  });
});

describe('leastWidth', () => {
  /** Queries whose ten nearest are the numbers from 10 q; the search finds one with each unit of width, up to `most`. */
  const sample = {
    queries: Array.from({ length: 100 }, (_, q) => Float32Array.of(q)),
    nearest: Array.from({ length: 100 }, (_, q) => Array.from({ length: 10 }, (_, i) => 10 * q + i)),
  };
  const findUpTo =
    (most: number) =>
    ([q]: Float32Array, width: number) =>
      Array.from({ length: Math.min(width, most) }, (_, i) => 10 * q + i);
  const ladder = widthLadder(1, 64);

  it('finds all but a tolerable part, with a margin', async () => {
    const width = await leastWidth(sample, ladder, findUpTo(10));
    assert.equal(width, Math.round(1.5 * ladder.find((step) => step >= 10)!));
    assert.equal(await recallWith(sample, findUpTo(10), width), 1);
    assert.equal(await recallWith(sample, findUpTo(10), 4), 0.4);
  });

  it('does not go on where no width finds more', async () => {
    const width = await leastWidth(sample, ladder, findUpTo(7));
    assert.equal(width, Math.round(1.5 * ladder.find((step) => step >= 7)!));
    assert.equal(await recallWith(sample, findUpTo(7), width), 0.7);
  });

  it('is asked of few items where it is not enough', async () => {
    let asked = 0;
    const find = (query: Float32Array, width: number) => {
      asked++;
      return findUpTo(10)(query, width);
    };
    await leastWidth(sample, [1, 10, 64], find);
    assert.ok(asked <= 4 + 100, `${asked}`);
  });

  it('is never more than the most', async () => {
    assert.equal(await leastWidth(sample, [1, 10], findUpTo(10)), 10);
  });
});
