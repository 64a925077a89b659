/**
 * The augmentations by the name that recipes and loaders use, and making a chosen one ready. A line here makes one
 * known to both; docs/extending.md shows how one is added. The test transform is not made here.
 */
import { UsageError } from '../errors.js';
import type { AnyValues, Values } from '../settings/setting.js';
import type { Augmentation, Augmenter } from './augmentation.js';
import { cropAugmentation } from './augmentations/crop.js';
import { warpAugmentation } from './augmentations/warp.js';
import { type FitOptions, fitSquare } from './fit.js';
import { type Normalisation, normalisationTable, writeNormalised } from './normalise.js';

const OWN = { warp: warpAugmentation, crop: cropAugmentation } as const;
type Own = typeof OWN;

/** The name of an augmentation. */
export type AugmentationName = keyof Own;

/** An augmentation chosen by its name, with all settings. */
export type AugmentChoice = {
  [N in AugmentationName]: { readonly kind: N } & Values<Own[N]['settings']>;
}[AugmentationName];

/** Settings that may be left out, or be undefined. */
type Some<V> = { readonly [K in keyof V]?: V[K] | undefined };

/**
 * What varies between two looks at an image. `warp`: one affine map of the whole image, for small images;
 * `crop`: random resized crop, as the HIER paper trains on photographs. What is left out has its default.
 */
export type AugmentOptions = {
  [N in AugmentationName]: { readonly kind: N } & Some<Values<Own[N]['settings']>>;
}[AugmentationName];

/** Augmentations by name. */
export type Augmentations = Readonly<Record<string, Augmentation>>;

/** Every augmentation by name. */
export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = OWN;

/**
 * A function that writes a random variant of a raster, normalised, as `[3, size, size]` into a target. The
 * result depends on the raster and the stream only. `warp` needs square rasters.
 */
export function augmenter(
  choice: AugmentChoice,
  size: number,
  normalisation: Normalisation,
  { definition, ...how }: Omit<FitOptions, 'resizeTo'> & { readonly definition?: Augmentation } = {},
): Augmenter {
  const { kind, ...settings } = choice;
  const table = normalisationTable(normalisation);
  return (definition ?? chosenAugmentation(kind)).build(settings as AnyValues, {
    size,
    normalisation,
    filter: how.filter,
    write: (raster, target, offset) => writeNormalised(fitSquare(raster, size, how), table, target, offset),
  });
}

/** The augmentation of a name. Throws UsageError for one that is not among `augmentations`. */
export function chosenAugmentation(kind: string, augmentations: Augmentations = AUGMENTATIONS): Augmentation {
  if (Object.hasOwn(augmentations, kind)) return augmentations[kind];
  throw new UsageError(
    `There is no augmentation "${kind}" here. It is one from outside: give it with augmentations: { ${kind} }.`,
  );
}
