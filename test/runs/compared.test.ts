import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { keepMeasures, keptMeasures, readCompared } from '../../src/runs/compared.js';
import { temporaryFolder } from '../images/support.js';

describe('what a comparison has measured of a run', () => {
  const path = join(temporaryFolder(), 'compared.json');
  const interval = { value: 0.1, low: -0.2, high: 0.3 };
  const measured = {
    metrics: { 'recall@1': 0.5, 'purity@ward@genus': 1 / 3 },
    gain: { 'recall@1': interval, 'map@r': interval },
    notes: ['An image was left out.'],
  };

  it('is read as it was kept, under its key alone', () => {
    keepMeasures(path, 'one', measured);
    assert.deepEqual(keptMeasures(path, 'one'), measured);
    for (const key of ['other', undefined]) assert.equal(keptMeasures(path, key), undefined);
  });

  it('is refused when any of it was changed', () => {
    const text = readFileSync(path, 'utf8');
    for (const [at, letter] of [...text].entries()) {
      if (/\s/.test(letter)) continue;
      writeFileSync(
        path,
        text.slice(0, at) + String.fromCharCode(letter.charCodeAt(0) ^ 1) + text.slice(at + 1),
      );
      assert.throws(
        () => readCompared(path),
        (error: Error) =>
          error instanceof DataError && /compared\.json is damaged.*Delete it/.test(error.message),
        `${at}`,
      );
      assert.equal(keptMeasures(path, 'one'), undefined);
    }
  });

  it('is not kept without a key, or with a number that is not one', () => {
    const elsewhere = join(temporaryFolder(), 'compared.json');
    keepMeasures(elsewhere, undefined, measured);
    keepMeasures(elsewhere, 'one', { ...measured, metrics: { ahp: Number.NaN } });
    assert.throws(() => readFileSync(elsewhere), /ENOENT/);
  });
});
