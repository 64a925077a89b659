/**
 * The published networks that a recipe can name: their sizes, and how their images are normalised. Where their
 * weights come from and how those are read is in `weights/`.
 */
import type { Backbone } from './backbone.js';
import { RESNET_50, resnet } from './resnet.js';
import { type DistilledFeature, VIT_SMALL, vit } from './vit.js';

/** What a recipe may say about a published network. */
export interface PublishedOptions {
  /** Vision transformers: whether the patch embedding keeps its first values. */
  readonly frozenPatches?: boolean | undefined;
  /** `deit-s16`: what its feature is. */
  readonly feature?: DistilledFeature | undefined;
  /** `resnet50`: whether batch normalisation uses the running statistics in training too. */
  readonly frozenNorm?: boolean | undefined;
}

/** A published network. */
export interface PublishedBackbone {
  /** In a few words, with the training set of its weights. */
  readonly about: string;
  /** The image side must be a multiple of this, px. */
  readonly patch: number;
  /** Side of the images that its weights were trained on last, px. */
  readonly size: number;
  /** Taken off red, green and blue in [0, 1]; the difference is divided by `std`. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Builds the network. */
  readonly create: (options: PublishedOptions, name: string) => Backbone;
}

const halves = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

const small: PublishedBackbone['create'] = ({ frozenPatches = true }, name) =>
  vit({ ...VIT_SMALL, frozenPatches }, name);

/** Name of a published network. */
export type PublishedName = 'vit-s16' | 'deit-s16' | 'dino-s16' | 'dinov2-s14' | 'resnet50';

/** The published networks by name. */
export const PUBLISHED: Readonly<Record<PublishedName, PublishedBackbone>> = {
  'vit-s16': {
    about: 'ViT-S/16 (augreg), ImageNet-21k then ImageNet-1k',
    patch: 16,
    size: 224,
    ...halves,
    create: small,
  },
  'deit-s16': {
    about: 'DeiT-S/16 distilled, ImageNet-1k',
    patch: 16,
    size: 224,
    ...imageNet,
    create: ({ frozenPatches = true, feature = 'class-then-mean' }, name) =>
      vit({ ...VIT_SMALL, frozenPatches, distilled: feature }, name),
  },
  'dino-s16': {
    about: 'DINO ViT-S/16, ImageNet-1k without labels',
    patch: 16,
    size: 224,
    ...imageNet,
    create: small,
  },
  'dinov2-s14': {
    about: 'DINOv2 ViT-S/14, LVD-142M without labels',
    patch: 14,
    size: 518,
    ...imageNet,
    create: ({ frozenPatches = true }, name) =>
      vit({ ...VIT_SMALL, patch: 14, frozenPatches, layerScale: 1e-5 }, name),
  },
  resnet50: {
    about: 'ResNet-50 of torchvision (V1 weights), ImageNet-1k',
    patch: 1,
    size: 224,
    ...imageNet,
    create: ({ frozenNorm = true }, name) => resnet({ ...RESNET_50, frozenNorm }, name),
  },
};

/** Whether a published network has this name. */
export function isPublished(name: string): name is PublishedName {
  return Object.hasOwn(PUBLISHED, name);
}
