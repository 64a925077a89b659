import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { proxyFigure, recallFigure, trainingFigure } from '../../src/figures/curves.js';
import { colouring, diskFigure, layOutPanels } from '../../src/figures/diskFigure.js';
import { sheetFigure } from '../../src/figures/sheet.js';
import { type Drawing, svgDocument, widthOf, wrappedLines } from '../../src/figures/svg.js';
import { LIGHT, PAGE, type Theme } from '../../src/figures/theme.js';
import { treeFigure, treeLines } from '../../src/figures/treeFigure.js';
import { toBall } from '../../src/geometry/numbers.js';
import type { Hierarchy } from '../../src/hierarchy/index.js';
import { randomStream } from '../../src/random.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Draws twice in both themes; the same bytes each time, nothing unescaped, and a parser reads it. */
async function check(draw: (theme: Theme) => Drawing): Promise<string> {
  const drawing = draw(LIGHT);
  const document = svgDocument(drawing);
  assert.equal(document, svgDocument(draw(LIGHT)));
  assert.ok(!document.includes('<script') && !svgDocument(draw(PAGE)).includes('<script'));
  assert.ok(!document.includes('NaN') && !document.includes('undefined'));
  const { width, height } = await sharp(Buffer.from(document)).metadata();
  assert.deepEqual([width, height], [Math.round(drawing.width), Math.round(drawing.height)]);
  return document;
}

/** Points of the ball around `count` centres, and as many proxies nearer the origin. */
function ball(count: number, each: number) {
  const random = randomStream(5, 'drawings');
  const centres = Array.from({ length: count }, () => Array.from({ length: 8 }, () => 2 * random.normal()));
  const points = centres.flatMap((centre) =>
    Array.from({ length: each }, () =>
      toBall(
        centre.map((x) => x + 0.3 * random.normal()),
        { c: 0.1, clipRadius: 2.3 },
      ),
    ),
  );
  const proxies = centres.map((centre) =>
    toBall(
      centre.map((x) => 0.2 * x),
      { c: 0.1, clipRadius: 2.3 },
    ),
  );
  const flat = (rows: Float64Array[]) => Float32Array.from(rows.flatMap((row) => [...row]));
  return {
    points: { values: flat(points), dim: 8, metric: 'hyperbolic' as const, curvature: 0.1 },
    proxies: flat(proxies),
  };
}

test('the disk shows every point and proxy once, a line a parent, and both agreements', async () => {
  const inputs = [ball(6, 8), ball(6, 8)].map((input, i) => ({ name: `epoch ${i} ${HOSTILE}`, ...input }));
  const states = await layOutPanels(inputs, { neighbours: 8 });
  assert.equal(states[0].agreement!.samples > states[0].agreement!.chance, true);
  const terms = Array.from({ length: 48 }, (_, i) => (i % 2 === 0 ? HOSTILE : `class ${i % 3}`));
  for (const lines of ['picture', 'space'] as const) {
    const document = await check((theme) =>
      diskFigure(states, colouring('group', terms, theme), lines, theme),
    );
    const marks = document.match(/h0/g)!.length;
    assert.equal(marks, 2 * (48 + 6 + 6)); // proxies are drawn twice, edge and face
    const grey = document.match(/d="(M[^"]*)" fill="none" stroke="#8a95a1"/g)!;
    assert.equal(grey.join('').match(/M/g)!.length, 2 * (48 + 5)); // the root has no parent
  }
});

test('proxies may enter after the first panel, near the images that they stand by', async () => {
  const { points, proxies } = ball(6, 8);
  const inputs = [new Float32Array(0), proxies].map((given, i) => ({
    ...{ name: `epoch ${i}`, points, proxies: given },
  }));
  const [before, after] = await layOutPanels(inputs, { neighbours: 8 });
  assert.equal(before.disk.length, 2 * 48);
  assert.equal(after.disk.length, 2 * (48 + 6));
  assert.ok(after.disk.every(Number.isFinite));
  assert.deepEqual([before.agreement, after.inPicture.ofLeaves.length], [null, 48]);
});

test('a control stands beside the last panel: the same embeddings, random proxies of equal norms', async () => {
  const { points, proxies } = ball(6, 8);
  const input = { name: 'epoch 2', detail: '1 counted from 0', points, proxies };
  const states = await layOutPanels([{ ...input, name: 'epoch 1' }, input], {
    neighbours: 8,
    hasControl: true,
  });
  assert.deepEqual(
    states.map(({ name }) => name),
    ['epoch 1', 'epoch 2', 'epoch 2, random proxies of equal norms'],
  );
  const [, learned, control] = states;
  assert.equal(control.disk.length, learned.disk.length);
  assert.notDeepEqual(control.inSpace.ofLeaves, learned.inSpace.ofLeaves);
  const drawn = await check((theme) =>
    diskFigure(states, colouring('class', new Array(48).fill('x'), theme), 'space', theme),
  );
  assert.match(drawn, /epoch 2<tspan[^>]*>\(1 counted from 0\)/);
  assert.match(drawn, /epoch 2, random proxies of equal norms/);
  const without = await layOutPanels([{ ...input, proxies: new Float32Array(0) }], { hasControl: true });
  assert.equal(without.length, 1);
});

test('panels without proxies are drawn without lines', async () => {
  const { points } = ball(4, 5);
  const states = await layOutPanels([{ name: 'all', points, proxies: new Float32Array(0) }]);
  assert.equal(states[0].agreement, null);
  await check((theme) =>
    diskFigure(states, colouring('class', new Array(20).fill('x'), theme), 'picture', theme),
  );
});

test('few terms have named colours, the most frequent first; many have a scale', () => {
  const few = colouring('group', ['b', 'a', 'b'], LIGHT);
  assert.deepEqual(
    few.entries.map(({ name }) => name),
    ['b', 'a'],
  );
  assert.equal(few.colours[0], few.colours[2]);
  const many = colouring(
    'class',
    Array.from({ length: 30 }, (_, i) => `c${i}`),
    LIGHT,
  );
  assert.deepEqual(many.entries, []);
  assert.equal(new Set(many.colours).size, 30);
});

test('sheets frame right results in green and wrong ones in red', async () => {
  const image = { picture: PICTURE, caption: HOSTILE };
  const found = [
    [
      { ...image, right: true },
      { ...image, right: false },
    ],
    [{ ...image, right: false }],
  ];
  const document = await check((theme) =>
    sheetFigure({
      title: HOSTILE,
      subtitle: HOSTILE,
      sections: [{ networks: [HOSTILE, 'b'], rows: [{ query: image, found, note: HOSTILE }] }],
      theme,
    }),
  );
  assert.equal(document.match(new RegExp(`stroke="${LIGHT.right}"`, 'g'))!.length, 1);
  assert.equal(document.match(new RegExp(`stroke="${LIGHT.wrong}"`, 'g'))!.length, 2);
});

test('names stand whole under their images, in as many lines as they take', async () => {
  for (const name of [
    'Ford F-450 Super Duty Crew Cab 2012',
    '001.Black_footed_Albatross',
    'Donaudampfschifffahrtsgesellschaftskapitän',
    '鳥の名前がとても長いときの行の折り返しを試すための文字列です',
    'a',
    '',
  ]) {
    const lines = wrappedLines(name, 10.5, 90);
    assert.equal(lines.join('').replace(/\s/g, ''), name.replace(/\s/g, ''));
    assert.ok(lines.length > 0 && lines.every((line) => widthOf(line, 10.5) <= 90), name);
  }
  const image = { picture: PICTURE, caption: 'Ford F-450 Super Duty Crew Cab 2012' };
  const rows = [{ query: image, found: [[{ ...image, right: true }]], note: 'rank 3' }];
  const drawn = await check((theme) =>
    sheetFigure({
      ...{ title: 'Figure 2', subtitle: 'of two sets', theme },
      sections: [
        { title: 'cars: a set', networks: ['hier'], rows },
        { title: 'birds: another', networks: ['hier', 'proxy-anchor'], rows },
      ],
    }),
  );
  assert.ok(!drawn.includes('…') && drawn.includes('Duty Crew') && drawn.includes('2012'));
  assert.ok(drawn.indexOf('cars: a set') < drawn.indexOf('birds: another'));
});

test('the test curve is a panel of its own, labelled', async () => {
  const rows = [1, 2].map((step) => ({ step, epoch: step - 1, 'test.recall@1': 0.5, 'test.map@r': 0.2 }));
  assert.match(await check((theme) => trainingFigure(rows, 1, theme)), /Test curve: chooses nothing/);
});

test('curves are drawn from what there is: without validation, with one step, with gaps', async () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({
    step: i + 1,
    epoch: Math.floor(i / 4),
    'train.loss': 5 - i / 4,
    'train.metric': i === 3 ? Number.NaN : 4 - i / 4,
    'train.gradientNorm': 1,
  }));
  await check((theme) => trainingFigure(rows, 4, theme));
  await check((theme) => trainingFigure(rows.slice(0, 1), 1, theme));
  await check((theme) =>
    trainingFigure(
      [
        ...rows,
        {
          step: 12,
          epoch: 2,
          'validation.recall@1': 0.5,
          'validation.recall@8': 0.7,
          'validation.map@r': 0.2,
        },
      ],
      4,
      theme,
    ),
  );
  const curve = {
    name: HOSTILE,
    k: [1, 2, 4],
    recall: [0.3, 0.5, 0.6],
    low: [0.2, 0.4, 0.5],
    high: [0.4, 0.6, 0.7],
  };
  await check((theme) => recallFigure([curve, { ...curve, name: 'b' }], HOSTILE, theme));
  await check((theme) => recallFigure([curve], 'data', theme));
});

test('proxies are drawn without a course of training and without a clip sphere too', async () => {
  const story = {
    live: [
      [1, 5],
      [2, 7],
    ] as const,
    proxies: 8,
    children: [3, 0, 9, 1, 0, 0, 2, 1],
    imageNorms: [4.6, 4.6, 4.6],
    proxyNorms: [4.1, 4.6],
    clip: 4.6,
  };
  const document = await check((theme) => proxyFigure(story, theme));
  assert.match(document, /5 of 8 have any of 16/);
  await check((theme) => proxyFigure({ ...story, live: [], clip: null }, theme));
});

test('the tree shows parents before children, and folds what does not fit', async () => {
  const leaf = (id: number, parent: number) => ({
    id,
    parent,
    children: [],
    members: [id],
    depth: 2,
    length: 1,
    norm: null,
    proxy: null,
    label: HOSTILE,
    exemplars: [0],
  });
  const inner = (id: number, parent: number | null, children: number[], members: number[]) => ({
    ...leaf(id, 0),
    parent,
    children,
    members,
  });
  const hierarchy: Hierarchy = {
    construction: 'lca',
    leaves: ['a', 'b', 'c', 'd'],
    nodes: [
      leaf(0, 4),
      leaf(1, 4),
      leaf(2, 5),
      leaf(3, 5),
      inner(4, 6, [0, 1], [0, 1]),
      inner(5, 6, [2, 3], [2, 3]),
      inner(6, null, [4, 5], [0, 1, 2, 3]),
    ],
  };
  const lines = treeLines(hierarchy, 20);
  assert.deepEqual(
    lines.map(({ node, above }) => [node.id, above]),
    [
      [6, -1],
      [4, 0],
      [5, 0],
    ],
  );
  await check((theme) => treeFigure(lines, HOSTILE, () => PICTURE, theme));
});
