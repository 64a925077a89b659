import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { backbone } from '../../src/backbones/index.js';
import { UsageError } from '../../src/errors.js';
import { augmentation } from '../../src/images/augmentation.js';
import { metricLoss } from '../../src/losses/metricLoss.js';
import {
  checkRecipe,
  loadRecipe,
  loadStoredRecipe,
  recipeFields,
  recipeHash,
  recipeToYaml,
} from '../../src/recipe/load.js';
import { missingParts, requireParts } from '../../src/recipe/missingParts.js';
import { OWN_PARTS, type Parts, registryOf } from '../../src/recipe/parts.js';
import { checkSettings, defaultsOf, type Settings } from '../../src/settings/index.js';

interface Described {
  readonly about: string;
  readonly settings: Settings;
}

const folder = mkdtempSync(join(tmpdir(), 'hier-parts-'));
after(() => rmSync(folder, { recursive: true }));

const losses = {
  mine: metricLoss({
    about: 'a loss of a test',
    settings: {
      sharpness: { default: 3, above: 0, about: 'sharpness, above 0' },
      pull: { default: 'soft', oneOf: ['soft', 'hard'], about: 'how it pulls' },
    },
    leastImagesPerClass: 2,
    build: ({ embeddings }) => embeddings,
  }),
};
const backbones = {
  flat: backbone({
    about: 'a backbone of a test',
    takesWeights: true,
    normalisation: { mean: [0.1, 0.2, 0.3], std: [1, 1, 1] },
    settings: { rows: { default: 4, whole: true, least: 1, most: 64, about: 'rows, 1 to 64' } },
    problems: ({ rows }, { size }) => (size % rows ? [`"backbone.rows" (${rows}) must divide ${size}.`] : []),
    build: ({ rows }) => ({ width: rows, forward: (images) => images }),
  }),
};
const augmentations = {
  noisy: augmentation({
    about: 'an augmentation of a test',
    module: 'file:///nowhere.js',
    settings: { strength: { least: 0, most: 1, about: 'strength, 0 to 1, to be given' } },
    build: () => () => undefined,
  }),
};
const parts = { losses, backbones, augmentations };
const CHOSEN = [
  'losses.metric.name=mine',
  'backbone.name=flat',
  'images.augment={ kind: noisy, strength: 1 }',
];
const with_ = (...overrides: string[]) => loadRecipe('demo', [...CHOSEN, ...overrides], parts);

function usageError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof UsageError, `${error}`);
    return error.message;
  }
  assert.fail('no error was thrown');
}

/** What hier adds to every backbone of images, as it is where all of it is trained. */
const UNTOUCHED = { trainFrom: 0, views: 4, adapters: null };

describe('a recipe with parts from outside', () => {
  it('has their defaults, and what hier adds to them', () => {
    const { losses: chosen, backbone: network, images } = with_();
    assert.deepEqual(chosen.metric, { name: 'mine', sharpness: 3, pull: 'soft', weight: 1 });
    assert.deepEqual(network, { name: 'flat', rows: 4, weights: 'none', ...UNTOUCHED });
    assert.deepEqual(images.augment, { kind: 'noisy', strength: 1 });
    assert.deepEqual(loadRecipe('demo', ['backbone.name=flat'], parts).images.mean, [0.1, 0.2, 0.3]);
  });

  it('is checked and explained like one with parts of hier', () => {
    const cases: [string, RegExp][] = [
      [
        'losses.metric.sharpnes=1',
        /unknown key "losses.metric.sharpnes"\. Did you mean "losses.metric.sharpness"\?/,
      ],
      ['losses.metric.alpha=1', /"losses.metric.alpha": it belongs to "proxy-anchor"/],
      ['losses.metric.sharpness=0', /must be above 0 \(sharpness, above 0\), but 0 was given/],
      ['losses.metric.pull=rough', /one of "soft", "hard" \(how it pulls\), but "rough" \(text\) was given/],
      ['backbone.rows=4.5', /"backbone.rows" must be a whole number \(rows, 1 to 64\)/],
      ['backbone.rows=5', /"backbone.rows" \(5\) must divide 32/],
      ['batch.imagesPerClass=1', /must be at least 2: the loss "mine"/],
      [
        'images.augment={ kind: noisy }',
        /"images.augment.strength" must be a finite number .* but it is missing/,
      ],
      ['backbone.name=falt', /one of "identity", .*"resnet50", "onnx", "flat"/],
    ];
    for (const [override, message] of cases)
      assert.match(
        usageError(() =>
          override.includes('kind:') ? loadRecipe('demo', [override], parts) : with_(override),
        ),
        message,
      );
    const field = recipeFields(parts).find(({ path }) => path === 'losses.metric.sharpness');
    assert.deepEqual([field?.default, field?.variant], [3, 'mine']);
    assert.ok(!recipeFields().some(({ variant }) => variant === 'mine'));
  });

  it('is refused without them when it is new, and read without them when it was stored', () => {
    const path = join(folder, 'stored.yaml');
    const recipe = with_('seed=5');
    writeFileSync(path, recipeToYaml(recipe));
    assert.match(
      usageError(() => loadRecipe(path)),
      /"backbone.name" must be one of .* but "flat"/,
    );
    const stored = loadStoredRecipe(path);
    assert.deepEqual(stored, recipe);
    assert.equal(recipeHash(stored), recipeHash(recipe));
    assert.deepEqual(loadStoredRecipe(path, [], parts), recipe);
    // What belongs to hier is checked all the same.
    assert.match(
      usageError(() => loadStoredRecipe(path, ['head.curvature=-1'])),
      /"head.curvature" must be at least 0/,
    );
    assert.match(
      usageError(() => loadStoredRecipe(path, ['losses.metric={ name: proxy-anchor, alpha: 0 }'])),
      /"losses.metric.alpha" must be above 0/,
    );
    assert.deepEqual(
      missingParts(stored).map(({ noun, name }) => `${noun} ${name}`),
      ['loss mine', 'backbone flat', 'augmentation noisy'],
    );
    assert.deepEqual(missingParts(stored, registryOf(parts)), []);
    assert.match(
      usageError(() => requireParts(stored, registryOf({ losses }), { folder: 'runs/x', resumes: true })),
      /run in runs\/x was trained with the backbone "flat" and the augmentation "noisy".* give them again: train\(\{ folder: "runs\/x", mode: 'resume', backbones: \{ flat \}, augmentations: \{ noisy \} \}\)/,
    );
  });
});

describe('parts that are not sound', () => {
  const about = 'x';
  const build = losses.mine.build;
  const cases: [string, Parts, RegExp][] = [
    ['the name of one of hier', { losses: { 'sup-con': losses.mine } }, /hier has a loss of its own for/],
    ['none', { augmentations: { none: augmentations.noisy } }, /"none" is a name that hier has/],
    ['an odd name', { backbones: { 'a b': backbones.flat } }, /backbones\.a b: a name begins with a letter/],
    ['no description', { losses: { odd: (() => 1) as never } }, /not a loss\. Make it with metricLoss/],
    [
      'a setting called weight',
      { losses: { odd: { about, build, settings: { weight: { default: 1, about } } } } },
      /a setting cannot be called "weight"/,
    ],
    [
      'a default out of bounds',
      { losses: { odd: { about, build, settings: { a: { default: 2, most: 1, about } } } } },
      /"losses\.odd\.a" must be at most 1 .* but 2 was given/,
    ],
    [
      'a setting without a meaning',
      { losses: { odd: { about, build, settings: { a: { default: 2 } as never } } } },
      /the setting "a" needs a few words/,
    ],
    [
      'a backbone of vectors',
      { backbones: { odd: { ...backbones.flat, takes: 'vectors' } } },
      /a backbone from outside takes images/,
    ],
    [
      'an augmentation that cannot cross threads',
      { augmentations: { odd: { about, settings: {}, build: () => () => undefined } } },
      /"odd" does not say which module it is in\. .* cannot be sent to a thread: .* module: import\.meta\.url/,
    ],
  ];
  for (const [what, given, message] of cases)
    it(`are refused: ${what}`, () =>
      assert.match(
        usageError(() => registryOf(given)),
        message,
      ));
});

describe("hier's own parts", () => {
  it('have settings whose defaults are within their bounds, and a meaning each', () => {
    const kinds: Readonly<Record<string, Readonly<Record<string, Described>>>> = { ...OWN_PARTS };
    for (const [kind, known] of Object.entries(kinds))
      for (const [name, { about, settings }] of Object.entries(known)) {
        // What has no default must be given: the file of a network.
        const required = name === 'onnx' ? { file: 'network.onnx' } : {};
        const defaults = { ...defaultsOf(settings), ...required };
        assert.deepEqual(checkSettings(settings, defaults, `${kind}.${name}`), defaults);
        assert.ok(about.length > 5, name);
        for (const [key, setting] of Object.entries(settings))
          assert.ok(setting.about.length > 5, `${name}.${key}`);
      }
  });

  it('keep the recipe of every network as it was before it described itself', () => {
    const fieldsOf = (name: string) =>
      Object.keys(checkRecipe({ name: 'x', backbone: { name } }).backbone)
        .filter((key) => !Object.hasOwn(UNTOUCHED, key))
        .sort();
    assert.deepEqual(fieldsOf('identity'), ['name', 'width']);
    assert.deepEqual(fieldsOf('resnet50'), ['frozenNorm', 'name', 'weights']);
    assert.deepEqual(fieldsOf('deit-s16'), ['feature', 'frozenPatches', 'name', 'weights']);
    for (const name of ['vit-s16', 'dino-s16'])
      assert.deepEqual(fieldsOf(name), ['frozenPatches', 'name', 'weights']);
  });
});
