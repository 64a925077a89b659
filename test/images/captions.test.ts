import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { textLines, textWidth } from '../../src/images/captions.js';

const look = { size: 11 };

test('a long name is broken between its words, and cut only where there is no line left', () => {
  assert.deepEqual(textLines('Lime', 100, look, 2), ['Lime']);
  assert.deepEqual(textLines('God-Morgon-Red-Grapefruit-Juice', 122, look, 2), [
    'God-Morgon-Red-',
    'Grapefruit-Juice',
  ]);
  const [first, second, ...others] = textLines(
    'Garant-Ecological-Medium-Fat-Standard-Milk-Of-The-North',
    122,
    look,
    2,
  );
  assert.deepEqual([first.endsWith('-'), second.endsWith('…'), others.length], [true, true, 0]);
  assert.deepEqual(textLines('', 100, look), []);
  assert.equal(textLines('W'.repeat(50), 40, look, 2).length, 2);
});

test('no line is wider than its width, by the font that is drawn', async () => {
  const names = [
    'Lebensmittel für Kinder — Äpfel',
    'mmmmmmmmmmmmmmmmmmmm',
    'WWWWWWWWWWWWWW',
    'iiiiiiiiiiiiiiiiiiiiiiiiiiii_1',
    'a/b-c d 12345678901234',
  ];
  for (const name of names)
    for (const isBold of [false, true])
      for (const line of textLines(name, 110, { size: 11, isBold }, 2)) {
        assert.ok(textWidth(line, { size: 11, isBold }) <= 110, line);
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="30"><rect width="400" height="30" fill="#fff"/><text x="10" y="20" font-family="Inter, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif" font-size="11" font-weight="${isBold ? 'bold' : 'normal'}">${line}</text></svg>`;
        const { info } = await sharp(Buffer.from(svg)).trim().toBuffer({ resolveWithObject: true });
        assert.ok(info.width <= 111 || info.width === 400, `${line}: ${info.width} px`);
      }
});
