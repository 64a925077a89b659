import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resizePositions } from '../../../src/backbones/weights/index.js';
import { readSafetensors } from '../../../src/io/safetensors/safetensors.js';
import { assertAllclose } from '../../support/allclose.js';
import { fixture } from '../oracle.js';

describe('position embeddings of another grid', () => {
  it('are those of PyTorch, smaller and larger, with and without antialiasing', () => {
    const { tensors } = readSafetensors(fixture('positions'));
    const { data } = tensors.get('positions')!;
    let compared = 0;
    for (const [name, expected] of tensors) {
      const [, kind, rows, columns] = /^(\w+)\/(\d+)x(\d+)$/.exec(name) ?? [];
      if (kind === undefined) continue;
      const found = resizePositions(data as Float32Array, {
        ...{ first: 2, from: [6, 6], to: [Number(rows), Number(columns)], width: 3 },
        antialias: kind === 'antialiased',
      });
      assertAllclose(found, expected.data as Float32Array, { rtol: 1e-5, atol: 2e-6 }, name);
      compared++;
    }
    assert.equal(compared, 8);
  });

  it('keep the first tokens, and a constant grid constant', () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.nat(2),
        fc.boolean(),
        (r, c, rows, columns, first, antialias) => {
          const values = Float32Array.from({ length: first + r * c }, (_, i) => (i < first ? i : 7));
          const found = resizePositions(values, {
            ...{ first, from: [r, c], to: [rows, columns], width: 1, antialias },
          });
          assert.deepEqual([...found.slice(0, first)], [...values.slice(0, first)]);
          assertAllclose(found.slice(first), Array(rows * columns).fill(7), { rtol: 1e-6 });
        },
      ),
      { numRuns: 200 },
    );
  });
});
