/** The line that tells how far indexing is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rateLine } from '../../src/cli/rate.js';

describe('rateLine', () => {
  const start = { done: 0, seconds: 0 };
  const line = (done: number, total: number, seconds: number, first = start) =>
    rateLine('indexing', { done, seconds }, total, first);

  it('tells how many, how fast and how long still', () => {
    assert.equal(line(2000, 12_000, 10), 'indexing: 2,000 of 12,000 · 200/s · 50 s left');
    assert.equal(line(5, 10, 10), 'indexing: 5 of 10 · 0.5/s · 10 s left');
  });

  it('leaves out what went before the first report: preparations, and what was there already', () => {
    assert.equal(
      line(41, 200, 80, { done: 1, seconds: 60 }),
      'indexing: 41 of 200 · 2.0/s · 1 min 20 s left',
    );
    assert.equal(
      line(920, 1000, 10, { done: 900, seconds: 0 }),
      'indexing: 920 of 1,000 · 2.0/s · 40 s left',
    );
  });

  it('tells no rate before enough has been seen', () => {
    assert.equal(line(1, 200, 60, { done: 1, seconds: 60 }), 'indexing: 1 of 200');
    assert.equal(line(3, 200, 60.5, { done: 1, seconds: 60 }), 'indexing: 3 of 200');
    assert.equal(line(0, 10, 0), 'indexing: 0 of 10');
  });

  it('tells the time it took at the end, after a single report too', () => {
    assert.equal(line(1500, 1500, 3), 'indexing: 1,500 of 1,500 · 500/s · 3.0 s');
    const only = { done: 1500, seconds: 3 };
    assert.equal(line(1500, 1500, 3, only), 'indexing: 1,500 of 1,500 · 500/s · 3.0 s');
  });
});
