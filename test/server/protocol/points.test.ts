/** The format of points: what is written is what is read, by Node and by the page alike. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DiskPoints, NONE, readPoints, writePoints } from '../../../src/server/protocol/points.js';

const column = (name: string, terms: readonly string[], ...term: number[]) => ({
  name,
  terms,
  term: Uint32Array.from(term),
});
const points: DiskPoints = {
  ids: ['a', 'ü 🦊', ''],
  labels: ['fox'],
  nodes: ['n1', 'n2'],
  places: 'map',
  x: Float32Array.of(0.5, -0.25, 0),
  y: Float32Array.of(0, 0.125, -1),
  label: Uint32Array.of(0, NONE, 0),
  node: Uint32Array.of(1, 0, NONE),
  levels: [column('kind', ['dog', 'owl'], 0, 1, NONE), column('shade', [], NONE, NONE, NONE)],
  epochs: [
    { epoch: 0, x: Float32Array.of(Number.NaN, 0, 0), y: Float32Array.of(Number.NaN, 0, 0.5) },
    { epoch: 5, x: Float32Array.of(0.1, 0.2, 0.3), y: Float32Array.of(0.4, 0.5, 0.6) },
  ],
};

describe('the format of points', () => {
  it('gives back what was written, whole and for no items', () => {
    assert.deepEqual(readPoints(writePoints(points)), points);
    const [none, floats] = [new Uint32Array(), new Float32Array()];
    const empty: DiskPoints = { ...points, ids: [], x: floats, y: floats, label: none, node: none };
    const bare = { ...empty, labels: [], nodes: [], levels: [], epochs: [] };
    assert.deepEqual(readPoints(writePoints(bare)), bare);
  });

  it('gives any points back, and the same bytes again', () => {
    const text = fc.string({ unit: 'grapheme' });
    const float = fc.float({ min: -1, max: 1 });
    const any = fc.array(text, { maxLength: 20 }).chain((ids) => {
      const length = { minLength: ids.length, maxLength: ids.length };
      const floats = fc.array(float, length).map((list) => Float32Array.from(list));
      const indices = fc.array(fc.nat(NONE), length).map((list) => Uint32Array.from(list));
      const plain = { noNullPrototype: true };
      return fc.record(
        {
          ids: fc.constant(ids),
          labels: fc.array(text),
          nodes: fc.array(text),
          places: fc.constantFrom('table' as const, 'map' as const, 'projection' as const),
          x: floats,
          y: floats,
          label: indices,
          node: indices,
          levels: fc.array(fc.record({ name: text, terms: fc.array(text), term: indices }, plain), {
            maxLength: 3,
          }),
          epochs: fc.array(fc.record({ epoch: fc.nat(), x: floats, y: floats }, plain), { maxLength: 3 }),
        },
        plain,
      );
    });
    fc.assert(
      fc.property(any, (given) => {
        const bytes = writePoints(given);
        assert.deepEqual(readPoints(bytes), given);
        assert.deepEqual(writePoints(readPoints(bytes)), bytes);
      }),
    );
  });

  it('reads bytes wherever they lie, and arrays that are parts of others are written alone', () => {
    const bytes = writePoints(points);
    for (const offset of [1, 4]) {
      const shifted = new Uint8Array(bytes.length + offset + 3);
      shifted.set(bytes, offset);
      assert.deepEqual(readPoints(shifted.subarray(offset, offset + bytes.length)), points);
    }
    assert.deepEqual(readPoints(bytes.buffer), points);
    const part = { ...points, x: Float32Array.of(9, ...points.x, 9).subarray(1, 4) };
    assert.deepEqual(writePoints(part), bytes);
  });

  it('is laid out as documented', () => {
    const bytes = Buffer.from(writePoints(points));
    assert.equal(bytes.toString('latin1', 0, 8), 'HIERPTS2');
    const length = bytes.readUInt32LE(8);
    assert.equal(length % 4, 0);
    const header = JSON.parse(bytes.toString('utf8', 12, 12 + length));
    const { ids, labels, nodes, places } = points;
    const levels = points.levels.map(({ name, terms }) => ({ name, terms }));
    assert.deepEqual(header, { count: 3, ids, labels, nodes, places, levels, epochs: [0, 5] });
    const at = (array: number, item: number) => 12 + length + 12 * array + 4 * item;
    assert.equal(bytes.readFloatLE(at(0, 1)), -0.25);
    assert.equal(bytes.readFloatLE(at(1, 2)), -1);
    assert.equal(bytes.readUInt32LE(at(2, 1)), 4294967295);
    assert.equal(bytes.readUInt32LE(at(3, 0)), 1);
    assert.equal(bytes.readUInt32LE(at(4, 1)), 1);
    assert.ok(Number.isNaN(bytes.readFloatLE(at(6, 0))));
    assert.equal(bytes.readFloatLE(at(9, 1)), 0.5);
    assert.equal(bytes.length, at(10, 0));
  });

  it('refuses bytes that are not points, or not all of them', () => {
    assert.throws(() => readPoints(new ArrayBuffer(4)), /no points.*Reload/);
    assert.throws(() => readPoints(Buffer.from('HIERPTS1 and what follows')), /no points.*Reload/);
    const bytes = writePoints(points);
    for (const length of [12, 40, bytes.length - 4, bytes.length - 1])
      assert.throws(() => readPoints(bytes.slice(0, length)), /in part.*Reload/, `${length} bytes`);
    assert.throws(() => readPoints(Uint8Array.of(...bytes, 0)), /in part/);
  });

  it('refuses to write an array that is not as long as the ids', () => {
    assert.throws(() => writePoints({ ...points, label: Uint32Array.of(0) }), /1 of 3/);
  });
});
