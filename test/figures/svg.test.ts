import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { element, escapeXml, fitted, fixed, svgDocument, text, widthOf } from '../../src/figures/svg.js';

test('numbers are short, the same everywhere, and never NaN', () => {
  assert.deepEqual([1 / 3, -0.001, 12, 1e-9, -2.5].map(fixed), ['0.33', '0', '12', '0', '-2.5']);
  assert.throws(() => fixed(Number.NaN), /NaN/);
});

test('whatever the text, the document is well-formed: a parser reads it', async () => {
  const hostile = `</text><script>alert(1)</script> & "quoted" 'single' \u0000\u0007 ]]> 😀 \ud800`;
  const drawing = {
    width: 200,
    height: 50,
    title: hostile,
    content: text(5, 20, hostile, { size: 12, fill: '#000' }),
  };
  const document = svgDocument(drawing);
  assert.ok(!document.includes('<script'));
  const { width } = await sharp(Buffer.from(document)).metadata();
  assert.equal(width, 200);
});

test('escaped text has no markup left, and reads back as it was', () => {
  fc.assert(
    fc.property(fc.string(), (given) => {
      const escaped = escapeXml(given);
      assert.ok(!/[<>"']/.test(escaped));
      const back = escaped
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      const kept = [...given].filter((letter) => '\t\n\r'.includes(letter) || !/\p{Cc}/u.test(letter));
      assert.equal(back, kept.join(''));
    }),
  );
});

test('elements leave out what is undefined and close themselves when empty', () => {
  assert.equal(element('a', { x: 1.234, y: undefined, href: 'b&c' }), '<a x="1.23" href="b&amp;c"/>');
  assert.equal(element('g', {}, '<a/>', '<b/>'), '<g><a/><b/></g>');
});

test('a text behind a text is part of its element, escaped, and not bold', () => {
  const after = { content: '<4>', size: 9, fill: '#999', apart: 8 };
  assert.equal(
    text(1, 2, 'a & b', { size: 12, fill: '#000', weight: 'bold' }, after),
    '<text x="1" y="2" fill="#000" font-size="12" font-weight="600">a &amp; b' +
      '<tspan dx="8" fill="#999" font-size="9" font-weight="400">&lt;4&gt;</tspan></text>',
  );
});

test('a line is shortened only where it must be', () => {
  assert.equal(fitted('pizza', 10, 100), 'pizza');
  const short = fitted('a very long caption of an image', 10, 60);
  assert.match(short, /…$/);
  assert.ok(widthOf(short, 10) <= 60);
});
