/** Trains two epochs with an augmentation that hier does not ship: node ownAugmentation.js FOLDER */
import { isMainThread } from 'node:worker_threads';
import { augmentation, loadRecipe, train } from '@hier-ml/hier';
import { drawings } from './drawings.js';

const rolled = augmentation({
  about: 'the rows moved up by a random number, and those on top put below',
  module: import.meta.url, // worker threads import this file for its default export
  settings: { most: { default: 0.25, least: 0, most: 1, about: 'largest move, as a part of the height' } },
  build:
    ({ most }, input) =>
    ({ width, height, data }, stream, target, offset) => {
      const rows = stream.integer(Math.floor(most * height) + 1);
      const moved = new Uint8Array(data.length);
      moved.set(data.subarray(3 * width * rows));
      moved.set(data.subarray(0, 3 * width * rows), 3 * width * (height - rows));
      input.write({ width, height, data: moved }, target, offset);
    },
});
export default rolled;

// What trains must not run again in each worker thread; in a project of yours it is better in another file.
if (isMainThread) {
  const folder = process.argv[2] ?? 'own-augmentation';
  const augmentations = { rolled };
  const choice = ['images.augment.kind=rolled', 'images.augment.most=0.5'];
  const recipe = loadRecipe('smoke', [...(await drawings(`${folder}/drawings`)), ...choice], {
    augmentations,
  });
  const { best, steps } = await train({ recipe, folder: `${folder}/run`, augmentations });
  console.log(`${steps} steps, R@1 ${best?.value.toFixed(2)} on held-out classes`);
}
