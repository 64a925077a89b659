/**
 * The vision transformer (Dosovitskiy et al. 2021) with timm's parameter names, from a tiny one that trains
 * from scratch to ViT-S/16. Patches → tokens, a class token, learned positions, pre-norm blocks; the feature is
 * the class token after the last layer normalisation.
 */
import { add, pad, reshape, slice, type Tensor, transpose } from '../graph/index.js';
import { type Initializer, layerNorm, linear, type Scope, transformerBlock } from '../nn/index.js';
import type { Backbone } from './backbone.js';

/** Sizes of the transformer. */
export interface VitOptions {
  /** Side of a square patch in pixels; divides the image side. */
  readonly patch: number;
  /** Length of a token. */
  readonly width: number;
  readonly depth: number;
  /** Attention heads; divide the width. */
  readonly heads: number;
  /** Hidden width of the MLP over the token width. */
  readonly mlpRatio: number;
}

/** ViT-S/16: 22 million parameters. */
export const VIT_SMALL: VitOptions = { patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 };

const small: Initializer = { kind: 'truncated-normal', std: 0.02 };

/** Builds a vision transformer. */
export function vit({ patch, width, depth, heads, mlpRatio }: VitOptions, name = 'vit'): Backbone {
  return {
    name,
    width,
    forward: (images, scope) => {
      const patches = patchTokens(scope, images, patch, width);
      const [batch, count] = patches.shape;
      const start = scope.parameter('backbone.cls_token', [1, 1, width], small);
      const positions = scope.parameter('backbone.pos_embed', [1, count + 1, width], small);
      // The class token enters as the content of an empty first place, so nothing is repeated by batch size.
      let x = add(pad(patches, 1, 1, 0), add(pad(start, 1, 0, count), positions));
      for (let i = 0; i < depth; i++)
        x = transformerBlock(scope, `backbone.blocks.${i}`, x, { heads, mlpWidth: width * mlpRatio });
      const last = layerNorm(scope, 'backbone.norm', reshape(slice(x, 1, 0, 1), [batch, width]));
      return last;
    },
  };
}

/** One token a patch: the convolution of stride = kernel, as one matrix product. `[B, 3, S, S]` → `[B, T, width]`. */
function patchTokens(scope: Scope, images: Tensor, patch: number, width: number): Tensor {
  const [b, c, h, w] = images.shape;
  const [rows, columns] = [h / patch, w / patch];
  const cut = transpose(reshape(images, [b, c, rows, patch, columns, patch]), [0, 2, 4, 1, 3, 5]);
  return linear(
    scope,
    'backbone.patch_embed.proj',
    reshape(cut, [b, rows * columns, c * patch * patch]),
    width,
  );
}
