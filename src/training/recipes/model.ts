/** The part of a recipe's schema that says what is trained: the backbone and the head. */
import { z } from 'zod';
import { above0, count } from './numbers.js';

/** One whole number from 1 for each of up to eight stages. */
const stages = (sizes: number[]) => z.array(count().max(8192)).min(1).max(8).default(sizes);

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
});
const tinyVit = z.strictObject({
  name: z.literal('tiny-vit').describe('a small vision transformer, trained from scratch'),
  patch: count().max(512).default(4).describe('side of a patch, px; divides images.size'),
  width: count().max(8192).default(128).describe('size of a token; a multiple of heads'),
  depth: count().max(100).default(4).describe('number of transformer blocks'),
  heads: count().max(128).default(4).describe('number of attention heads'),
  mlpRatio: above0().max(16).default(4).describe("width of a block's hidden layer over its token size"),
});
/** Schema of `backbone`. */
export const backbone = z
  .discriminatedUnion('name', [residualCnn, tinyVit])
  .describe('the network in front of the head');

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
      .describe('c of the Poincaré ball, whose sectional curvature is -c; 0 is the flat limit'),
    riemannianGradient: z
      .boolean()
      .default(true)
      .describe('gradients at ball points are scaled by the inverse metric'),
  })
  .prefault({})
  .describe('from features to points of the ball');
