/** Keys rank rows as distances do, and ids are found by number, for any metric and any ids. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rowDistance } from '../../src/retrieval/distances.js';
import { METRICS } from '../../src/retrieval/index.js';
import { idIndex } from '../../src/store/idIndex.js';
import { rowConstants, writeKeys } from '../../src/store/rowKeys.js';
import { fitSpace } from '../../src/store/space.js';
import { clustered, rowOf } from './support.js';

for (const metric of METRICS)
  it(`keys rank as the ${metric} distance does`, () => {
    const [rows, dim, curvature] = [400, 13, metric === 'hyperbolic' ? 0.1 : 0];
    const values = clustered({ rows, dim, c: 0.1 });
    const space = fitSpace({ vectors: values, dim, metric, curvature });
    const query = rowOf(clustered({ rows: 1, dim, c: 0.1, seed: 5 }), dim, 0);
    const keys = new Float64Array(rows);
    writeKeys(space, Float64Array.from(query), values, rowConstants(space, values), keys);
    const set = (data: Float32Array) => ({ values: data, count: data.length / dim, dim, name: 'rows' });
    const distance = rowDistance(metric, curvature, set(query), set(values));
    const order = (key: (row: number) => number) =>
      [...Array(rows).keys()].sort((a, b) => key(a) - key(b) || a - b);
    assert.deepEqual(
      order((row) => keys[row]),
      order((row) => distance(0, row)),
    );
  });

it('an id table finds the number of every id, and of no other', () => {
  const ids = Array.from({ length: 5000 }, (_, i) => `photo/${i % 7}/${i} ü`);
  const numberOf = idIndex(ids.length, (number) => ids[number]);
  ids.forEach((id, number) => {
    assert.equal(numberOf(id), number);
  });
  assert.equal(numberOf('photo'), undefined);
  assert.equal(idIndex(0, () => '')('photo'), undefined);
});
