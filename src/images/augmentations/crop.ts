/**
 * Random resized crop, as the HIER paper trains on photographs, with changes of colour. How the rectangle is drawn is
 * the random crop of this room.
 */
import { augmentation } from '../augmentation.js';
import { drawColourMap, normalisingScale, type Range } from '../colour.js';
import { normalisationTable, writeNormalised } from '../normalise.js';
import { drawCropBox } from '../randomCrop.js';
import { crop } from '../raster.js';
import { resize } from '../resize.js';
import { warp } from '../warp.js';
import { eraseRectangle } from './erase.js';
import { COLOUR_SETTINGS, FLIP } from './settings.js';

/** Whether a factor is ever other than 1. */
const isVaried = (range: Range) => range[0] !== 1 || range[1] !== 1;

/** The random crop for the registry of augmentations. Its defaults are those of HIER's official code for ViT. */
export const cropAugmentation = augmentation({
  about: 'a random crop resized to the input, as the paper trains on photographs',
  settings: {
    scale: {
      default: [0.2, 1],
      interval: true,
      above: 0,
      about: "area of the crop as a fraction of the image's, [low, high] in 0 to 1",
    },
    ratio: {
      default: [3 / 4, 4 / 3],
      interval: true,
      above: 0,
      most: 100,
      about: 'width over height of the crop, drawn log-uniformly from [low, high]',
    },
    flip: FLIP,
    ...COLOUR_SETTINGS,
  },
  problems: ({ scale }) =>
    scale[1] <= 1
      ? []
      : [
          `"images.augment.scale" ([${scale.join(', ')}]) must not be above 1: a crop is a part of its image.`,
        ],
  build: (settings, { size, normalisation, filter }) => {
    const { scale, shift } = normalisingScale(normalisation);
    const table = normalisationTable(normalisation);
    const { brightness, contrast, saturation, hue, erase } = settings;
    const keepsColours = ![brightness, contrast, saturation].some(isVaried) && !hue;
    return (raster, stream, target, targetOffset) => {
      // The geometry is drawn first, so that changing colours does not move the window.
      const box = drawCropBox(settings, raster.width, raster.height, stream);
      const mirror = settings.flip && stream.uniform() < 0.5;
      const part = crop(raster, box.left, box.top, box.width, box.height);
      const square = resize(part, { width: size, height: size, filter });
      if (keepsColours) writeNormalised(square, table, target, targetOffset, mirror);
      else {
        const map = { ux: mirror ? -1 : 1, uy: 0, u0: mirror ? size - 1 : 0, vx: 0, vy: 1, v0: 0 };
        const colour = drawColourMap(settings, stream);
        const output = { sourceOffset: 0, target, targetOffset, size, scale, shift };
        warp({ source: square.data, side: size, map, border: 'edge', colour, ...output });
      }
      if (erase) eraseRectangle(erase, size, stream, target, targetOffset);
    };
  },
});
