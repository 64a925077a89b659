/** The part of a recipe's schema that says how features become embeddings: the head. */
import { z } from 'zod';
import { above0, count } from './numbers.js';

/** Schema of `head`. */
export const head = z
  .strictObject({
    embeddingSize: count()
      .max(65_536)
      .default(128)
      .describe('size of an embedding; with initial: whitening at most as many as there are features'),
    initial: z
      .enum(['random', 'whitening'])
      .default('random')
      .describe(
        'what the last linear layer starts from: random directions (the paper), or the closed form of the features (as they came, centred, whitened within classes, weighted by PLDA) that is best on held-out classes, for features and pretrained backbones. Features then have length 1 in front of it in place of the layer norm',
      ),
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
