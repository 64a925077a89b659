/** Portions that hier chooses: of networks that compute every image for itself, and of no others. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { backbone } from '../../src/backbones/index.js';
import { mean } from '../../src/graph/index.js';
import { checkRecipe } from '../../src/recipe/load.js';
import { registryOf } from '../../src/recipe/parts.js';
import { inPortions } from '../../src/training/microbatches.js';

const averaging = (apart?: boolean) =>
  backbone({
    about: 'the mean of every colour',
    settings: {},
    build: () => ({
      width: 3,
      ...(apart === undefined ? {} : { apart }),
      forward: (images) => mean(images, { axes: [2, 3] }),
    }),
  });
const parts = { backbones: { apart: averaging(true), together: averaging() } };

function portions(name: string, size: number, engine: object = {}) {
  const recipe = checkRecipe(
    {
      name: 'portions',
      backbone: { name },
      batch: { size, imagesPerClass: 1 },
      engine: { replicas: 2, ...engine },
    },
    'a test',
    parts,
  );
  const divided = inPortions(recipe, registryOf(parts));
  assert.deepEqual({ ...divided, engine: recipe.engine }, recipe, 'nothing else changes');
  return [divided.engine.microbatch, divided.engine.kept];
}

test('a network that computes every image for itself gets the largest portions up to four, all kept', () => {
  assert.deepEqual(portions('apart', 90), [3, 15]);
  assert.deepEqual(portions('apart', 32), [4, 4]);
  assert.deepEqual(portions('apart', 26), [1, 13]);
  assert.deepEqual(portions('apart', 20), [2, 5]);
});

test('portions that a recipe names, and networks with statistics of a batch, stay as they are', () => {
  assert.deepEqual(portions('apart', 90, { microbatch: 15, kept: 2 }), [15, 2]);
  assert.deepEqual(portions('together', 90), [null, 1]);
});
