/** The part of a recipe's schema that says what is trained: the backbone and the head. */
import { z } from 'zod';
import { DISTILLED_FEATURES, isPublished, PUBLISHED, type PublishedName } from '../backbones/index.js';
import { isTree, type RecipeTree } from './merge.js';
import { above0, count } from './numbers.js';

/** One whole number from 1 for each of up to eight stages. */
const stages = (sizes: number[]) => z.array(count().max(8192)).min(1).max(8).default(sizes);

const frozen = () =>
  z
    .boolean()
    .default(false)
    .describe(
      'leave the backbone as it is: every image is embedded by it once, and the head is trained on the features',
    );

/** What a network starts from. */
const weights = (fallback: string) =>
  z
    .string()
    .min(1)
    .default(fallback)
    .describe(
      'what the network starts from: weights that "hier weights get" has fetched, by name; a safetensors file; or none, random values',
    );

const frozenPatches = (fallback: boolean) =>
  z
    .boolean()
    .default(fallback)
    .describe('whether the patch embedding keeps its first values, as in the official code');

const identity = z.strictObject({
  name: z.literal('identity').describe('none: the data are feature vectors of any model'),
  width: count()
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('numbers in a feature vector; null takes it from the data'),
});
const residualCnn = z.strictObject({
  name: z.literal('residual-cnn').describe('residual convolutions with batch norm, trained from scratch'),
  patch: count().max(4096).default(16).describe('channels after the first halving of the image'),
  stem: count().max(4096).default(32).describe('channels of the 3×3 convolution that follows'),
  widths: stages([48, 96, 192]).describe('channels of each stage; each halves the image'),
  blocks: z
    .array(z.int().min(0).max(100))
    .min(1)
    .max(8)
    .default([1, 1, 1])
    .describe('residual blocks of each stage'),
  bottleneck: stages([24, 48, 96]).describe('channels inside the blocks of each stage'),
  features: z
    .enum(['last', 'all'])
    .default('last')
    .describe('what is pooled into the feature: the last stage, or all of them one after the other'),
  frozen: frozen(),
});
const tinyVit = z.strictObject({
  name: z.literal('tiny-vit').describe('a small vision transformer, trained from scratch'),
  patch: count().max(512).default(4).describe('side of a patch, px; divides images.size'),
  width: count().max(8192).default(128).describe('size of a token; a multiple of heads'),
  depth: count().max(100).default(4).describe('number of transformer blocks'),
  heads: count().max(128).default(4).describe('number of attention heads'),
  mlpRatio: above0().max(16).default(4).describe("width of a block's hidden layer over its token size"),
  weights: weights('none'),
  frozen: frozen(),
  frozenPatches: frozenPatches(false),
});
const published = <Name extends PublishedName>(name: Name) => ({
  name: z.literal(name).describe(PUBLISHED[name].about),
  weights: weights(name),
  frozen: frozen(),
});
const vitSmall = z.strictObject({ ...published('vit-s16'), frozenPatches: frozenPatches(true) });
const dino = z.strictObject({ ...published('dino-s16'), frozenPatches: frozenPatches(true) });
const dinov2 = z.strictObject({ ...published('dinov2-s14'), frozenPatches: frozenPatches(true) });
const deit = z.strictObject({
  ...published('deit-s16'),
  frozenPatches: frozenPatches(true),
  feature: z
    .enum(DISTILLED_FEATURES)
    .default('class-then-mean')
    .describe(
      'the class token, the mean of class and distillation token, or the one in training and the other in evaluation, as in the official code',
    ),
});
const resnet50 = z.strictObject({
  ...published('resnet50'),
  frozenNorm: z
    .boolean()
    .default(true)
    .describe(
      'whether batch norm uses the running statistics in training too; scales and shifts still train',
    ),
});
/** Schema of `backbone`. */
export const backbone = z
  .discriminatedUnion('name', [identity, residualCnn, tinyVit, vitSmall, deit, dino, dinov2, resnet50])
  .describe('the network in front of the head');

/** What a recipe means where it does not say: published networks have their images normalised their own way. */
export function backboneDefaults(given: unknown): RecipeTree {
  const name = isTree(given) ? given.name : undefined;
  if (typeof name !== 'string' || !isPublished(name)) return {};
  const { mean, std } = PUBLISHED[name];
  return { images: { mean: [...mean], std: [...std] } };
}

/** Schema of `head`. */
export const head = z
  .strictObject({
    embeddingSize: count().max(65_536).default(128).describe('size of an embedding'),
    layerNorm: z
      .boolean()
      .default(true)
      .describe('a layer norm without parameters in front of the last linear layer'),
    clipRadius: above0()
      .default(2.3)
      .describe('longest tangent vector, above 0; longer ones are shortened before the exponential map'),
    curvature: z
      .number()
      .min(0)
      .max(100)
      .default(0.1)
      .describe(
        'c of the Poincaré ball, whose sectional curvature is -c; 0 is the unit sphere with cosine order',
      ),
    riemannianGradient: z
      .boolean()
      .default(true)
      .describe('gradients at ball points are scaled by the inverse metric'),
  })
  .prefault({})
  .describe('from features to points of the ball');
