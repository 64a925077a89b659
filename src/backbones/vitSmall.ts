/**
 * The published vision transformers of the size ViT-S: ViT-S/16, distilled DeiT-S/16, DINO and DINOv2. Sizes, settings
 * and where their weights are published; the layers are those of every vision transformer.
 */
import { backbone } from './backbone.js';
import { HALVES, IMAGENET, type PublishedWeights } from './published.js';
import { DISTILLED_FEATURES, frozenPatches, VIT_SMALL, vit, wholePatches } from './vit.js';

const timm = <const W extends Partial<PublishedWeights>>(name: string, megabytes: number, more: W) => ({
  repository: `timm/${name}`,
  file: 'model.safetensors',
  megabytes,
  size: 224,
  ...more,
});

const settings = { frozenPatches: frozenPatches(true) };

/** ViT-S/16, for the registry of backbones. */
export const vitS16 = backbone({
  about: 'ViT-S/16 (augreg), ImageNet-21k then ImageNet-1k',
  settings,
  normalisation: HALVES,
  published: timm('vit_small_patch16_224.augreg_in21k_ft_in1k', 88, { sign: 'blocks.0.attn.qkv.weight' }),
  problems: (_, { size }) => wholePatches(size, 16, 'vit-s16'),
  build: (given) => vit({ ...VIT_SMALL, ...given }),
});

/** Distilled DeiT-S/16, for the registry of backbones. */
export const deitS16 = backbone({
  about: 'DeiT-S/16 distilled, ImageNet-1k',
  settings: {
    ...settings,
    feature: {
      default: 'class-then-mean',
      oneOf: DISTILLED_FEATURES,
      about:
        'the class token, the mean of class and distillation token, or the one in training and the other in evaluation, as in the official code',
    },
  },
  normalisation: IMAGENET,
  published: timm('deit_small_distilled_patch16_224.fb_in1k', 90, { sign: 'dist_token' }),
  problems: (_, { size }) => wholePatches(size, 16, 'deit-s16'),
  build: ({ feature, ...given }) => vit({ ...VIT_SMALL, ...given, distilled: feature }),
});

/** DINO, for the registry of backbones. */
export const dinoS16 = backbone({
  about: 'DINO ViT-S/16, ImageNet-1k without labels',
  settings,
  normalisation: IMAGENET,
  published: timm('vit_small_patch16_224.dino', 87, {}),
  problems: (_, { size }) => wholePatches(size, 16, 'dino-s16'),
  build: (given) => vit({ ...VIT_SMALL, ...given }),
});

/** DINOv2, for the registry of backbones. */
export const dinov2S14 = backbone({
  about: 'DINOv2 ViT-S/14, LVD-142M without labels',
  settings,
  normalisation: IMAGENET,
  published: timm('vit_small_patch14_dinov2.lvd142m', 88, { size: 518, sign: 'blocks.0.ls1.gamma' }),
  problems: (_, { size }) => wholePatches(size, 14, 'dinov2-s14'),
  build: (given) => vit({ ...VIT_SMALL, ...given, patch: 14, layerScale: 1e-5 }),
});
