/**
 * The training steps that are measured: which recipe, batch and trainer each has. Beside a peer they are timed whole, and
 * `profile.ts` takes them apart; so what is taken apart is what is timed. Pixels are random, at hand, and cost nothing.
 */
import { importOnnx } from '../src/backbones/onnx/index.js';
import { randomStream } from '../src/random.js';
import { checkRecipe, loadRecipe, type Recipe } from '../src/recipe/load.js';
import { registryOf } from '../src/recipe/parts.js';
import { Trainer, type TrainerOptions } from '../src/training/trainer.js';
import { type Outcome, timeSteps } from './sideBySide.js';

/** The steps by name. */
export const STEP_NAMES = ['vit', 'demo', 'resnet', 'mobilenet'] as const;

/** A step's name. */
export type StepName = (typeof STEP_NAMES)[number];

/** A step that can be taken again and again. Owns threads: call `trainer.close()`. */
export interface TrainingStep {
  readonly recipe: Recipe;
  readonly trainer: Trainer;
  /** Takes it for the time of this number, from 0. */
  step(index: number): Promise<unknown>;
}

/** What a step is of, before it is opened. */
interface Work extends Pick<TrainerOptions, 'registry' | 'known'> {
  readonly recipe: Recipe;
  readonly classes: number;
  /** Class of an image of the batch. */
  readonly labelOf: (image: number) => number;
}

/** Settings that the fine-tuning steps share: Proxy Anchor alone, no clamp, no warm-up. */
const FINE_TUNING = {
  losses: { hier: { weight: 0 } },
  optimizer: { gradientClamp: null },
  schedule: { warmupEpochs: 0 },
};

/** About as many as the training classes of emoji-9 without those held out for validation. */
export const DEMO_CLASSES = 730;

const inPairs = (image: number) => Math.floor(image / 2);

const WORKS: Readonly<Record<StepName, (model: string) => Work>> = {
  vit: () => ({
    recipe: checkRecipe({
      name: 'bench-vit',
      images: { size: 224 },
      backbone: { name: 'tiny-vit', patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 },
      batch: { size: 16, imagesPerClass: 2 },
      engine: { microbatch: 4, kept: 2 },
      ...FINE_TUNING,
    }),
    classes: 8,
    labelOf: (image) => image % 8,
  }),
  demo: () => {
    const recipe = loadRecipe('demo');
    return {
      recipe,
      classes: DEMO_CLASSES,
      labelOf: (image) => Math.floor(image / recipe.batch.imagesPerClass),
    };
  },
  resnet: () => ({
    recipe: checkRecipe({
      name: 'bench-resnet',
      images: { size: 224 },
      // Weights are random: they do not change what a step costs.
      backbone: { name: 'resnet50', weights: 'none' },
      batch: { size: 16, imagesPerClass: 2 },
      ...FINE_TUNING,
    }),
    classes: 8,
    labelOf: inPairs,
  }),
  mobilenet: (model) => {
    const { backbone, values } = importOnnx(model, { size: 160 });
    const parts = { backbones: { imported: backbone } };
    const recipe = checkRecipe(
      {
        name: 'bench-mobilenet',
        images: { size: 160 },
        backbone: { name: 'imported' },
        head: { embeddingSize: 256 },
        batch: { size: 90, imagesPerClass: 2 },
        ...FINE_TUNING,
      },
      'bench',
      parts,
    );
    const known = Object.fromEntries(values) as Record<string, Float32Array>;
    return { recipe, classes: 45, labelOf: inPairs, registry: registryOf(parts), known };
  },
};

/** What {@link openStep} can be told. */
export interface StepOptions {
  /** ONNX file of the network, for the steps that want one ('mobilenet'). */
  readonly model?: string;
  /** Path that the engine's records of every operator begin with; none are made without. */
  readonly profile?: string | undefined;
}

/** The recipe of a step. */
export const recipeOf = (name: StepName, model = ''): Recipe => WORKS[name](model).recipe;

/** Opens a step: starts the replicas and makes the batch. */
export function openStep(name: StepName, { model = '', profile }: StepOptions = {}): TrainingStep {
  const { recipe, classes, labelOf, ...parts } = WORKS[name](model);
  const trainer = new Trainer(recipe, { classes, stepsPerEpoch: 1000, ...parts, profile });
  const random = randomStream(1, `${name} benchmark`);
  const { batch, images } = recipe;
  const pixels = new Float32Array(batch.size * 3 * images.size ** 2).map(() => random.normal());
  const labels = Int32Array.from({ length: batch.size }, (_, image) => labelOf(image));
  // In the last epoch every loss is at work, HIER too where it starts late.
  const epoch = recipe.schedule.epochs - 1;
  return { recipe, trainer, step: (index) => trainer.step(pixels, labels, epoch, index) };
}

/** Our side of a comparison: seconds of each of `steps` steps. */
export async function timeTraining(name: StepName, steps: number, model?: string): Promise<Outcome> {
  const { trainer, step } = openStep(name, model === undefined ? {} : { model });
  const outcome = await timeSteps(step, steps);
  await trainer.close();
  return outcome;
}
