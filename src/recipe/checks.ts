/**
 * Checks of a recipe across several fields, which a schema of single fields cannot express. What depends on
 * the data (too few classes, too few images) is checked by the sampler.
 */
import { isPublished, PUBLISHED } from '../backbones/index.js';
import { METRIC_LOSSES } from '../losses/registry.js';
import type { Recipe } from './schema.js';

/** One sentence for every pair of fields that do not fit together; empty when all do. */
export function crossFieldProblems(recipe: Recipe): string[] {
  const { batch, engine, evaluation, images, backbone, schedule } = recipe;
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
    schedule.rampEpochs < schedule.epochs,
    `"schedule.rampEpochs" (${schedule.rampEpochs}) must be below "schedule.epochs" (${schedule.epochs}).`,
  );
  must(
    metric.weight > 0 || hier.weight > 0,
    '"losses.metric.weight" and "losses.hier.weight" are both 0: nothing would be learned.',
  );
  const { leastImagesPerClass = 1 } = METRIC_LOSSES[metric.name];
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
  if (images.augment.kind === 'crop')
    must(
      images.augment.scale[1] <= 1,
      `"images.augment.scale" ([${images.augment.scale.join(', ')}]) must not be above 1: a crop is a part of its image.`,
    );
  if (isFrozen(recipe))
    must(
      images.augment.kind === 'none',
      `"images.augment.kind" (${images.augment.kind}) must be none: with "backbone.frozen" every image is embedded once.`,
    );
  if (backbone.name === 'residual-cnn') {
    const stages = backbone.widths.length;
    for (const key of ['blocks', 'bottleneck'] as const)
      must(
        backbone[key].length === stages,
        `"backbone.widths" has ${stages} stages and "backbone.${key}" ${backbone[key].length}: they must be equally many.`,
      );
    must(
      images.size % 2 ** (1 + stages) === 0,
      `"images.size" (${images.size}) must be a multiple of ${2 ** (1 + stages)}: the image is halved once and again by each of the ${stages} stages of "backbone.widths".`,
    );
  }
  if (isPublished(backbone.name)) {
    const { patch } = PUBLISHED[backbone.name];
    must(
      images.size % patch === 0,
      `"images.size" (${images.size}) must be a multiple of ${patch}, the side of a patch of "backbone.name" (${backbone.name}).`,
    );
  }
  if (backbone.name === 'tiny-vit') {
    must(
      images.size % backbone.patch === 0,
      `"images.size" (${images.size}) must be a multiple of "backbone.patch" (${backbone.patch}).`,
    );
    must(
      backbone.width % backbone.heads === 0,
      `"backbone.width" (${backbone.width}) must be a multiple of "backbone.heads" (${backbone.heads}).`,
    );
  }
  return problems;
}

/** Whether a recipe trains the head alone, on features of its backbone as it is. */
export function isFrozen({ backbone }: Recipe): boolean {
  return 'frozen' in backbone && backbone.frozen;
}
