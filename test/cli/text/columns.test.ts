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

  it('counts the places of a terminal, not characters: Japanese, emoji and marks stay in line', () => {
    const names = ['牛乳 1 l', 'オーツ', '👩‍👩‍👧 🥛', 'e\u0301te\u0301', '한국어', 'plain'];
    const text = textTable(
      [{ title: 'name' }, { title: 'n', right: true }],
      names.map((name, i) => [name, String(10 ** i)]),
    );
    assert.deepEqual(
      text.split('\n').slice(2),
      names.map((name, i) => {
        const places = [8, 6, 5, 3, 6, 5][i];
        return `${name}${' '.repeat(8 - places)}  ${String(10 ** i).padStart(6)}`;
      }),
    );
  });

  it('prints fractions as percent, and what is not defined as a dash', () => {
    assert.equal(percent(0.12345), '12.3');
    assert.equal(percent(1), '100.0');
    assert.equal(percent(Number.NaN), '–');
    assert.equal(whole(12345), '12,345');
  });
});
