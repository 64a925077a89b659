/** Settings that several augmentations share: colours, a mirror image, an erased rectangle. */
import type { Settings } from '../../settings/setting.js';

const factors = { default: [1, 1], interval: true, least: 0, most: 10 } as const;

/** Changes of colour, and the rectangle that is erased. */
export const COLOUR_SETTINGS = {
  brightness: { ...factors, about: 'factor on all pixel values, [low, high]' },
  contrast: { ...factors, about: 'factor on the distance from mid grey, [low, high]' },
  saturation: { ...factors, about: "factor on the distance from a pixel's own grey, [low, high]" },
  hue: { default: 0, least: 0, most: 0.5, about: 'largest rotation of the hue either way, turns, 0 to 0.5' },
  erase: {
    about: 'a random rectangle set to the mean colour; never when absent',
    settings: {
      probability: { least: 0, most: 1, about: 'how often, 0 to 1' },
      area: {
        default: [0.02, 0.2],
        interval: true,
        above: 0,
        most: 1,
        about: 'area as a fraction of the image, [low, high]',
      },
      aspect: {
        default: [0.3, 3.3],
        interval: true,
        above: 0,
        most: 100,
        about: 'width over height, [low, high]',
      },
    },
  },
} as const satisfies Settings;

/** Whether images are mirrored. */
export const FLIP = { default: true, about: 'mirror left and right with probability 1/2' } as const;
