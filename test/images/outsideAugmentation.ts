/** Augmentations of a test, imported by worker threads from this module. */
import { augmentation } from '../../src/images/augmentation.js';

/** One grey of the stream for the whole image, times a factor. */
export default augmentation({
  about: 'one grey for the whole image',
  module: import.meta.url,
  settings: { factor: { default: 1, least: 0, most: 1, about: 'factor on the grey, 0 to 1' } },
  build:
    ({ factor }, input) =>
    ({ width, height }, stream, target, offset) => {
      const grey = factor * stream.integer(256);
      input.write({ width, height, data: new Uint8Array(3 * width * height).fill(grey) }, target, offset);
    },
});

/** Another export of the same module. */
export const black = augmentation({
  about: 'black',
  module: import.meta.url,
  exportName: 'black',
  squares: true,
  settings: {},
  build:
    (_, input) =>
    ({ width, height }, _stream, target, offset) => {
      if (width !== height) throw new Error('not a square');
      input.write({ width, height, data: new Uint8Array(3 * width * height) }, target, offset);
    },
});
