import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../src/errors.js';
import { keepMap, mapBytes, mapKey, mapOf, parseMap, type TableMap } from '../../src/store/map.js';

const places = (count: number) =>
  fc
    .array(fc.oneof(fc.float({ noNaN: true }), fc.constant(Number.NaN)), {
      minLength: 2 * count,
      maxLength: 2 * count,
    })
    .map((values) => Float32Array.from(values));
const PLAIN = { noNullPrototype: true };
const map = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 5 }).chain(
  (ids): fc.Arbitrary<TableMap> =>
    fc.record(
      {
        key: fc.string(),
        ids: fc.constant(ids),
        places: places(ids.length),
        epochs: fc.array(fc.record({ epoch: fc.nat(), places: places(ids.length) }, PLAIN), { maxLength: 3 }),
      },
      PLAIN,
    ),
);

test('a map comes back from its bytes, and no shorter bytes are taken for one', () => {
  fc.assert(
    fc.property(map, fc.nat(), (given, cut) => {
      const bytes = mapBytes(given);
      assert.deepEqual(parseMap(bytes), given);
      const shifted = new Uint8Array(bytes.length + 1);
      shifted.set(bytes, 1);
      assert.deepEqual(parseMap(shifted.subarray(1)), given);
      const length = cut % bytes.length;
      if (length < 12 || given.ids.length > 0)
        assert.throws(
          () => parseMap(bytes.subarray(0, length)),
          (error: Error) => error instanceof DataError,
        );
    }),
  );
});

test('a table without the key has no map: one that was killed while it kept its first', async () => {
  const files = new Map<string, Uint8Array>();
  const store = {
    file: async (name: string) => files.get(name) ?? null,
    setFile: async (name: string, bytes: Uint8Array) => void files.set(name, bytes),
  };
  assert.equal(await mapOf(store), null);
  const given = { key: 'k', ids: ['a'], places: Float32Array.of(0.5, 0), epochs: [] };
  await keepMap(store, given);
  assert.deepEqual([await mapKey(store), await mapOf(store)], ['k', given]);
  files.delete('map-key');
  assert.equal(await mapOf(store), null);
});
