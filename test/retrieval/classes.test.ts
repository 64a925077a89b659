import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classesOf, orderByClass } from '../../src/retrieval/classes.js';
import { blocksOfClasses } from '../../src/retrieval/pairs.js';

const labelLists = fc.array(fc.constantFrom(-3, 0, 0.5, 2, 7, 1e9), { minLength: 1, maxLength: 60 });

test('rows in class order: sorted by label, equal labels in their order, each row once', () => {
  fc.assert(
    fc.property(labelLists, labelLists, (labels, others) => {
      const classes = classesOf(labels, others);
      const { rowAt, classAt, starts } = orderByClass(labels, classes);
      const expected = [...labels.keys()].sort((a, b) => labels[a] - labels[b] || a - b);
      assert.deepEqual([...rowAt], expected);
      assert.deepEqual(
        [...classAt],
        expected.map((row) => classes.get(labels[row])),
      );
      for (const [label, index] of classes)
        assert.equal(starts[index + 1] - starts[index], labels.filter((other) => other === label).length);
      assert.equal(starts[0], 0);
    }),
  );
});

test('blocks hold whole classes, in order, none too many, and could not take the next class as well', () => {
  fc.assert(
    fc.property(labelLists, fc.integer({ min: 1, max: 30 }), (labels, size) => {
      const { starts } = orderByClass(labels, classesOf(labels));
      const sizes = Array.from(starts.subarray(1), (end, index) => end - starts[index]);
      const blocks = blocksOfClasses(starts, size);
      assert.equal(blocks === undefined, Math.max(...sizes) > size);
      blocks?.forEach(({ from, to }, i) => {
        assert.equal(from, i === 0 ? 0 : blocks[i - 1].to);
        assert.ok(starts.includes(from) && starts.includes(to) && to > from && to - from <= size);
        if (i + 1 < blocks.length) assert.ok(starts[starts.indexOf(to) + 1] - from > size);
        else assert.equal(to, labels.length);
      });
    }),
  );
});
