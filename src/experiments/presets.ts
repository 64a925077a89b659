/**
 * The cells of the paper's main table as recipes: four data sets, each with ViT-S, DeiT-S and DINO at 128 and 384
 * dimensions and ResNet-50 at 512. Settings are those of HIER's supplement (table 1: epochs, warm-up, learning rate
 * of the last layer, weight decay), the rest of the authors' scripts. How one is planned is not said here.
 */
import type { PublishedName } from '../backbones/index.js';
import type { BenchmarkName } from '../datasets/benchmark.js';
import { shortened, suggestion, UsageError } from '../errors.js';
import { checkRecipe, type Recipe } from '../recipe/load.js';
import { isTree, mergeTrees, parseOverrides, type RecipeTree } from '../recipe/merge.js';
import { RECALL_AT } from '../recipe/recallAt.js';
import { fraction, PUBLISHED_AT, PUBLISHED_RECALL } from './published.js';

/** Recall@K as the authors report it. */
export interface PublishedFigure {
  readonly k: number;
  /** A fraction, printed in the paper as percent with one decimal. */
  readonly recall: number;
}

/** One cell of the paper's table. */
export interface Preset {
  /** Such as `cub-dino-384`. */
  readonly name: string;
  readonly dataset: BenchmarkName;
  readonly backbone: PublishedName;
  readonly embeddingSize: number;
  readonly published: readonly PublishedFigure[];
}

/** What a data set decides. */
interface DatasetSettings {
  readonly epochs: number;
  readonly warmupEpochs: number;
  readonly weightDecay: number;
  /** Learning rate of the last layer over the backbone's, for vision transformers. */
  readonly headMultiplier: number;
  readonly everyEpochs: number;
  /** ResNet-50 has a learning rate of its own that falls by `factor` every `stepEpochs`. */
  readonly resnet: { readonly learningRate: number; readonly stepEpochs: number; readonly factor: number };
}

const birdsAndCars = { epochs: 50, warmupEpochs: 1, weightDecay: 1e-2, headMultiplier: 1, everyEpochs: 1 };
const shops = { epochs: 150, warmupEpochs: 5, weightDecay: 1e-4, headMultiplier: 100 };

const DATASETS: Readonly<Record<BenchmarkName, DatasetSettings>> = {
  cub: {
    ...birdsAndCars,
    resnet: { learningRate: 1e-4, stepEpochs: 5, factor: 0.5 },
  },
  cars: {
    ...birdsAndCars,
    resnet: { learningRate: 1e-4, stepEpochs: 10, factor: 0.5 },
  },
  sop: {
    ...shops,
    everyEpochs: 5,
    resnet: { learningRate: 6e-4, stepEpochs: 25, factor: 0.3 },
  },
  'in-shop': {
    ...shops,
    everyEpochs: 1,
    resnet: { learningRate: 6e-4, stepEpochs: 20, factor: 0.3 },
  },
};

/** What a backbone decides; ResNet-50's learning rate is its data set's. */
const BACKBONES: readonly {
  readonly short: string;
  readonly name: PublishedName;
  readonly learningRate: number | null;
  readonly sizes: readonly number[];
}[] = [
  { short: 'vit', name: 'vit-s16', learningRate: 1e-5, sizes: [128, 384] },
  { short: 'deit', name: 'deit-s16', learningRate: 1e-5, sizes: [128, 384] },
  { short: 'dino', name: 'dino-s16', learningRate: 5e-6, sizes: [128, 384] },
  { short: 'resnet', name: 'resnet50', learningRate: null, sizes: [512] },
];

/**
 * Learning rate of a loss's class proxies or centres over the base, where its authors have another than HIER's (SoftTriple:
 * 1e-2 beside 1e-4).
 */
const PROXY_RATE: Readonly<Record<string, number>> = { 'soft-triple': 100 };
const HIER_PROXY_RATE = 1e4;

/** All presets, data set by data set. */
export const PRESETS: readonly Preset[] = (Object.keys(DATASETS) as BenchmarkName[]).flatMap((dataset) =>
  BACKBONES.flatMap(({ short, name, sizes }) =>
    sizes.map((embeddingSize) => ({
      name: `${dataset}-${short}-${embeddingSize}`,
      dataset,
      backbone: name,
      embeddingSize,
      published: PUBLISHED_AT[dataset].map((k, i) => ({
        k,
        recall: fraction(PUBLISHED_RECALL[`${short}-${embeddingSize}`][dataset][i]),
      })),
    })),
  ),
);

/** The preset of a name. Throws UsageError for an unknown one. */
export function findPreset(name: string): Preset {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found) return found;
  const names = PRESETS.map((preset) => preset.name);
  throw new UsageError(
    `There is no preset "${shortened(name)}".${suggestion(name, names)} "npx hier reproduce --list" shows all ${names.length}.`,
  );
}

/**
 * The recipe of a preset, checked, with `KEY=VALUE` overrides laid over it. No training classes are held out, as in
 * the paper: the network of the last epoch is the result. The engine's part is ours, and planned for the machine.
 *
 * @throws UsageError for an unknown preset or an override that does not fit
 */
export function presetRecipe(name: string, overrides: readonly string[] = []): Recipe {
  const given = parseOverrides(overrides);
  const tree = mergeTrees(mergeTrees(presetTree(findPreset(name)), proxyRate(given)), given);
  return checkRecipe(tree, `preset "${name}"`);
}

/** The rate that the authors of another loss give its proxies, for overrides that name one. */
function proxyRate({ losses }: RecipeTree): RecipeTree {
  const loss = isTree(losses) && isTree(losses.metric) ? losses.metric.name : undefined;
  if (typeof loss !== 'string' || !Object.hasOwn(PROXY_RATE, loss)) return {};
  return { optimizer: { multipliers: { classProxies: PROXY_RATE[loss] } } };
}

function presetTree({ name, dataset, backbone, embeddingSize }: Preset): RecipeTree {
  const settings = DATASETS[dataset];
  const { epochs, warmupEpochs, weightDecay, everyEpochs, resnet } = settings;
  const { learningRate } = BACKBONES.find((one) => one.name === backbone)!;
  const isResnet = learningRate === null;
  return {
    name,
    seed: 0,
    data: { source: dataset, validation: 0 },
    images: {
      size: 224,
      resizeTo: 256,
      fit: 'cover',
      augment: { kind: 'crop', scale: isResnet ? [0.08, 1] : [0.2, 1], ratio: [3 / 4, 4 / 3], flip: true },
    },
    backbone: { name: backbone, ...(isResnet ? { frozenNorm: true } : { frozenPatches: true }) },
    head: { embeddingSize, layerNorm: true, clipRadius: 2.3, curvature: 0.1 },
    losses: {
      metric: { name: 'proxy-anchor', weight: 1 },
      // The official code draws every noise number and may draw an anchor as its own negative.
      hier: {
        weight: 0.5,
        proxies: 512,
        neighbours: 20,
        margin: 0.1,
        noise: 'exact',
        excludeSelf: false,
      },
    },
    batch: { size: 180, imagesPerClass: 2, replacement: true },
    optimizer: {
      learningRate: learningRate ?? resnet.learningRate,
      referenceBatch: 180,
      weightDecay,
      betas: [0.9, 0.999],
      epsilon: 1e-4, // what the authors' mixed precision uses
      gradientClamp: 10,
      worldSize: 2, // two GPUs: averaging halves the gradients of backbone and head
      multipliers: {
        head: isResnet ? 1 : settings.headMultiplier,
        hierarchicalProxies: 50,
        classProxies: HIER_PROXY_RATE,
      },
    },
    schedule: {
      epochs,
      warmupEpochs,
      ...(isResnet
        ? { kind: 'step', stepEpochs: resnet.stepEpochs, factor: resnet.factor }
        : { kind: 'constant' }),
    },
    evaluation: { everyEpochs, recallAt: [...RECALL_AT[dataset]] },
  };
}
