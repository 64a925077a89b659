import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildModel, compile, input, scatterAdd, sum } from '../../src/graph/index.js';

/** Large enough that the engine would split the work between threads. */
const [COUNT, WIDTH, ROWS] = [25_600, 64, 16];

describe('adding into repeated rows', () => {
  const values = input('values', [COUNT, WIDTH]);
  const rows = input('rows', [COUNT], 'int32');

  it('is marked in the model, so that sessions run it on one thread', () => {
    assert.equal(buildModel({ outputs: { out: scatterAdd(values, rows, ROWS) } }).addsInPlace, true);
    assert.equal(buildModel({ outputs: { out: sum(values) } }).addsInPlace, false);
  });

  it('loses no sum, whatever number of threads is asked for', async () => {
    const session = await compile({ outputs: { out: scatterAdd(values, rows, ROWS) } }, { threads: 4 });
    const feeds = {
      values: new Float32Array(COUNT * WIDTH).fill(1),
      rows: Int32Array.from({ length: COUNT }, (_, i) => (i * 7919) % ROWS),
    };
    for (let run = 0; run < 10; run++) {
      const { out } = await session.run(feeds);
      assert.ok((out as Float32Array).every((total) => total === COUNT / ROWS));
    }
    await session.close();
  });
});
