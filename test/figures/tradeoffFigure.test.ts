import assert from 'node:assert/strict';
import { test } from 'node:test';
import { svgDocument } from '../../src/figures/svg.js';
import { LIGHT } from '../../src/figures/theme.js';
import { tradeoffFigure } from '../../src/figures/tradeoffFigure.js';

test('every run is a mark in every panel, its method a larger one, and what has no such tree none', () => {
  const points = [
    { name: 'a', recall: [0.5, 0.6], purity: { genus: [0.3, 0.4], family: [0.5, 0.7] }, isControl: false },
    { name: 'came in', recall: [0.4], purity: { genus: [0.5] }, isControl: true },
  ];
  const drawing = tradeoffFigure(points, { levels: ['family', 'genus'], of: 'average linkage' }, LIGHT);
  const svg = svgDocument(drawing);
  assert.equal(svg.match(/<circle[^>]* r="2.5"/g)?.length, 4);
  assert.equal(svg.match(/<circle[^>]* r="6"/g)?.length, 3);
  assert.equal(svg.match(/<circle[^>]* r="6" fill="#ffffff"/g)?.length, 1, 'what came in is hollow');
  assert.match(svg, /came in \(hollow\)/);
  assert.equal(
    svg,
    svgDocument(tradeoffFigure(points, { levels: ['family', 'genus'], of: 'average linkage' }, LIGHT)),
  );
});
