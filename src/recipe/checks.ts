/**
 * Checks of a recipe across several fields, which a schema of single fields cannot express. What depends on
 * the data (too few classes, too few images) is checked by the sampler.
 */
import { BACKBONES, backboneMake, trainedArrays } from '../backbones/index.js';
import { UsageError } from '../errors.js';
import type { AnyValues } from '../settings/index.js';
import { OWN_PARTS, type Registry } from './parts.js';
import type { Recipe } from './schema.js';

/**
 * One sentence for every pair of fields that do not fit together; empty when all do. Settings of parts that are not in
 * the registry are not looked at; in a recipe that was checked before it was stored, neither are blocks of its backbone,
 * whose file may be gone.
 */
export function crossFieldProblems(
  recipe: Recipe,
  registry: Registry = OWN_PARTS,
  { isStored = false }: { readonly isStored?: boolean } = {},
): string[] {
  const { batch, engine, evaluation, images, schedule } = recipe;
  const { hier, metric } = recipe.losses;
  const problems: string[] = [];
  const must = (holds: boolean, sentence: string) => {
    if (!holds) problems.push(sentence);
  };

  must(
    batch.size % batch.imagesPerClass === 0,
    `"batch.size" (${batch.size}) must be a multiple of "batch.imagesPerClass" (${batch.imagesPerClass}).`,
  );
  must(
    batch.size >= 2 * batch.imagesPerClass,
    `"batch.size" (${batch.size}) must hold two classes or more of "batch.imagesPerClass" (${batch.imagesPerClass}) images.`,
  );
  must(
    batch.size % engine.replicas === 0,
    `"batch.size" (${batch.size}) must be a multiple of "engine.replicas" (${engine.replicas}).`,
  );
  if (engine.microbatch !== null)
    must(
      batch.size % (engine.replicas * engine.microbatch) === 0,
      `"batch.size" (${batch.size}) must be a multiple of "engine.replicas" (${engine.replicas}) times "engine.microbatch" (${engine.microbatch}).`,
    );
  must(
    schedule.warmupEpochs <= schedule.epochs,
    `"schedule.warmupEpochs" (${schedule.warmupEpochs}) must not be above "schedule.epochs" (${schedule.epochs}).`,
  );
  must(
    schedule.rampEpochs <= schedule.epochs,
    `"schedule.rampEpochs" (${schedule.rampEpochs}) must not be above "schedule.epochs" (${schedule.epochs}).`,
  );
  must(
    metric.weight > 0 || hier.weight > 0,
    '"losses.metric.weight" and "losses.hier.weight" are both 0: nothing would be learned.',
  );
  const { leastImagesPerClass = 1 } = registry.losses[metric.name] ?? {};
  if (metric.weight > 0)
    must(
      batch.imagesPerClass >= leastImagesPerClass,
      `"batch.imagesPerClass" (${batch.imagesPerClass}) must be at least ${leastImagesPerClass}: the loss "${metric.name}" compares images of one class.`,
    );
  must(
    hier.weight === 0 || hier.proxies >= engine.replicas,
    `"losses.hier.proxies" (${hier.proxies}) must not be below "engine.replicas" (${engine.replicas}), over which they are spread.`,
  );
  if (hier.weight > 0)
    for (const [name, most] of [
      ['losses.hier.proxies', hier.proxies],
      ['batch.size', batch.size],
    ] as const)
      must(
        hier.neighbours <= most,
        `"losses.hier.neighbours" (${hier.neighbours}) must not be above "${name}" (${most}).`,
      );
  must(
    evaluation.recallAt.every((k, i, all) => i === 0 || k > all[i - 1]),
    `"evaluation.recallAt" ([${evaluation.recallAt.join(', ')}]) must be increasing.`,
  );

  if (images.store !== null)
    must(
      images.store >= images.size,
      `"images.store" (${images.store}) must not be below "images.size" (${images.size}).`,
    );
  if (images.resizeTo !== null)
    must(
      images.resizeTo >= images.size,
      `"images.resizeTo" (${images.resizeTo}) must not be below "images.size" (${images.size}).`,
    );
  const { crossValidation, validation } = recipe.data;
  must(
    crossValidation !== 1,
    '"data.crossValidation" is 1: give 2 parts of the classes or more, or 0 for none.',
  );
  must(
    crossValidation === 0 || validation > 0 || recipe.head.initial === 'whitening',
    `"data.crossValidation" (${crossValidation}) chooses where a head starts: it needs "head.initial" whitening, or must be 0.`,
  );
  must(
    crossValidation === 0 || validation > 0 || takesVectors(recipe) || recipe.backbone.trainFrom === 1,
    `"data.crossValidation" (${crossValidation}) is for feature vectors and for "backbone.trainFrom" 1. Hold classes out with "data.validation" instead.`,
  );
  problems.push(...partProblems(recipe, registry));
  if (problems.length === 0 && !isStored) problems.push(...blockProblems(recipe, registry));
  return problems;
}

/** What the other fields ask of `batch.size`: that it is a multiple of `unit`, and not below `least`. */
export function batchRules({ batch, engine, losses }: Recipe): { unit: number; least: number } {
  const share = engine.replicas * (engine.microbatch ?? 1);
  const unit = (batch.imagesPerClass * share) / greatestDivisor(batch.imagesPerClass, share);
  const neighbours = losses.hier.weight > 0 ? losses.hier.neighbours : 0;
  return { unit, least: Math.max(2 * batch.imagesPerClass, neighbours) };
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** What the chosen backbone and augmentation find wrong with their settings. */
function partProblems({ images, backbone }: Recipe, registry: Registry): string[] {
  const { name, trainFrom: _, views: __, adapters: ___, weights: ____, ...ofBackbone } = backbone;
  const { kind, ...ofAugmentation } = images.augment;
  return [
    ...(registry.augmentations[kind]?.problems?.(ofAugmentation as AnyValues) ?? []),
    ...(registry.backbones[name]?.problems?.(ofBackbone as AnyValues, { size: images.size }) ?? []),
  ];
}

/** What is wrong with the block that training begins at, or with adapters of it. */
function blockProblems({ images, backbone }: Recipe, { backbones }: Registry): string[] {
  const { trainFrom = 0, adapters = null } = backbone;
  const needsNames = typeof trainFrom === 'string' || (adapters !== null && trainFrom !== 1);
  if (!needsNames || !Object.hasOwn(backbones, backbone.name)) return [];
  try {
    const { shapes, plan } = backboneMake(backbone, images.size, backbones);
    const trained = trainedArrays(plan, trainFrom);
    if (adapters === null || [...shapes].some(([name, shape]) => trained.has(name) && shape.length === 2))
      return [];
    return [
      `"backbone.adapters" must be null: the trained blocks of "${backbone.name}" have no matrices, which adapters are for.`,
    ];
  } catch (error) {
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

/** Whether a part of a recipe's backbone may stay as it is, so that what it makes of the images can be kept. */
export function isFrozen({ backbone: { trainFrom = 0 } }: Pick<Recipe, 'backbone'>): boolean {
  return trainFrom !== 0;
}

/**
 * Whether a recipe takes feature vectors in place of images. A backbone that is not among hier's own takes images,
 * since those from outside do.
 */
export function takesVectors({ backbone }: Pick<Recipe, 'backbone'>): boolean {
  return Object.hasOwn(BACKBONES, backbone.name) && BACKBONES[backbone.name].takes === 'vectors';
}
