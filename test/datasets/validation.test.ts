import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dataset } from '../../src/datasets/dataset.js';
import { holdOutValidation } from '../../src/datasets/validation.js';
import { DataError, UsageError } from '../../src/errors.js';

/** `classes` training classes of three images each, and one test class in between every two. */
function datasetOf(classes: number): Dataset {
  const names = Array.from({ length: 2 * classes }, (_, i) => `c${i}`);
  const items = names.flatMap((name, label) =>
    [0, 1, 2].map((k) => ({ id: `${name}/${k}`, path: `/${name}/${k}`, label })),
  );
  const indices = items.map((_, index) => index);
  const of = (parity: number) => indices.filter((index) => items[index].label % 2 === parity);
  const empty = { attribution: [], warnings: [] };
  return { name: 'd', root: '/', items, classes: names, train: of(0), test: of(1), ...empty };
}

const labelsOf = (dataset: Dataset, indices: readonly number[]) => [
  ...new Set(indices.map((index) => dataset.items[index].label)),
];

test('whole training classes are held out, about the wanted part, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 200 }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.option(fc.nat(), { nil: undefined }),
      (classes, fraction, seed) => {
        const dataset = datasetOf(classes);
        const { train, validation } = holdOutValidation(dataset, fraction, seed);
        assert.deepEqual(holdOutValidation(dataset, fraction, seed), { train, validation });
        assert.deepEqual(
          [...train, ...validation].sort((a, b) => a - b),
          dataset.train,
        );
        const [kept, held] = [labelsOf(dataset, train), labelsOf(dataset, validation)];
        assert.equal(kept.length + held.length, classes);
        assert.equal(held.length, Math.max(2, Math.round(fraction * classes)));
        // Spread evenly: the gaps between neighbours differ by at most one class.
        const gaps = held.slice(1).map((label, i) => (label - held[i]) / 2);
        assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1);
      },
    ),
  );
});

test('the seed moves the choice', () => {
  const dataset = datasetOf(100);
  const choices = [1, 2, 3, 4, 5].map((seed) => holdOutValidation(dataset, 0.1, seed).validation.join());
  assert.ok(new Set(choices).size > 1);
});

test('fraction 0 holds nothing out; impossible fractions are refused', () => {
  const dataset = datasetOf(5);
  assert.deepEqual(holdOutValidation(dataset, 0), { train: dataset.train, validation: [] });
  for (const fraction of [-0.1, 1, Number.NaN])
    assert.throws(() => holdOutValidation(dataset, fraction), UsageError);
  assert.throws(() => holdOutValidation(dataset, 0.9), /5 training classes: holding out 5/);
  assert.throws(() => holdOutValidation(datasetOf(3), 0.1), DataError);
  assert.equal(labelsOf(datasetOf(4), holdOutValidation(datasetOf(4), 0.1).train).length, 2);
});
