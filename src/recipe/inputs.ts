/** The part of a recipe's schema that says what the network sees: data set, images, augmentation. */
import { z } from 'zod';
import { above0, atLeast0, factors, fraction, range } from './numbers.js';

const perChannel = () => z.tuple([z.number(), z.number(), z.number()]);

/** Schema of `data`. */
export const data = z
  .strictObject({
    source: z
      .string()
      .min(1)
      .default('emoji-9')
      .describe(
        'what to train on: emoji-9, a folder root/class/*.jpg, a manifest, or with data.path: cub, cars, sop, in-shop, vectors',
      ),
    path: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('folder, archive or file of a data.source that is named: cub, cars, sop, in-shop, vectors'),
    partial: z
      .boolean()
      .default(false)
      .describe(
        'accept a stand-in for a published data set, or a part of it: other counts than published are no error',
      ),
    labels: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'labels of vectors: a .csv, .jsonl or .npy file, or a column of their own file; null for none',
      ),
    features: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('tensor or column that holds the vectors; null takes the only one'),
    validation: z
      .number()
      .min(0)
      .max(0.9)
      .default(0.1)
      .describe('fraction of the training classes held out to choose the best epoch, 0 to 0.9'),
  })
  .prefault({})
  .describe('the images and how they are split');

const colours = {
  brightness: factors(1, 1).describe('factor on all pixel values, [low, high]'),
  contrast: factors(1, 1).describe('factor on the distance from mid grey, [low, high]'),
  saturation: factors(1, 1).describe("factor on the distance from a pixel's own grey, [low, high]"),
  hue: atLeast0().max(0.5).default(0).describe('largest rotation of the hue either way, turns, 0 to 0.5'),
  erase: z
    .strictObject({
      probability: fraction().describe('how often, 0 to 1'),
      area: range(0.02, 0.2).describe('area as a fraction of the image, [low, high]'),
      aspect: range(0.3, 3.3).describe('width over height, [low, high]'),
    })
    .optional()
    .describe('a random rectangle set to the mean colour; never when absent'),
};
const flip = () => z.boolean().default(true).describe('mirror left and right with probability 1/2');
const noAugment = z.strictObject({ kind: z.literal('none').describe('the images as they are') });
const warpAugment = z.strictObject({
  kind: z.literal('warp').describe('one random affine map of the whole image, for small images'),
  scale: range(0.8, 1.15).describe(
    'side of the sampled window over that of the image, [low, high]; below 1 zooms in',
  ),
  shift: fraction()
    .default(0.075)
    .describe("largest shift along each axis, as a fraction of the image's side, 0 to 1"),
  rotation: atLeast0().max(Math.PI).default(0.15).describe('largest rotation either way, radians, 0 to π'),
  aspect: range(1, 1).describe('width over height of the window, drawn log-uniformly from [low, high]'),
  flip: flip(),
  border: z
    .enum(['white', 'edge'])
    .default('white')
    .describe('what lies outside the image: white, or its outermost pixels continued'),
  ...colours,
});
const cropAugment = z.strictObject({
  kind: z.literal('crop').describe('a random crop resized to the input, as the paper trains on photographs'),
  scale: range(0.2, 1).describe("area of the crop as a fraction of the image's, [low, high] in 0 to 1"),
  ratio: range(3 / 4, 4 / 3).describe('width over height of the crop, drawn log-uniformly from [low, high]'),
  flip: flip(),
  ...colours,
});

/** Schema of `images`. */
export const images = z
  .strictObject({
    size: z.int().min(4).max(4096).default(224).describe("side of the network's square input, px"),
    store: z
      .int()
      .min(4)
      .max(4096)
      .nullable()
      .default(null)
      .describe(
        'side of the decoded squares kept in memory, px, at least images.size; null decodes every time',
      ),
    resizeTo: z
      .int()
      .min(4)
      .max(8192)
      .nullable()
      .default(null)
      .describe(
        'short side before the centre crop at test time, px; null is images.size (the paper: 256 for 224)',
      ),
    mean: perChannel().default([0.5, 0.5, 0.5]).describe('subtracted from red, green, blue in 0 to 1'),
    std: z
      .tuple([above0(), above0(), above0()])
      .default([0.5, 0.5, 0.5])
      .describe('red, green, blue are divided by this after the mean is taken off, above 0'),
    fit: z
      .enum(['cover', 'contain'])
      .default('cover')
      .describe('how an image is made square: cover cuts the longer side, contain pads the shorter one'),
    augment: z
      .discriminatedUnion('kind', [noAugment, warpAugment, cropAugment])
      .describe('random changes to the training images'),
  })
  .describe('what the network sees');
