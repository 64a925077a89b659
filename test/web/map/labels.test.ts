import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsThatFit, shortName } from '../../../web/map/labels.js';
import { HOME } from '../../../web/map/view.js';

test('long names on the map are cut between characters', () => {
  assert.equal(shortName('🦊'.repeat(25)), `${'🦊'.repeat(23)}…`);
  assert.equal(shortName('x'.repeat(24)), 'x'.repeat(24));
  assert.equal(shortName('sparrow, warbler, waterthrush'), 'sparrow, warbler…', 'cut between words');
  assert.equal(shortName('a waterthrushwaterthrushwaterthrush').length, 24);
});

test('labels keep clear of the edge, of one another, of pictures and of what covers the map', () => {
  const viewport = { width: 800, height: 600 };
  const at = (text: string, x: number, y: number) => ({ text, place: [x / 282, y / 282] as const });
  const names = [
    at('first', 0, 0),
    at('second', 10, 5),
    at('third', 0, 100),
    at('fourth', 0, 278),
    at('fifth', 0, -100),
  ];
  const fitting = (
    ...rest: [
      max: number,
      pictures?: [number, number][],
      covered?: { left: number; top: number; right: number; bottom: number }[],
    ]
  ) => labelsThatFit(names, HOME, viewport, ...rest).map(({ text }) => text);
  assert.deepEqual(fitting(9), ['first', 'third', 'fourth', 'fifth']);
  assert.deepEqual(fitting(2), ['first', 'third']);
  assert.deepEqual(fitting(9, [[400, 300]]), ['third', 'fourth', 'fifth']);
  assert.deepEqual(fitting(9, [], [{ left: 300, top: 390, right: 500, bottom: 410 }]), [
    'first',
    'third',
    'fourth',
  ]);
  assert.deepEqual(labelsThatFit(names, HOME, { width: 30, height: 600 }, 9), []);
});
