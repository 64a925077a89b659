import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOME, viewCentre, viewRotation } from '../../../web/map/view.js';
import { fromHash, toHash } from '../../../web/page/address.js';
import { close, view } from '../random.js';

test('an address gives the state back', () => {
  const text = fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: null });
  const end = fc.option(fc.integer(), { nil: null });
  const range = fc
    .record({ from: end, to: end }, { noNullPrototype: true })
    .filter(({ from, to }) => from !== null || to !== null);
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 });
  const values = texts.map((all) => ({ values: new Set(all) }));
  const record = fc.record({
    view,
    item: text,
    node: text,
    label: text,
    colour: fc.oneof(
      fc.constantFrom('class' as const, 'tree' as const, null),
      fc.string().map((name) => `level.${name}` as const),
    ),
    term: text,
    epoch: fc.option(fc.nat(999), { nil: null }),
    theme: fc.constantFrom('light' as const, 'dark' as const, 'auto' as const),
    lines: fc.boolean(),
    filters: fc
      .dictionary(fc.stringMatching(/^[a-z_]{0,8}$/), fc.oneof(range, values))
      .map((all) => new Map(Object.entries(all))),
  });
  fc.assert(
    fc.property(record, ({ view: given, ...rest }) => {
      const { view: back, ...others } = fromHash(`#${toHash({ view: given, ...rest })}`);
      assert.deepEqual(others, rest);
      close(viewCentre(back), viewCentre(given), 1e-5);
      close(
        [Math.cos(viewRotation(back)), Math.sin(viewRotation(back))],
        [Math.cos(viewRotation(given)), Math.sin(viewRotation(given))],
        1e-4,
      );
      close([back.scale], [given.scale], 1e-3);
    }),
  );
});

test('a damaged address tells what a page just opened shows', () => {
  for (const hash of [
    '',
    '#',
    '#view=1,2',
    '#view=a,b,c,d',
    '#view=3,4,0,1',
    '#theme=pink&colour=x',
    '#epoch=-1',
    '#epoch=1e3',
    '#filter=a&filter=b:..&filter=c:x..y&filter=d:.',
  ])
    assert.deepEqual(fromHash(hash), { ...fromHash(''), view: HOME });
});
