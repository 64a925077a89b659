/** The order of a flat table's rows: that of their ids by code points, whatever their number and parts. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sortedRows } from '../../../src/engines/flat/flatOrder.js';
import type { FlatSnapshot } from '../../../src/engines/flat/flatRows.js';
import { randomStream } from '../../../src/random.js';

/** As much of a snapshot as has an order. */
function snapshotOf(parts: readonly (readonly string[])[], gone: Uint8Array | null): FlatSnapshot {
  const views = parts.map((id, i) => ({
    part: { rows: id.length, columns: { id } },
    gone: i === 0 ? gone : null,
  }));
  return { views, sorted: null } as unknown as FlatSnapshot;
}

it('sorts rows of many parts, without those that are gone, once', async () => {
  const random = randomStream(3, 'flatOrder');
  for (const letters of ['abcé', 'a\ufffd\u{1f600}z']) {
    const all = [...letters];
    const idOf = (i: number) =>
      Array.from({ length: 6 }, () => all[Math.floor(random.uniform() * all.length)]).join('') + i;
    const parts = [4200, 1, 0, 300].map((rows, part) =>
      Array.from({ length: rows }, (_, at) => idOf(10_000 * part + at)),
    );
    const gone = Uint8Array.from(parts[0], (_, at) => Number(at % 5 === 0));
    const snapshot = snapshotOf(parts, gone);
    const rows = await sortedRows(snapshot);
    const expected = parts.flatMap((ids, part) => ids.filter((_, at) => part !== 0 || gone[at] === 0));
    expected.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      rows.map(({ view, at }) => parts[view][at]),
      expected,
    );
    assert.equal(await sortedRows(snapshot), rows);
  }
  assert.deepEqual(await sortedRows(snapshotOf([], null)), []);
});
