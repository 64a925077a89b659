import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { UsageError } from '../../src/errors.js';
import { resolveAugmentation } from '../../src/images/resolveAugmentation.js';
import { METRIC_LOSS_NAMES, METRIC_LOSSES } from '../../src/losses/registry.js';
import {
  checkRecipe,
  loadRecipe,
  recipeDifferences,
  recipeFields,
  recipeHash,
  recipeNames,
  recipeToYaml,
} from '../../src/recipe/load.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-recipe-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a recipe file and gives its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The message of the UsageError that `action` throws. */
function usageError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof UsageError, `${error}`);
    return error.message;
  }
  assert.fail('no error was thrown');
}

describe('loadRecipe', () => {
  it('reads every shipped recipe', () => {
    assert.ok(recipeNames().includes('demo') && recipeNames().includes('smoke'));
    for (const name of recipeNames()) assert.equal(loadRecipe(name).name, name);
  });

  it('fills in the defaults of the paper', () => {
    const recipe = loadRecipe(file('bare.yaml', 'backbone: { name: tiny-vit }'));
    assert.equal(recipe.name, 'bare');
    assert.equal(recipe.seed, 0);
    assert.deepEqual(recipe.head, {
      embeddingSize: 128,
      initial: 'random',
      layerNorm: true,
      clipRadius: 2.3,
      curvature: 0.1,
      riemannianGradient: true,
    });
    assert.deepEqual(recipe.losses.metric, { name: 'proxy-anchor', alpha: 32, margin: 0.1, weight: 1 });
    const { noise, poolRows, ...paper } = recipe.losses.hier;
    assert.deepEqual(paper, {
      weight: 0.5,
      initial: 'random',
      start: 0,
      proxies: 512,
      neighbours: 20,
      triplets: 50,
      margin: 0.1,
      temperature: 0.1,
      excludeSelf: false,
    });
    assert.deepEqual(recipe.batch, { size: 180, imagesPerClass: 2, replacement: true });
    assert.deepEqual(recipe.optimizer.multipliers, { head: 1, hierarchicalProxies: 50, classProxies: 1e4 });
    assert.equal(recipe.images.size, 224);
    assert.equal(recipe.schedule.warmupEpochs, 1);
  });

  it('has every loss of the table with its defaults, and the unit sphere', () => {
    for (const name of METRIC_LOSS_NAMES) {
      const bare = file('every.yaml', 'backbone: { name: tiny-vit }');
      const { losses, head } = loadRecipe(bare, [`losses.metric.name=${name}`, 'head.curvature=0']);
      const { settings } = METRIC_LOSSES[name];
      const defaults = Object.entries(settings).map(([key, setting]) => [key, setting.default]);
      assert.deepEqual(losses.metric, { name, ...Object.fromEntries(defaults), weight: 1 });
      assert.equal(head.curvature, 0);
    }
  });

  it('lays overrides over the file, values read as YAML', () => {
    const recipe = loadRecipe('demo', [
      'optimizer.learningRate=1e-3',
      'seed=7',
      'images.augment.scale=[0.5, 1]',
      'losses.hier.excludeSelf=true',
      'images.store=null',
      'data.source=a=b.csv',
      'seed=8',
    ]);
    assert.equal(recipe.optimizer.learningRate, 1e-3);
    assert.equal(recipe.seed, 8);
    assert.deepEqual(recipe.images.augment.kind === 'warp' && recipe.images.augment.scale, [0.5, 1]);
    assert.equal(recipe.losses.hier.excludeSelf, true);
    assert.equal(recipe.images.store, null);
    assert.equal(recipe.data.source, 'a=b.csv');
  });

  it('drops the options of a variant when another is chosen', () => {
    assert.deepEqual(loadRecipe('demo', ['images.augment.kind=none']).images.augment, { kind: 'none' });
    const recipe = loadRecipe('demo', ['backbone.name=tiny-vit', 'backbone.depth=2']);
    const { name, backbone: _, ...others } = loadRecipe('demo');
    assert.deepEqual(
      recipe.backbone,
      checkRecipe({ ...others, name, backbone: { name: 'tiny-vit', depth: 2 } }).backbone,
    );
    assert.equal('stem' in recipe.backbone, false);
    const same = loadRecipe('demo', ['backbone.name=residual-cnn', 'backbone.stem=16']);
    assert.deepEqual(same.backbone, { ...loadRecipe('demo').backbone, stem: 16 });
  });

  it('keeps the share of a backbone that is trained when another backbone is chosen, but not the name of a block', () => {
    const { backbone } = loadRecipe('photos', ['backbone.name=vit-s16']);
    assert.deepEqual([backbone.trainFrom, backbone.views], [0.35, 4]);
    const named = file('named.yaml', 'extends: photos\nbackbone: { trainFrom: layer4, views: 2 }');
    const other = loadRecipe(named, ['backbone.name=vit-s16']).backbone;
    assert.deepEqual([other.trainFrom, other.views], [0, 2]);
    assert.equal('trainFrom' in loadRecipe('photos', ['backbone.name=identity']).backbone, false);
    assert.deepEqual(loadRecipe('fine-tune', ['backbone.name=vit-s16']).backbone, backbone);
  });

  it('extends another recipe by name or by a path beside itself', () => {
    file('parent.yaml', 'name: p\nextends: demo\nschedule: { epochs: 3, rampEpochs: 1 }');
    const child = loadRecipe(file('child.yaml', 'extends: ./parent.yaml\nschedule: { epochs: 5 }'));
    assert.equal(child.name, 'child');
    assert.equal(child.schedule.epochs, 5);
    assert.equal(child.schedule.rampEpochs, 1);
    assert.deepEqual(child.backbone, loadRecipe('demo').backbone);
  });
});

describe('a wrong recipe', () => {
  const demo = (...overrides: string[]) => usageError(() => loadRecipe('demo', overrides));

  it('names an unknown key and the likeliest right one', () => {
    assert.equal(
      demo('optimizer.lerningRate=1'),
      'recipe "demo": unknown key "optimizer.lerningRate". Did you mean "optimizer.learningRate"?',
    );
    assert.match(
      demo('learningRate=1'),
      /unknown key "learningRate"\. Did you mean "optimizer.learningRate"/,
    );
    assert.match(demo('optimiser.betas=[0, 0]'), /unknown key "optimiser"\. Did you mean "optimizer"/);
    assert.match(demo('backbone.heads=4'), /"backbone.heads": it belongs to "tiny-vit"/);
    assert.match(demo('zzzzzzzzzz=4'), /unknown key "zzzzzzzzzz"\.$/);
  });

  it('names the key, what was given and what was expected', () => {
    assert.match(
      demo('optimizer.learningRate=fast'),
      /"optimizer.learningRate" must be a finite number .*"fast" \(text\) was given/,
    );
    assert.match(demo('optimizer.learningRate=.nan'), /must be a finite number .*NaN was given/);
    assert.match(demo('optimizer.learningRate=0'), /must be above 0 .*but 0 was given/);
    for (const value of ['1e300', '1e-300'])
      assert.match(demo(`losses.hier.margin=${value}`), /must be a number that float32 can hold/);
    assert.match(demo('seed=1.5'), /"seed" must be a whole number .*1.5 was given/);
    assert.match(demo('seed='), /"seed" .*null was given/);
    assert.match(demo('images.fit=crop'), /one of "cover", "contain", "fill" .*"crop"/);
    assert.match(
      demo('backbone.name=vit'),
      /"backbone.name" must be one of "identity", "residual-cnn", "tiny-vit", .*but "vit"/,
    );
    assert.match(demo('images.mean=[1, 2]'), /a list of at least 3 entries .*\[1,2\]/);
    assert.match(demo('data=4'), /"data" must be a group of keys, but 4/);
    assert.match(demo('images.augment.scale=[2, 1]'), /low not above high/);
    assert.match(
      usageError(() => checkRecipe({ name: 'x' })),
      /"backbone" must be .* but it is missing/,
    );
  });

  it('reports all problems at once, one a line', () => {
    assert.equal(demo('seed=-1', 'batch.size=x', 'nonsense=1').split('\n').length, 3);
  });

  it('cannot reach the prototype of objects', () => {
    assert.match(demo('__proto__.polluted=1'), /unknown key "__proto__"/);
    assert.match(demo('images.__proto__.polluted=1'), /unknown key "images.__proto__"/);
    assert.match(demo('constructor.prototype.polluted=1'), /unknown key "constructor"/);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  it('is refused when fields do not fit together', () => {
    const cases: [string[], RegExp][] = [
      [['batch.size=181'], /"batch.size" \(181\) must be a multiple of "batch.imagesPerClass" \(2\)/],
      [['batch.size=180', 'engine.replicas=7'], /multiple of "engine.replicas" \(7\)/],
      [['batch.size=4', 'batch.imagesPerClass=4', 'losses.hier.weight=0'], /two classes or more/],
      [
        ['batch.size=180', 'engine.microbatch=40'],
        /"batch.size" \(180\) must be a multiple of "engine.replicas" \(2\) times "engine.microbatch" \(40\)/,
      ],
      [['engine.microbatch=0'], /"engine.microbatch" must be at least 1 .*but 0 was given/],
      [['engine.microbatch=2.5'], /"engine.microbatch" must be a whole number/],
      [
        ['losses.metric.name=sup-con', 'batch.imagesPerClass=1'],
        /"batch.imagesPerClass" \(1\) must be at least 2: the loss "sup-con"/,
      ],
      [
        ['losses.metric.name=soft-triple', 'losses.metric.centres=1.5'],
        /"losses.metric.centres" must be a whole/,
      ],
      [
        ['losses.metric.name=sup-con', 'losses.metric.temperature=0'],
        /"losses.metric.temperature" must be above 0/,
      ],
      [['losses.metric.centres=3'], /"losses.metric.centres": it belongs to "soft-triple"/],
      [
        ['losses.metric.name=triplet'],
        /one of "proxy-anchor", .*"sup-con".* but "triplet" \(text\) was given/,
      ],
      [['losses.hier.neighbours=257', 'batch.size=360'], /must not be above "losses.hier.proxies" \(256\)/],
      [['batch.size=10'], /must not be above "batch.size" \(10\)/],
      [['schedule.warmupEpochs=999'], /must not be above "schedule.epochs" \(\d+\)/],
      [['schedule.rampEpochs=999'], /must not be above "schedule.epochs" \(\d+\)/],
      [['losses.metric.weight=0', 'losses.hier.weight=0'], /nothing would be learned/],
      [['evaluation.recallAt=[1, 1]'], /must be increasing/],
      [['images.resizeTo=16'], /"images.resizeTo" \(16\) must not be below "images.size" \(32\)/],
      [['images.store=16'], /must not be below "images.size" \(32\)/],
      [['images.augment={ kind: crop, scale: [0.5, 2] }'], /a crop is a part of its image/],
      [['backbone.blocks=[1]'], /\d stages and "backbone.blocks" 1/],
      [['backbone.bottleneck=[1]'], /\d stages and "backbone.bottleneck" 1/],
      [['images.size=40'], /"images.size" \(40\) must be a multiple of 32/],
      [['backbone={ name: tiny-vit, patch: 5 }'], /multiple of "backbone.patch" \(5\)/],
      [['backbone={ name: tiny-vit, heads: 3 }'], /multiple of "backbone.heads" \(3\)/],
    ];
    for (const [overrides, message] of cases) assert.match(demo(...overrides), message);
    // With HIER switched off its numbers do not matter.
    assert.ok(loadRecipe('demo', ['batch.size=10', 'losses.hier.weight=0']));
  });

  it('says where the YAML is broken', () => {
    const path = file('broken.yaml', 'seed: 1\nimages:\n  size: [1\n');
    const message = usageError(() => loadRecipe(path));
    assert.match(message, /broken\.yaml:4:1: not valid YAML/);
    assert.match(
      usageError(() => loadRecipe(file('twice.yaml', 'seed: 1\nseed: 2'))),
      /twice\.yaml:2:1: the key .* is there twice/,
    );
    assert.match(
      usageError(() => loadRecipe(file('list.yaml', '- 1'))),
      /a group of keys, but \[1\]/,
    );
    assert.match(
      usageError(() => loadRecipe(file('empty.yaml', ''))),
      /a group of keys, but null/,
    );
    assert.match(demo('seed={'), /override "seed=\{" is not valid YAML/);
    assert.match(demo('seed'), /Write it as KEY=VALUE/);
    assert.match(demo('a..b=1'), /Write it as KEY=VALUE/);
  });

  it('says when a recipe or its parent is not there, or they run in a circle', () => {
    assert.match(
      usageError(() => loadRecipe('dem')),
      /no recipe "dem"\. Did you mean "demo"\? Shipped recipes: /,
    );
    assert.match(
      usageError(() => loadRecipe(join(folder, 'absent.yaml'))),
      /absent\.yaml cannot be read: there is no such file/,
    );
    const orphan = file('orphan.yaml', 'extends: gone.yaml');
    assert.match(
      usageError(() => loadRecipe(orphan)),
      /gone\.yaml, which .*orphan\.yaml extends, cannot/,
    );
    file('a.yaml', 'extends: b.yaml');
    const b = file('b.yaml', 'extends: a.yaml');
    assert.match(
      usageError(() => loadRecipe(b)),
      /in a circle: .*b\.yaml → .*a\.yaml → .*b\.yaml/,
    );
    assert.match(
      usageError(() => loadRecipe(file('odd.yaml', 'extends: [demo]'))),
      /"extends" must be/,
    );
  });
});

describe('the augmentation of a recipe', () => {
  it('is what the image loader takes', () => {
    const erase = 'images.augment.erase={ probability: 0.5 }';
    for (const overrides of [[], ['images.augment.kind=crop'], [erase]]) {
      const { augment } = loadRecipe('demo', overrides).images;
      assert.ok(augment.kind !== 'none');
      assert.deepEqual(resolveAugmentation(augment), augment);
    }
  });
});

describe('recipeToYaml', () => {
  it('is read back to the same recipe', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 100, noNaN: true, minExcluded: true }),
        fc.nat(),
        fc.string({ minLength: 1 }),
        fc.boolean(),
        (learningRate, seed, source, flag) => {
          const given = parse(recipeToYaml(loadRecipe('demo')));
          const recipe = checkRecipe({
            ...given,
            seed,
            data: { source },
            head: { layerNorm: flag },
            optimizer: { learningRate },
          });
          const path = file('round.yaml', recipeToYaml(recipe));
          assert.deepEqual(loadRecipe(path), recipe);
          assert.equal(recipeHash(loadRecipe(path)), recipeHash(recipe));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('Recall@K', () => {
  it('is measured at the K of the papers for the data set that a recipe names, where it does not say', () => {
    const at = (...overrides: string[]) => loadRecipe('demo', overrides).evaluation.recallAt;
    for (const [source, expected] of [
      ['sop:/data/sop', [1, 10, 100, 1000]],
      ['in-shop:/data/shop', [1, 10, 20, 30]],
      ['cub:/data/cub', [1, 2, 4, 8]],
      ['emoji-9', [1, 2, 4, 8]],
    ] as const)
      assert.deepEqual(at(`data.source=${source}`), expected);
    assert.deepEqual(at('data.source=sop', 'data.path=/data/sop'), [1, 10, 100, 1000]);
    assert.deepEqual(at('data.source=sop:/data/sop', 'evaluation.recallAt=[1,5]'), [1, 5]);
  });
});

describe('comparing recipes', () => {
  it('leaves the hash of older recipes as it was: fields that came later count where they are set', () => {
    const demo = loadRecipe('demo');
    const { worldSize: _, ...optimizer } = demo.optimizer;
    const { testCurve: __, ...evaluation } = demo.evaluation;
    const older = { ...demo, optimizer, evaluation } as typeof demo;
    assert.equal(recipeHash(older), recipeHash(demo));
    assert.notEqual(recipeHash(loadRecipe('demo', ['optimizer.worldSize=2'])), recipeHash(demo));
  });

  it('ignores the name and the order of keys, and lists what differs', () => {
    const demo = loadRecipe('demo');
    const reordered = checkRecipe(Object.fromEntries(Object.entries({ ...demo, name: 'other' }).reverse()));
    assert.equal(recipeHash(reordered), recipeHash(demo));
    assert.deepEqual(recipeDifferences(demo, reordered), []);
    const other = loadRecipe('demo', ['optimizer.learningRate=1e-3', 'images.augment.kind=none']);
    assert.notEqual(recipeHash(other), recipeHash(demo));
    const differences = recipeDifferences(demo, other);
    const before = demo.optimizer.learningRate;
    assert.ok(differences.includes(`optimizer.learningRate: ${before} → 0.001`));
    assert.ok(differences.some((line) => /^images\.augment\.flip: (true|false) → absent$/.test(line)));
  });
});

describe('recipeFields', () => {
  it('explains every leaf of every recipe', () => {
    const fields = recipeFields();
    const known = new Set(fields.map((field) => field.path));
    for (const name of recipeNames())
      for (const difference of recipeDifferences(loadRecipe(name), { name } as never))
        assert.ok(known.has(difference.slice(0, difference.indexOf(':'))), difference);
    for (const field of fields) assert.ok(field.description.length > 5, field.path);
    assert.equal(fields.find((field) => field.path === 'losses.hier.proxies')?.default, 512);
    assert.equal(fields.find((field) => field.path === 'backbone.heads')?.variant, 'tiny-vit');
  });
});
