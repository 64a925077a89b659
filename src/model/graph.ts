/**
 * The embedding network of a recipe, backbone and head, as a graph over a batch of a fixed size, in its training or its
 * evaluation form, with what is trained told from what stays as it is. Models are made of it elsewhere.
 */
import {
  type BackboneChoice,
  backboneMake,
  createBackbone,
  type FeatureExtractor,
  trainedArrays,
} from '../backbones/index.js';
import { input, type Shape, type Tensor } from '../graph/index.js';
import { head, mergeAdapters, Scope } from '../nn/index.js';
import { takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import { OWN_PARTS, type Registry } from '../recipe/parts.js';

/**
 * What a network takes: images; what the part of its backbone that is not trained makes of them; or feature vectors of
 * this length.
 */
export type NetworkInput = 'images' | 'frontier' | { readonly features: number };

/** What the network of a recipe takes. Throws UsageError when the length of its vectors is not known. */
export function networkInput(recipe: Recipe): Exclude<NetworkInput, 'frontier'> {
  return takesVectors(recipe) ? { features: createBackbone(recipe.backbone).width } : 'images';
}

/** Options of the graphs of a network. */
export interface NetworkOptions {
  /** What it takes when that is not what its recipe says. Feature vectors leave the backbone out. */
  readonly input?: NetworkInput | undefined;
  /** The parts that the recipe can name; hier's own by default. */
  readonly registry?: Registry | undefined;
}

/** A batch size that stands for any: prime, and larger than any other dimension is likely to divide. */
export const ANY_BATCH = 1_000_003;

/** The arrays of a trained network without adapters: these are merged into their matrices. */
export function withoutAdapters(
  { backbone: { adapters = null } }: Pick<Recipe, 'backbone'>,
  arrays: Readonly<Record<string, Float32Array>>,
): Readonly<Record<string, Float32Array>> {
  return adapters === null ? arrays : mergeAdapters(arrays, adapters);
}

/** Shape of a batch of network inputs. */
export function imageShape(recipe: Recipe, count: number): Shape {
  return [count, 3, recipe.images.size, recipe.images.size];
}

/**
 * The backbone of a recipe.
 * @throws UsageError when it is not in the registry
 */
export function backboneOf(
  { backbone }: { readonly backbone: BackboneChoice },
  { backbones }: Registry = OWN_PARTS,
): FeatureExtractor {
  return createBackbone(backbone, backbones);
}

/** A network over a batch of a fixed size, as a graph. */
export interface NetworkGraph {
  readonly scope: Scope;
  /** What it takes. */
  readonly input: Tensor;
  /** What its backbone gives, `[B, width]`. */
  readonly features: Tensor;
  /** `[B, d]`. */
  readonly embeddings: Tensor;
}

/** Options of {@link networkGraph}. */
export interface GraphOptions extends NetworkOptions {
  readonly training: boolean;
  /** Whether the parts that the recipe trains are told from the others, and have their adapters. Default true. */
  readonly isDivided?: boolean;
}

/** The network over a batch of `count` images or feature vectors. */
export function networkGraph(recipe: Recipe, count: number, options: GraphOptions): NetworkGraph {
  const { input: taken = networkInput(recipe), registry, training, isDivided = true } = options;
  const graph = (scope: Scope, input: Tensor, features: Tensor): NetworkGraph => {
    const options = { ...recipe.head, hasPower: takesVectors(recipe) };
    return { scope, input, features, embeddings: head(scope, features, options) };
  };
  if (typeof taken === 'object') {
    const features = input('features', [count, taken.features]);
    return graph(new Scope({ training }), features, features);
  }
  const scope = isDivided ? dividedScope(recipe, training, registry) : new Scope({ training });
  const images = input('images', imageShape(recipe, count));
  return graph(scope, images, backboneOf(recipe, registry).forward(images, scope));
}

/**
 * A scope that trains what the recipe trains: what is in front of `backbone.trainFrom` stays as it is and has its
 * evaluation form; with adapters the trained blocks stay as well, and their adapters are trained.
 */
function dividedScope(recipe: Recipe, training: boolean, registry: Registry = OWN_PARTS): Scope {
  const { trainFrom = 0, adapters = null } = recipe.backbone;
  if (trainFrom === 0 && adapters === null) return new Scope({ training });
  const { plan } = backboneMake(recipe.backbone, recipe.images.size, registry.backbones);
  const names = [...trainedArrays(plan, trainFrom)].map((name) => `backbone.${name}`);
  const trained = new Set(names);
  return new Scope({
    // A feature may be made otherwise in training: not by a backbone that is not trained at all.
    training: training && trained.size > 0,
    isTrained: (name) => !name.startsWith('backbone.') || (adapters === null && trained.has(name)),
    ...(adapters === null
      ? {}
      : { adapters: { ...adapters, isAdapted: (name, shape) => shape.length === 2 && trained.has(name) } }),
  });
}
