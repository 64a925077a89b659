/** The line that tells how far indexing is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rateLine } from '../../src/cli/rate.js';

describe('rateLine', () => {
  it('tells how many, how fast and how long still', () => {
    assert.equal(rateLine('indexing', 2000, 12_000, 10), 'indexing: 2,000 of 12,000 · 200/s · 50 s left');
    assert.equal(rateLine('indexing', 5, 10, 10), 'indexing: 5 of 10 · 0.5/s · 10 s left');
  });

  it('tells the time it took at the end, and survives a start without time', () => {
    assert.equal(rateLine('indexing', 1500, 1500, 3), 'indexing: 1,500 of 1,500 · 500/s · 3.0 s');
    assert.match(rateLine('indexing', 0, 10, 0), /0 of 10 · 0\.0\/s · unknown left/);
  });
});
