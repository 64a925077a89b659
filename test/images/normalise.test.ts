import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { normalisationTable, writeNormalised } from '../../src/images/normalise.js';

test('every byte is normalised to the bit as in float32 numpy', () => {
  const bytes = readFileSync('test/fixtures/images/normalised.f32');
  const imageNet = normalisationTable({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
  const halves = normalisationTable({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
  const tables = [...imageNet, ...halves];
  assert.equal(tables.length, bytes.length / 4);
  for (let i = 0; i < tables.length; i++) assert.equal(tables[i], bytes.readFloatLE(4 * i), `entry ${i}`);
});

test('a raster is written channels first from the offset on', () => {
  const table = normalisationTable({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] });
  const target = new Float32Array(14).fill(-1);
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  writeNormalised({ width: 2, height: 2, data }, table, target, 1);
  const expected = [-1, 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12, -1];
  assert.deepEqual([...target].map(Math.round), expected);
  writeNormalised({ width: 2, height: 2, data }, table, target, 1, true);
  assert.deepEqual([...target].map(Math.round), [-1, 4, 1, 10, 7, 5, 2, 11, 8, 6, 3, 12, 9, -1]);
});
