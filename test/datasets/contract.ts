/** What every data set must keep, whatever its source: the suite that each source's test runs. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { test } from 'node:test';
import type { Dataset } from '../../src/datasets/dataset.js';
import { fingerprint } from '../../src/datasets/fingerprint.js';
import { holdOutValidation } from '../../src/datasets/validation.js';

/** Registers the contract's tests for the data set that `open` gives; it needs four training classes. */
export function testContract(name: string, open: () => Promise<Dataset>): void {
  test(`${name}: items have unique, portable ids and existing files`, async () => {
    const { items, root, classes } = await open();
    assert.ok(items.length > 0);
    assert.equal(new Set(items.map((item) => item.id)).size, items.length);
    for (const { id, path, label } of items) {
      assert.ok(isAbsolute(path) && statSync(path).isFile(), path);
      assert.ok(id !== '' && !id.includes('\\') && !id.includes(root), id);
      assert.ok(Number.isInteger(label) && label >= 0 && label < classes.length);
    }
    assert.ok(isAbsolute(root));
  });

  test(`${name}: class names are unique and every class has an image`, async () => {
    const { items, classes } = await open();
    assert.ok(classes.length >= 2);
    assert.equal(new Set(classes).size, classes.length);
    assert.equal(new Set(items.map((item) => item.label)).size, classes.length);
  });

  test(`${name}: splits are ascending, cover every item once and share no class`, async () => {
    const { items, train, test: held } = await open();
    for (const split of [train, held]) assert.ok(split.every((index, i) => i === 0 || index > split[i - 1]));
    const all = [...train, ...held].sort((a, b) => a - b);
    assert.deepEqual(
      all,
      items.map((_, index) => index),
    );
    const seen = new Set(train.map((index) => items[index].label));
    assert.ok(held.every((index) => !seen.has(items[index].label)));
    assert.ok(seen.size >= 2);
  });

  test(`${name}: the taxonomy, where there is one, has a term for every class on every level`, async () => {
    const { taxonomy, classes } = await open();
    if (!taxonomy) return;
    assert.equal(taxonomy.terms.length, taxonomy.levels.length);
    for (const terms of taxonomy.terms) {
      assert.equal(terms.length, classes.length);
      assert.ok(terms.every((term) => term !== ''));
    }
  });

  test(`${name}: opening twice gives the same data set and fingerprint`, async () => {
    const [one, two] = [await open(), await open()];
    assert.deepEqual(one, two);
    const [a, b] = await Promise.all(
      [one, two].map((dataset) => fingerprint(dataset, holdOutValidation(dataset, 0.1))),
    );
    assert.deepEqual(a, b);
    assert.match(a.sha256, /^[0-9a-f]{64}$/);
    assert.equal(a.images, one.items.length);
    const { train, validation, test: held } = a.splits;
    assert.equal(train.images + validation.images + held.images, one.items.length);
    assert.equal(train.classes + validation.classes + held.classes, one.classes.length);
  });
}
