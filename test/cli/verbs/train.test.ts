import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planOf } from '../../../src/cli/verbs/train.js';
import { UsageError } from '../../../src/errors.js';

describe('what hier train is asked for', () => {
  it('is the demo by default, in a folder named after the recipe', () => {
    const { recipe, folder, mode } = planOf(undefined, [], {});
    assert.deepEqual([recipe?.name, folder, mode], ['demo', 'runs/demo', 'new']);
  });

  it('takes a first word with = as an override', () => {
    const { recipe } = planOf('schedule.epochs=7', ['optimizer.learningRate=1e-3'], {});
    assert.deepEqual(
      [recipe?.name, recipe?.schedule.epochs, recipe?.optimizer.learningRate],
      ['demo', 7, 1e-3],
    );
  });

  it('sets data and seed, whatever characters the path has', () => {
    const { recipe } = planOf('smoke', [], { data: 'my: [odd] #folder', seed: 3 });
    assert.deepEqual([recipe?.data.source, recipe?.seed], ['my: [odd] #folder', 3]);
  });

  it('refuses what contradicts itself', () => {
    for (const [words, options] of [
      [['demo', 'other'], {}],
      [[], { resume: 'a', out: 'b' }],
      [[], { resume: 'a', overwrite: true }],
    ] as const)
      assert.throws(() => planOf(words[0], words.slice(1), options), UsageError);
  });
});
