/**
 * The backbones by the name that recipes use. A line here makes one known to recipes, weights and training;
 * docs/extending.md shows how one is added.
 */
import { UsageError } from '../errors.js';
import { type AnyValues, defaultsOf, type Values } from '../settings/setting.js';
import type { Backbone, FeatureExtractor } from './backbone.js';
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
  /** Images only: whether the head alone is trained, on features of the backbone as it is. */
  readonly frozen?: boolean;
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
  const { name, frozen: _, weights: __, ...given } = choice;
  const chosen = chosenBackbone(name, backbones);
  const network = chosen.build({ ...defaultsOf(chosen.settings), ...given } as AnyValues);
  return { name, width: network.width, forward: (input, scope) => network.forward(input, scope) };
}

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
