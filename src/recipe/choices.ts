/**
 * The parts of a recipe's schema that choose a loss, a backbone or an augmentation and set it, read off the registry.
 * What a stored recipe has chosen and is not there can be let through as it stands.
 */
import { z } from 'zod';
import type { Backbone, BackboneChoice } from '../backbones/index.js';
import type { AugmentChoice } from '../images/augment.js';
import { HIER_SETTINGS, type HierSettings } from '../losses/hier.js';
import type { MetricChoice } from '../losses/registry.js';
import { settingSchemas } from '../settings/index.js';
import { isTree, type RecipeTree } from './merge.js';
import { above0, atLeast0, count } from './numbers.js';
import { NO_AUGMENTATION, type Registry } from './parts.js';

/** `images.augment`: an augmentation with its settings, or the images as they are. */
export type AugmentField = AugmentChoice | { readonly kind: 'none' };

/** The fields of a recipe that depend on the registry. */
export interface ChoiceSchemas {
  readonly metric: z.ZodType<MetricChoice, MetricChoice>;
  readonly hier: z.ZodType<HierSettings, HierSettings>;
  readonly backbone: z.ZodType<BackboneChoice, BackboneChoice>;
  readonly augment: z.ZodType<AugmentField, AugmentField>;
}

/** Names of parts that are not in the registry, by kind; a choice of one is let through unchecked. */
export type KeptNames = { readonly [K in keyof Registry]?: string };

/** Schemas of the choices. */
export function choiceSchemas(registry: Registry, kept: KeptNames = {}): ChoiceSchemas {
  const choice = (key: 'name' | 'kind', variants: readonly z.ZodObject[], name: string | undefined) => {
    const stored = name === undefined ? [] : [z.looseObject({ [key]: z.literal(name) })];
    return z.discriminatedUnion(key, [...variants, ...stored] as [z.ZodObject, ...z.ZodObject[]]);
  };
  const losses = Object.entries(registry.losses).map(([name, { about, settings }]) =>
    z.strictObject({
      name: z.literal(name).describe(about),
      ...settingSchemas(settings),
      weight: atLeast0().default(1).describe('factor in the total loss, λ1; 0 leaves this loss out'),
    }),
  );
  const backbones = Object.entries(registry.backbones).map(([name, part]) =>
    z.strictObject({
      name: z.literal(name).describe(part.about),
      ...settingSchemas(part.settings),
      ...startOf(name, part),
    }),
  );
  const augmentations = Object.entries(registry.augmentations).map(([kind, { about, settings }]) =>
    z.strictObject({ kind: z.literal(kind).describe(about), ...settingSchemas(settings) }),
  );
  const none = z.strictObject({ kind: z.literal(NO_AUGMENTATION).describe('the images as they are') });
  const schemas = {
    metric: choice('name', losses, kept.losses).describe('the metric-learning loss on class labels'),
    hier: z.strictObject(settingSchemas(HIER_SETTINGS)).prefault({}).describe('the hierarchical regularizer'),
    backbone: choice('name', backbones, kept.backbones).describe('the network in front of the head'),
    augment: choice('kind', [none, ...augmentations], kept.augmentations).describe(
      'random changes to the training images',
    ),
  };
  return schemas as unknown as ChoiceSchemas;
}

/** The parts that an unchecked recipe chooses and a registry does not have. */
export function unknownNames({ losses, backbone, images }: RecipeTree, registry: Registry): KeptNames {
  const inner = (tree: unknown, key: string) => (isTree(tree) ? tree[key] : undefined);
  const chosen = {
    losses: inner(inner(losses, 'metric'), 'name'),
    backbones: inner(backbone, 'name'),
    augmentations: inner(inner(images, 'augment'), 'kind'),
  };
  const isUnknown = ([kind, name]: [string, unknown]) =>
    typeof name === 'string' &&
    name !== NO_AUGMENTATION &&
    !Object.hasOwn(registry[kind as keyof Registry], name);
  return Object.fromEntries(Object.entries(chosen).filter(isUnknown));
}

/** What a recipe means where it does not say: images are normalised as the backbone has learned them. */
export function backboneDefaults(given: unknown, { backbones }: Registry): RecipeTree {
  const name = isTree(given) ? given.name : undefined;
  const normalisation =
    typeof name === 'string' && Object.hasOwn(backbones, name) && backbones[name].normalisation;
  if (!normalisation) return {};
  return { images: { mean: [...normalisation.mean], std: [...normalisation.std] } };
}

/** What every backbone of images can be told beside its own settings. */
function startOf(name: string, { takes, takesWeights, published }: Backbone): Record<string, z.ZodType> {
  if (takes === 'vectors') return {};
  const weights = z
    .string()
    .min(1)
    .default(published ? name : 'none')
    .describe(
      'what the network starts from: weights that "hier weights get" has fetched, by name; a safetensors file; or none, random values',
    );
  return published || takesWeights ? { weights, ...TRAINED_PART } : TRAINED_PART;
}

/** Which part of a backbone is trained, and how. */
const TRAINED_PART: Record<string, z.ZodType> = {
  trainFrom: z
    .union([z.number().min(0).max(1), z.string().min(1)], {
      error: 'the name of a block or a number from 0 to 1',
    })
    .default(0)
    .describe(
      'where training begins: a block by its name, such as blocks.10 or layer4, or the fraction of the blocks that stays as it is; 0 trains everything, 1 the head alone. What is in front is computed once for every image and kept',
    ),
  views: count()
    .max(1000)
    .default(4)
    .describe(
      'with trainFrom and an augmentation: augmented views of each training image that are kept; every epoch draws one of them',
    ),
  adapters: z
    .strictObject({
      rank: count().max(4096).default(8).describe('rank of what is added to a matrix'),
      alpha: above0().max(1e6).default(16).describe('factor of what is added, over the rank, above 0'),
    })
    .nullable()
    .default(null)
    .describe(
      'train low-rank adapters (LoRA) of the matrices of the trained blocks, and nothing else in them: { rank, alpha }; they are merged when training ends. null trains the blocks themselves',
    ),
};

/** A backbone as older recipes say it: `frozen: true` is `trainFrom: 1`. */
export function withoutFrozen(backbone: unknown): unknown {
  if (!isTree(backbone) || typeof backbone.frozen !== 'boolean') return backbone;
  const { frozen, ...rest } = backbone;
  if (!frozen) return rest;
  return 'trainFrom' in rest ? backbone : { ...rest, trainFrom: 1 };
}
