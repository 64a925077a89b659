import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSession } from '../../src/graph/index.js';
import { frozenPart } from '../../src/model/frontier.js';
import { embedderModels, networkArrays } from '../../src/model/network.js';
import { initialize } from '../../src/nn/index.js';
import { randomStream } from '../../src/random.js';
import { cutColumns, inputColumns, joinColumns } from '../../src/training/batches/inputColumns.js';
import { randomNumbers } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';
import { TINY_CNN, TINY_VIT, tinyRecipe } from '../training/trainerSupport.js';

const VIT = { ...TINY_VIT, depth: 3 };
const CNN = { ...TINY_CNN, widths: [8, 8], blocks: [2, 1], bottleneck: [4, 4] };
const adapters = { rank: 2, alpha: 4 };
const CASES: Record<string, [backbone: object, kept: number, trained: RegExp]> = {
  // 5 tokens (4 patches and the class token) of 12 numbers.
  'a transformer from a block on': [
    { ...VIT, trainFrom: 'blocks.2' },
    60,
    /^(head|backbone\.(blocks\.2|norm))\./,
  ],
  'a transformer by a fraction': [
    { ...VIT, trainFrom: 1 / 3 },
    60,
    /^(head|backbone\.(blocks\.[12]|norm))\./,
  ],
  'a transformer within a block': [
    { ...VIT, trainFrom: 'blocks.2.mlp' },
    12,
    /^(head|backbone\.(blocks\.2\.mlp|norm))\./,
  ],
  'the last normalisation': [{ ...VIT, trainFrom: 'norm' }, 12, /^(head|backbone\.norm)\./],
  'the head alone': [{ ...VIT, trainFrom: 1 }, 12, /^head\./],
  'adapters of a block': [
    { ...VIT, trainFrom: 'blocks.2', adapters },
    60,
    /^head\.|^backbone\.blocks\.2\..*\.lora_[ab]$/,
  ],
  'convolutions with batch norm': [
    { ...CNN, trainFrom: 'stages.1' },
    8 * 4 * 4,
    /^(head|backbone\.stages\.1)\./,
  ],
  'convolutions within a stage': [
    { ...CNN, trainFrom: 'stages.0.blocks.1' },
    8 * 4 * 4,
    /^(head|backbone\.stages\.(0\.blocks\.1|1))\./,
  ],
  'convolutions of which all stages are pooled': [
    { ...CNN, features: 'all', trainFrom: 'stages.1' },
    8 * 4 * 4,
    /^(head|backbone\.stages\.1)\./,
  ],
};

for (const [what, [backbone, kept, trained]] of Object.entries(CASES))
  describe(`a network that is trained from a place on: ${what}`, () => {
    const recipe = tinyRecipe({ backbone: { ...backbone } });
    const part = frozenPart(recipe)!;

    it('keeps few numbers of an image', () => assert.equal(part.width, kept));

    for (const count of [4, 1])
      it(`gives the embeddings and gradients of ${count} that it gives with all of it in every step`, async () => {
        const whole = embedderModels(recipe, count);
        const behind = embedderModels(recipe, count, { input: 'frontier' });
        const random = randomStream(1, 'values');
        const values = Object.fromEntries(
          whole.arrays.map(({ name, shape, initial }) => {
            const first = initialize(initial, shape, 1, name);
            const isVariance = name.endsWith('running_var');
            return [
              name,
              first.map((x) => (isVariance ? 0.5 + random.uniform() : x + 0.1 * random.normal())),
            ];
          }),
        );
        const ofPart = Object.fromEntries(networkArrays(recipe).map(({ name }) => [name, values[name]]));
        const images = Float32Array.from(randomNumbers(count * 3 * 256, 'images'));
        const arriving = Float32Array.from(randomNumbers(count * 6, 'arriving'));
        const columns = inputColumns(behind.evaluate, behind.arrays);
        // With its values bound the engine folds batch norm into convolutions, which rounds otherwise.
        const frozen = await openSession(part.model({}));
        const rows = joinColumns(await frozen.run({ ...ofPart, images }), columns);
        await frozen.close();
        assert.equal(rows.length, count * kept);

        const passes = [];
        for (const [models, fed] of [
          [whole, { images }],
          [behind, cutColumns(rows, columns)],
        ] as const) {
          const feeds = { ...values, ...fed };
          const forward = await openSession(models.forward);
          const pass = await forward.run(feeds);
          await forward.close();
          const backward = await openSession(models.backward);
          const gradients = await backward.run({ ...feeds, ...pass, embeddings_gradient: arriving });
          await backward.close();
          const evaluate = await openSession(models.evaluate);
          const { embeddings } = await evaluate.run(feeds);
          await evaluate.close();
          const observed = Object.entries(pass).filter(([name]) => name.startsWith('observed/'));
          passes.push({
            embeddings: pass.embeddings,
            evaluated: embeddings,
            ...gradients,
            ...Object.fromEntries(observed),
          });
        }
        const [expected, actual] = passes as Record<string, Float32Array>[];
        assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
        for (const [name, wanted] of Object.entries(expected)) {
          const size = Math.max(...wanted.map(Math.abs));
          assertAllclose(actual[name], wanted, { rtol: 0, atol: 1e-6 * Math.max(1, size) }, name);
        }
        const names = behind.arrays.filter((array) => array.trained).map(({ name }) => name);
        assert.ok(names.length > 0 && names.every((name) => trained.test(name)), names.join());
        assert.deepEqual(
          names,
          whole.arrays.filter((array) => array.trained).map(({ name }) => name),
        );
      });
  });

describe('a network of which all is trained', () => {
  it('has no part that is kept, also when its first block is named', () => {
    assert.equal(frozenPart(tinyRecipe({ backbone: VIT })), undefined);
    assert.equal(frozenPart(tinyRecipe({ backbone: { ...VIT, trainFrom: 'patch_embed' } })), undefined);
  });

  it('cannot begin at a block that is not there, nor have adapters without matrices', () => {
    assert.throws(() => tinyRecipe({ backbone: { ...VIT, trainFrom: 'blocks.3' } }), /no block "blocks.3"/);
    assert.throws(
      () => tinyRecipe({ backbone: { ...VIT, trainFrom: 1.5 } }),
      /"backbone.trainFrom" must be at most 1/,
    );
    assert.throws(() => tinyRecipe({ backbone: { ...CNN, adapters } }), /"backbone.adapters" must be null/);
  });
});
