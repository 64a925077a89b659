/** The part of a recipe's schema that says what the network sees: data set and images. */
import { z } from 'zod';
import { FITS } from '../images/fit.js';
import { RESAMPLE_FILTERS } from '../images/resize.js';
import { float32 } from '../settings/index.js';
import { above0 } from './numbers.js';

const perChannel = () => z.tuple([float32(), float32(), float32()]);

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
        'accept a stand-in for a published data set, or a part of it: other counts than published are not an error',
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
    crossValidation: z
      .int()
      .min(0)
      .max(20)
      .default(0)
      .describe(
        'with head.initial: whitening, over features or a backbone that is not trained, and validation: 0: parts of the training classes, each held out in turn to choose the closed form and the epochs of the head; then all classes are trained on. 0 for none, else 2 or more',
      ),
    finalFit: z
      .boolean()
      .default(false)
      .describe(
        'with validation: once the best epoch is known, start again and train on all training classes, those held out among them, for as many epochs',
      ),
  })
  .prefault({})
  .describe('the images and how they are split');

/** Fields of `images`, without `augment`, which the registry decides. */
export const imageFields = {
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
      'short side before the centre crop at test time, px (contain: long side; fill: both); null is images.size (the paper: 256 for 224)',
    ),
  mean: perChannel().default([0.5, 0.5, 0.5]).describe('subtracted from red, green, blue in 0 to 1'),
  std: z
    .tuple([above0(), above0(), above0()])
    .default([0.5, 0.5, 0.5])
    .describe('red, green, blue are divided by this after the mean is taken off, above 0'),
  fit: z
    .enum(FITS)
    .default('cover')
    .describe(
      'how an image is made square: cover cuts the longer side, contain pads the shorter one, fill squeezes both',
    ),
  filter: z
    .enum(RESAMPLE_FILTERS)
    .default('bicubic')
    .describe('how pixels are interpolated when an image is resized, as Pillow does by this name'),
};
