/**
 * The backbones by the name that recipes use. A line here makes one known to recipes, weights and training;
 * docs/extending.md shows how one is added.
 */
import { UsageError } from '../errors.js';
import { input, type Shape } from '../graph/index.js';
import { Scope } from '../nn/index.js';
import { type AnyValues, defaultsOf, type Values } from '../settings/setting.js';
import type { Backbone, FeatureExtractor } from './backbone.js';
import { type BlockPlan, blocksOf, planOf } from './blocks.js';
import { identityBackbone } from './identity.js';
import { onnxBackbone } from './imported.js';
import type { PublishedWeights } from './published.js';
import { residualCnnBackbone } from './residualCnn.js';
import { resnet50 } from './resnet.js';
import { tinyVit } from './vit.js';
import { deitS16, dinoS16, dinov2S14, vitS16 } from './vitSmall.js';

const OWN = {
  identity: identityBackbone,
  'residual-cnn': residualCnnBackbone,
  'tiny-vit': tinyVit,
  'vit-s16': vitS16,
  'deit-s16': deitS16,
  'dino-s16': dinoS16,
  'dinov2-s14': dinov2S14,
  resnet50,
  onnx: onnxBackbone,
} as const;

type Own = typeof OWN;

/** The name of a backbone. */
export type BackboneName = keyof Own;

/** The name of a backbone with published weights. */
export type PublishedName = {
  [N in BackboneName]: [NonNullable<Own[N]['published']>] extends [never] ? never : N;
}[BackboneName];

/** What hier adds to the settings of backbones. */
interface Start {
  /** Images only: where training begins, a block's name or the fraction of the blocks that stays as it is. Default 0. */
  readonly trainFrom?: number | string;
  /** Images only: augmented views of an image that are kept where a part is not trained. */
  readonly views?: number;
  /** Images only: low-rank adapters of the trained blocks; null trains the blocks themselves. */
  readonly adapters?: { readonly rank: number; readonly alpha: number } | null;
  /** What it starts from: weights by name, a safetensors file, or `none`; absent where it takes none. */
  readonly weights?: string;
}

/** A backbone chosen by its name, with all settings: `backbone` of a recipe. */
export type BackboneChoice = {
  [N in BackboneName]: { readonly name: N } & Values<Own[N]['settings']> & Start;
}[BackboneName];

/** A backbone by its name with some of its settings; the others have their defaults. */
export type BackboneOptions = {
  [N in BackboneName]: { readonly name: N } & Partial<Values<Own[N]['settings']>> & Start;
}[BackboneName];

/** Every backbone by name. */
export const BACKBONES: Readonly<Record<BackboneName, Backbone>> = OWN;

/** The names, in the registry's order. */
export const BACKBONE_NAMES = Object.keys(OWN) as BackboneName[];

/** Names of the backbones with published weights, in the registry's order. */
export const PUBLISHED_NAMES = BACKBONE_NAMES.filter((name) => BACKBONES[name].published) as PublishedName[];

/** Whether published weights have this name. */
export function isPublished(name: string): name is PublishedName {
  return (PUBLISHED_NAMES as readonly string[]).includes(name);
}

/** The published weights of a name. */
export function publishedWeights(name: PublishedName): PublishedWeights {
  return BACKBONES[name].published!;
}

/**
 * The network of a choice, with the defaults of settings that it leaves out.
 * @param backbones by name; hier's own by default
 * @throws UsageError for a backbone that is not among them
 */
export function createBackbone(
  choice: BackboneOptions,
  backbones: Readonly<Record<string, Backbone>> = BACKBONES,
): FeatureExtractor & { readonly name: string } {
  const { name, trainFrom: _, views: __, adapters: ___, weights: ____, ...given } = choice;
  const chosen = chosenBackbone(name, backbones);
  const network = chosen.build({ ...defaultsOf(chosen.settings), ...given } as AnyValues);
  const { width, blocks, apart } = network;
  return {
    name,
    width,
    ...(blocks ? { blocks } : {}),
    ...(apart ? { apart } : {}),
    forward: (input, scope) => network.forward(input, scope),
  };
}

/** What a backbone is made of. Names are those of its scope without `backbone.`. */
export interface BackboneMake {
  /** Shapes of its arrays by name, in the order in which the graph asks for them. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly plan: BlockPlan;
}

/**
 * The arrays and blocks of a backbone.
 * @param size side of the images, px
 */
export function backboneMake(
  choice: BackboneOptions,
  size: number,
  backbones?: Readonly<Record<string, Backbone>>,
): BackboneMake {
  const scope = new Scope({ training: false });
  const network = createBackbone(choice, backbones);
  network.forward(input('images', [1, 3, size, size]), scope);
  const own = (name: string) => name.slice(PREFIX.length);
  const shapes = new Map([...scope.arrays.values()].map(({ name, shape }) => [own(name), shape]));
  if (!network.blocks) return { shapes, plan: blocksOf([...shapes.keys()]) };
  return {
    shapes,
    plan: planOf(new Map([...network.blocks].map(([name, arrays]) => [name, arrays.map(own)]))),
  };
}

/** What the names of a backbone's arrays begin with in a scope. */
const PREFIX = 'backbone.';

/** The backbone of a name. Throws UsageError for one that is not among `backbones`. */
export function chosenBackbone(
  name: string,
  backbones: Readonly<Record<string, Backbone>> = BACKBONES,
): Backbone {
  if (Object.hasOwn(backbones, name)) return backbones[name];
  throw new UsageError(
    `There is no backbone "${name}" here. It is one from outside: give it with backbones: { ${name} }.`,
  );
}
