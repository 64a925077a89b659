/**
 * The schema of a recipe: every choice that decides a training run, with its type, range, default and
 * meaning. Defaults are the HIER paper's unless the text says otherwise. It only describes; reading files,
 * overrides and messages are elsewhere in this folder, and nothing here touches a disk.
 */
import { z } from 'zod';
import { DEVICES } from '../graph/device.js';
import { type ChoiceSchemas, choiceSchemas, type KeptNames } from './choices.js';
import { head } from './head.js';
import { data, imageFields } from './inputs.js';
import { above0, atLeast0, count, fraction } from './numbers.js';
import { OWN_PARTS, type Registry } from './parts.js';

const batch = z
  .strictObject({
    size: count()
      .max(1_000_000)
      .default(180)
      .describe('images a step; a multiple of imagesPerClass and replicas'),
    imagesPerClass: count().max(10_000).default(2).describe('images of each class in a batch'),
    replacement: z
      .boolean()
      .default(true)
      .describe('images of a class are drawn with replacement; false repeats one only when all were used'),
  })
  .prefault({})
  .describe('the class-balanced batches');

const optimizer = z
  .strictObject({
    learningRate: above0()
      .max(100)
      .default(1e-5)
      .describe('base learning rate: that of the backbone, above 0; 1e-5 suits a pre-trained ViT-S'),
    referenceBatch: count()
      .nullable()
      .default(180)
      .describe('learning rates are meant for this batch size and scale with batch.size; null never scales'),
    weightDecay: z
      .number()
      .min(0)
      .max(1)
      .default(1e-2)
      .describe('decoupled weight decay of all parameters, 0 to 1'),
    betas: z
      .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
      .default([0.9, 0.999])
      .describe("decay of AdamW's two running means, each in [0, 1)"),
    epsilon: above0()
      .max(1)
      .default(1e-8)
      .describe("added to AdamW's denominator, above 0; the paper's mixed precision used 1e-4"),
    gradientClamp: above0()
      .nullable()
      .default(10)
      .describe('every element of a gradient is clamped to ± this, above 0; null never clamps'),
    worldSize: count()
      .max(1024)
      .default(1)
      .describe(
        'gradients of backbone and head are divided by this, those of proxies are not: what averaging over so many GPUs does to them in the official code (its scripts use 2). AdamW notices by its epsilon alone',
      ),
    layerDecay: above0()
      .max(1)
      .default(1)
      .describe(
        'learning rate of a block of the backbone over that of the block above it, in (0, 1]; what is behind the last block has the base rate (BEiT: 0.65 to 0.9)',
      ),
    multipliers: z
      .strictObject({
        head: atLeast0()
          .default(1)
          .describe('learning rate of the last linear layer over the base (SOP, In-Shop: 100)'),
        hierarchicalProxies: atLeast0()
          .default(50)
          .describe('learning rate of the hierarchical proxies over the base'),
        classProxies: atLeast0().default(1e4).describe('learning rate of the class proxies over the base'),
      })
      .prefault({})
      .describe('learning rates of the other groups; 0 freezes one'),
  })
  .prefault({})
  .describe('AdamW');

const schedule = z
  .strictObject({
    epochs: count()
      .max(1_000_000)
      .default(50)
      .describe('epochs; one is floor(training images / batch.size) steps'),
    warmupEpochs: z.int().min(0).default(1).describe('first epochs in which the backbone is not updated'),
    rampEpochs: z
      .int()
      .min(0)
      .default(0)
      .describe('first epochs in which all learning rates rise from 0 (ours)'),
    kind: z
      .enum(['constant', 'cosine', 'step'])
      .default('constant')
      .describe('how the learning rates change: constant, one cosine fall, or a step every few epochs'),
    minimum: fraction()
      .default(0.1)
      .describe('cosine: the last learning rate as a fraction of the first, 0 to 1'),
    stepEpochs: count().default(10).describe('step: epochs between two steps'),
    factor: above0()
      .max(1)
      .default(0.5)
      .describe('step: what the learning rates are multiplied by, in (0, 1]'),
  })
  .prefault({})
  .describe('how long, and how the learning rates change');

const engine = z
  .strictObject({
    device: z
      .enum(['auto', ...DEVICES])
      .default('cpu')
      .describe(
        'what the network and its losses compute on: cpu; webgpu, cuda, coreml or dml, whose operators are compared with the processor first; auto, the first of these that agrees with it',
      ),
    threads: count().max(1024).default(2).describe('CPU threads in all, shared by the replicas'),
    replicas: count().max(1024).default(2).describe('sessions side by side, each on its part of the batch'),
    microbatch: count()
      .nullable()
      .default(null)
      .describe(
        'images that a replica computes at once, which bounds memory and leaves the gradient exact; null takes its whole part, and of a network from an ONNX file up to 4, all kept',
      ),
    kept: count()
      .default(1)
      .describe(
        'microbatches of a replica whose activations are kept for the way back; those of the others are computed again',
      ),
    keptMemory: atLeast0()
      .default(1)
      .describe(
        'GB of memory for what a part of the backbone that is not trained makes of the images; more of it is read from a file in the cache folder',
      ),
  })
  .prefault({})
  .describe('how the work is spread; results depend on replicas only through batch norm and rounding');

const evaluation = z
  .strictObject({
    everyEpochs: count().default(1).describe('epochs between two evaluations; the last epoch always has one'),
    recallAt: z
      .array(count())
      .min(1)
      .max(32)
      .default([1, 2, 4, 8])
      .describe(
        'K of Recall@K, increasing; of sop 1, 10, 100, 1000 and of in-shop 1, 10, 20, 30 where a recipe does not say',
      ),
    batch: count().max(65_536).default(180).describe('images embedded at once'),
    testCurve: z
      .boolean()
      .default(false)
      .describe(
        'also measure on the test classes, whenever evaluation is due, as the official code does; kept as test.* in the metrics. It chooses nothing: the best of many looks at the test classes is higher than what they are worth',
      ),
  })
  .prefault({})
  .describe('retrieval on held-out classes');

const snapshots = z
  .strictObject({
    epochs: z
      .array(z.int().min(0))
      .max(100)
      .default([])
      .describe(
        'epochs after which embeddings and proxies are kept for the figures (the paper: 1, 3, 5, 7, 10); 0 is before the first step, [] keeps none',
      ),
    images: count().default(2000).describe('training images embedded for a snapshot, whole classes'),
  })
  .prefault({})
  .describe('what is kept while training goes on; it changes nothing in it');

/** The variants chosen where a recipe does not say; laid under it before it is checked. */
export const defaultVariants = {
  images: { augment: { kind: 'crop' } },
  losses: { metric: { name: 'proxy-anchor' } },
};

const wholeOf = ({ metric, hier, backbone, augment }: ChoiceSchemas) =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,100}$/, { error: 'letters, digits, dots, dashes and underscores, 1 to 100 of them' })
      .describe("the run's name; letters, digits, dots, dashes and underscores; the file's name by default"),
    seed: z.int().min(0).default(0).describe('seed of all random numbers, a whole number from 0'),
    data,
    images: z.strictObject({ ...imageFields, augment }).describe('what the network sees'),
    backbone,
    head,
    losses: z.strictObject({ metric, hier }).describe('what is minimised'),
    batch,
    optimizer,
    schedule,
    engine,
    evaluation,
    snapshots,
  });

/** The zod schema of a whole recipe; {@link Recipe} is its type. */
export type RecipeSchema = ReturnType<typeof wholeOf>;

/**
 * A complete, checked description of a training run. Its types are those of hier's own parts; a recipe that names a
 * part from outside has that one's name and settings there.
 */
export type Recipe = z.infer<RecipeSchema>;

let own: RecipeSchema | undefined;

/**
 * The schema of recipes that name parts of a registry.
 * @param kept other parts, choices of which pass as they stand: for recipes that were checked before
 */
export function recipeSchema(registry: Registry = OWN_PARTS, kept: KeptNames = {}): RecipeSchema {
  if (registry === OWN_PARTS && Object.keys(kept).length === 0)
    return (own ??= wholeOf(choiceSchemas(registry)));
  return wholeOf(choiceSchemas(registry, kept));
}
