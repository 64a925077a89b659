/**
 * The vision transformer (Dosovitskiy et al. 2021) with timm's parameter names, from a tiny one that trains
 * from scratch to ViT-S/16, distilled DeiT and DINOv2. Patches → tokens, a class token (and with distillation a
 * second one), learned positions, pre-norm blocks, a last layer normalisation; the feature is made of the first
 * tokens.
 */
import { add, mul, pad, reshape, slice, type Tensor, transpose } from '../graph/index.js';
import { type Initializer, layerNorm, linear, type Scope, transformerBlock } from '../nn/index.js';
import { backbone, type FeatureExtractor } from './backbone.js';

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
  /** First value of the factors on every branch (layer scale); without it there are none. */
  readonly layerScale?: number | undefined;
  /** Whether a distillation token follows the class token (Touvron et al. 2021), and what the feature is then. */
  readonly distilled?: DistilledFeature | undefined;
  /** Whether the patch embedding keeps its first values, as in the HIER official code. */
  readonly frozenPatches?: boolean | undefined;
}

/**
 * What the feature of a distilled transformer is: the class token, the mean of class and distillation token, or
 * the class token in training and the mean in evaluation, which is what the HIER official code does.
 */
export type DistilledFeature = (typeof DISTILLED_FEATURES)[number];

/** The choices of {@link DistilledFeature}. */
export const DISTILLED_FEATURES = ['class-then-mean', 'class', 'mean'] as const;

/** ViT-S/16: 22 million parameters. */
export const VIT_SMALL: VitOptions = { patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 };

const small: Initializer = { kind: 'truncated-normal', std: 0.02 };

/** Builds a vision transformer. */
export function vit(options: VitOptions): FeatureExtractor {
  const { width, depth, heads, mlpRatio, layerScale, distilled } = options;
  const starts = distilled ? ['cls_token', 'dist_token'] : ['cls_token'];
  const mlpWidth = width * mlpRatio;
  return {
    width,
    forward: (images, scope) => {
      const patches = patchTokens(scope, images, options);
      const [batch, count] = patches.shape;
      const positions = scope.parameter('backbone.pos_embed', [1, count + starts.length, width], small);
      // The first tokens enter as the content of empty places, so nothing is repeated by batch size.
      let shared = positions;
      for (const [i, token] of starts.entries()) {
        const value = scope.parameter(`backbone.${token}`, [1, 1, width], small);
        shared = add(shared, pad(value, 1, i, count + starts.length - 1 - i));
      }
      let x = add(pad(patches, 1, starts.length, 0), shared);
      for (let i = 0; i < depth; i++) {
        // Nothing reads the patches after the last block, which is a twelfth of ViT-S.
        const first = i === depth - 1 ? starts.length : undefined;
        x = transformerBlock(scope, `backbone.blocks.${i}`, x, { heads, mlpWidth, layerScale, first });
      }
      const token = (i: number) =>
        layerNorm(scope, 'backbone.norm', reshape(slice(x, 1, i, i + 1), [batch, width]));
      const both = distilled === 'mean' || (distilled === 'class-then-mean' && !scope.training);
      return both ? mul(add(token(0), token(1)), 0.5) : token(0);
    },
  };
}

/** One token a patch: the convolution of stride = kernel, as one matrix product. `[B, 3, S, S]` → `[B, T, width]`. */
function patchTokens(
  scope: Scope,
  images: Tensor,
  { patch, width, frozenPatches: frozen = false }: VitOptions,
): Tensor {
  const [b, c, h, w] = images.shape;
  const [rows, columns] = [h / patch, w / patch];
  const cut = transpose(reshape(images, [b, c, rows, patch, columns, patch]), [0, 2, 4, 1, 3, 5]);
  const flat = reshape(cut, [b, rows * columns, c * patch * patch]);
  return linear(scope, 'backbone.patch_embed.proj', flat, width, { frozen });
}

/** The setting of whether the patch embedding is trained. */
export const frozenPatches = (value: boolean) => ({
  default: value,
  about: 'whether the patch embedding keeps its first values, as in the official code',
});

/** What is wrong with images of `size` pixels a side for a network of fixed patches; empty when nothing is. */
export function wholePatches(size: number, patch: number, name: string): string[] {
  if (size % patch === 0) return [];
  return [
    `"images.size" (${size}) must be a multiple of ${patch}, the side of a patch of "backbone.name" (${name}).`,
  ];
}

/** A small vision transformer of any size, for the registry of backbones. */
export const tinyVit = backbone({
  about: 'a small vision transformer, trained from scratch',
  takesWeights: true,
  settings: {
    patch: {
      default: 4,
      whole: true,
      least: 1,
      most: 512,
      about: 'side of a patch, px; divides images.size',
    },
    width: { default: 128, whole: true, least: 1, most: 8192, about: 'size of a token; a multiple of heads' },
    depth: { default: 4, whole: true, least: 1, most: 100, about: 'number of transformer blocks' },
    heads: { default: 4, whole: true, least: 1, most: 128, about: 'number of attention heads' },
    mlpRatio: {
      default: 4,
      above: 0,
      most: 16,
      about: "width of a block's hidden layer over its token size",
    },
    frozenPatches: frozenPatches(false),
  },
  problems: ({ patch, width, heads }, { size }) => [
    ...(size % patch === 0
      ? []
      : [`"images.size" (${size}) must be a multiple of "backbone.patch" (${patch}).`]),
    ...(width % heads === 0
      ? []
      : [`"backbone.width" (${width}) must be a multiple of "backbone.heads" (${heads}).`]),
  ],
  build: vit,
});
