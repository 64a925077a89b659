import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percent, textTable, whole } from '../../../src/cli/text/columns.js';

describe('table', () => {
  it('aligns columns to the longest cell, numbers to the right', () => {
    const text = textTable(
      [{ title: 'name' }, { title: 'R@1', right: true }],
      [
        ['a', '7.5'],
        ['longer é', '100.0'],
      ],
    );
    assert.equal(text, 'name        R@1\n────────  ─────\na           7.5\nlonger é  100.0');
  });

  it('prints fractions as percent, and what is not defined as a dash', () => {
    assert.equal(percent(0.12345), '12.3');
    assert.equal(percent(1), '100.0');
    assert.equal(percent(Number.NaN), '–');
    assert.equal(whole(12345), '12,345');
  });
});
