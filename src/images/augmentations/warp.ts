/**
 * One random affine map of the whole image with changes of colour, for small images. The map itself and its hot loop
 * are the warp of this room.
 */
import { augmentation } from '../augmentation.js';
import { drawColourMap, normalisingScale } from '../colour.js';
import { drawAffineMap, warp } from '../warp.js';
import { eraseRectangle } from './erase.js';
import { COLOUR_SETTINGS, FLIP } from './settings.js';

/** The affine map for the registry of augmentations. */
export const warpAugmentation = augmentation({
  about: 'one random affine map of the whole image, for small images',
  squares: true,
  settings: {
    scale: {
      default: [0.8, 1.15],
      interval: true,
      above: 0,
      most: 10,
      about: 'side of the sampled window over that of the image, [low, high]; below 1 zooms in',
    },
    shift: {
      default: 0.075,
      least: 0,
      most: 1,
      about: "largest shift along each axis, as a fraction of the image's side, 0 to 1",
    },
    rotation: {
      default: 0.15,
      least: 0,
      most: Math.PI,
      about: 'largest rotation either way, radians, 0 to π',
    },
    aspect: {
      default: [1, 1],
      interval: true,
      above: 0,
      most: 10,
      about: 'width over height of the window, drawn log-uniformly from [low, high]',
    },
    flip: FLIP,
    border: {
      default: 'white',
      oneOf: ['white', 'edge'],
      about: 'what lies outside the image: white, or its outermost pixels continued',
    },
    ...COLOUR_SETTINGS,
  },
  build: (settings, { size, normalisation }) => {
    const { scale, shift } = normalisingScale(normalisation);
    const { border, erase } = settings;
    return ({ width, height, data: source }, stream, target, targetOffset) => {
      if (width !== height) throw new RangeError('warp takes square rasters');
      // The geometry is drawn first, so that changing colours does not move the window.
      const map = drawAffineMap(settings, width, size, stream);
      const colour = drawColourMap(settings, stream);
      const output = { sourceOffset: 0, target, targetOffset, size, scale, shift };
      warp({ source, side: width, map, border, colour, ...output });
      if (erase) eraseRectangle(erase, size, stream, target, targetOffset);
    };
  },
});
