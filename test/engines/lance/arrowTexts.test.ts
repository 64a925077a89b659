/** Columns of texts read back as they were, nulls, empty texts and other scripts among them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Utf8, Vector, vectorFromArray } from 'apache-arrow';
import { textColumn } from '../../../src/engines/lance/arrowTexts.js';

for (const [what, texts] of [
  ['none', []],
  ['without nulls', ['a', '', 'Ünï', '木 🌲', 'z']],
  ['with nulls', Array.from({ length: 131 }, (_, i) => (i % 3 ? `text ${i} ü` : null))],
] as const)
  it(`a column of texts: ${what}`, () => {
    const [own, theirs] = [new Vector([textColumn(texts)]), vectorFromArray(texts, new Utf8())];
    assert.deepEqual(own.toJSON(), texts);
    assert.deepEqual([own.nullCount, own.length], [theirs.nullCount, theirs.length]);
  });
