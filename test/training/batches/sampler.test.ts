import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../../src/errors.js';
import { classBalancedBatch, planBatches } from '../../../src/training/batches/sampler.js';

/** `sizes.length` classes with consecutive image indices. */
function classesOf(sizes: readonly number[]): number[][] {
  let next = 0;
  return sizes.map((size) => Array.from({ length: size }, () => next++));
}

/** How often each value occurs. */
function counts(values: Iterable<number>): Map<number, number> {
  const result = new Map<number, number>();
  for (const value of values) result.set(value, (result.get(value) ?? 0) + 1);
  return result;
}

const anyBatch = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 30 }),
  slots: fc.integer({ min: 2, max: 40 }),
  imagesPerClass: fc.integer({ min: 1, max: 5 }),
  replacement: fc.boolean(),
  seed: fc.nat(),
  epoch: fc.nat(1000),
  step: fc.nat(1000),
});

describe('classBalancedBatch', () => {
  it('is balanced, with the right labels, whatever is asked', () => {
    fc.assert(
      fc.property(anyBatch, ({ sizes, slots, imagesPerClass, ...rest }) => {
        const classes = classesOf(sizes);
        const batch = classBalancedBatch({
          classes,
          batchSize: slots * imagesPerClass,
          imagesPerClass,
          ...rest,
        });
        assert.equal(batch.items.length, slots * imagesPerClass);
        batch.items.forEach((item, i) => {
          assert.ok(classes[batch.labels[i]].includes(item));
          assert.equal(batch.labels[i], batch.labels[i - (i % imagesPerClass)]);
        });
        const perClass = sizes.map((_, label) => (counts(batch.labels).get(label) ?? 0) / imagesPerClass);
        assert.ok(Math.max(...perClass) - Math.min(...perClass) <= 1, `${perClass}`);
        if (!rest.replacement)
          sizes.forEach((size, label) => {
            const repeats = counts(batch.items.filter((_, i) => batch.labels[i] === label));
            const most = Math.ceil((perClass[label] * imagesPerClass) / size);
            assert.ok(Math.max(0, ...repeats.values()) <= most);
          });
      }),
    );
  });

  it('depends on seed, epoch and step, and on nothing else', () => {
    const draw = (seed: number, epoch: number, step: number) =>
      classBalancedBatch({
        classes: classesOf(Array(50).fill(5)),
        batchSize: 20,
        imagesPerClass: 2,
        seed,
        epoch,
        step,
      }).items.join();
    const first = draw(1, 2, 3);
    draw(9, 9, 9);
    assert.equal(draw(1, 2, 3), first);
    assert.equal(new Set([first, draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(1, 3, 2)]).size, 5);
  });

  it('draws classes and images uniformly', () => {
    const classes = classesOf([4, 4, 4, 4, 4]);
    const drawn: number[] = [];
    for (let step = 0; step < 2000; step++)
      drawn.push(
        ...classBalancedBatch({ classes, batchSize: 4, imagesPerClass: 2, seed: 0, epoch: 0, step }).items,
      );
    // 8000 draws of 20 images: 400 each, standard deviation about 20 (a class comes or not for 2 draws at once).
    const tally = counts(drawn);
    for (let item = 0; item < 20; item++)
      assert.ok(Math.abs(tally.get(item)! - 400) < 100, `${tally.get(item)}`);
  });

  it('repeats an image within a class by default, and not otherwise', () => {
    const repeated = (replacement: boolean) => {
      let pairs = 0;
      for (let step = 0; step < 500; step++) {
        const { items } = classBalancedBatch({
          classes: classesOf([4, 4]),
          batchSize: 4,
          imagesPerClass: 2,
          replacement,
          seed: 3,
          epoch: 0,
          step,
        });
        pairs += Number(items[0] === items[1]) + Number(items[2] === items[3]);
      }
      return pairs;
    };
    assert.equal(repeated(false), 0);
    assert.ok(Math.abs(repeated(true) - 250) < 75);
  });
});

describe('planBatches', () => {
  it('counts whole batches', () => {
    assert.deepEqual(planBatches({ classes: classesOf([7, 6]), batchSize: 4, imagesPerClass: 2 }), {
      stepsPerEpoch: 3,
      warnings: [],
    });
  });

  it('warns of repeated classes and of classes with one image', () => {
    const { warnings } = planBatches({ classes: classesOf([30, 1, 2]), batchSize: 20, imagesPerClass: 2 });
    assert.equal(warnings.length, 2);
    assert.match(warnings[0], /room for 10 classes but there are 3: each comes 3 times or more/);
    assert.match(warnings[1], /1 of 3 training classes have one image only/);
  });

  it('refuses what cannot be trained on', () => {
    const plan = (sizes: number[]) => () =>
      planBatches({ classes: classesOf(sizes), batchSize: 8, imagesPerClass: 2 });
    assert.throws(plan([]), DataError);
    assert.throws(plan([9]), (error) => error instanceof DataError && /one class/.test(error.message));
    assert.throws(plan([9, 0, 2]), /Training class 1 has no images/);
    assert.throws(plan([4, 3]), /7 items, fewer than one batch of 8\. Set batch.size=6 or less/);
  });

  it('advises only what the recipe allows', () => {
    const plan = (sizes: number[], unit: number, least: number) => () =>
      planBatches({ classes: classesOf(sizes), batchSize: 180, imagesPerClass: 2 }, { unit, least });
    assert.throws(
      plan([1, 1], 4, 20),
      /2 items, fewer than one batch of 180\. That is too few for this recipe, whose smallest batch has 20: add items/,
    );
    assert.throws(plan([12, 12], 4, 18), /Set batch\.size=24 or less, in steps of 4 down to 20\./);
    assert.throws(plan([12, 11], 4, 18), /Set batch\.size=20\./);
  });
});
