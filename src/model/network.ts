/**
 * The embedding network of a recipe, backbone and head, as the graphs that training and evaluation run: forward
 * and backward over one microbatch, and the evaluation form. The losses are not part of it.
 */
import { type BackboneChoice, createBackbone, type FeatureExtractor } from '../backbones/index.js';
import {
  buildModel,
  gradientsOf,
  input,
  keptBetween,
  type Model,
  type Shape,
  type Tensor,
  type TensorData,
} from '../graph/index.js';
import { type ArraySpec, head, Scope } from '../nn/index.js';
import { takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import { OWN_PARTS, type Registry } from '../recipe/parts.js';

/** What a network takes: images, or feature vectors of this length. */
export type NetworkInput = 'images' | { readonly features: number };

/** What the network of a recipe takes. Throws UsageError when the length of its vectors is not known. */
export function networkInput(recipe: Recipe): NetworkInput {
  return takesVectors(recipe) ? { features: createBackbone(recipe.backbone).width } : 'images';
}

/** Options of the graphs of a network. */
export interface NetworkOptions {
  /** What it takes when that is not what its recipe says: feature vectors leave the backbone out. */
  readonly input?: NetworkInput | undefined;
  /** The parts that the recipe can name; hier's own by default. */
  readonly registry?: Registry | undefined;
}

/** The models over one microbatch of M images, and the arrays they share. */
export interface EmbedderModels {
  /** Parameters and running statistics. */
  readonly arrays: readonly ArraySpec[];
  /** `images` (or `features`) + arrays → `embeddings` `[M, d]`, `observed/BUFFER` statistics, `kept/N` for the way back. */
  readonly forward: Model;
  /** `embeddings_gradient` `[M, d]` + kept + arrays → `gradient/PARAMETER`, right in order but not in shape. */
  readonly backward: Model;
  /** `images` (or `features`) + arrays → `embeddings`, with running statistics. */
  readonly evaluate: Model;
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

/** Adds the network over a batch of `count` images or feature vectors to a graph. */
function embed(recipe: Recipe, count: number, scope: Scope, options: NetworkOptions): Tensor {
  const { input: taken = networkInput(recipe), registry } = options;
  if (taken !== 'images') return head(scope, input('features', [count, taken.features]), recipe.head);
  const images = input('images', imageShape(recipe, count));
  return head(scope, backboneOf(recipe, registry).forward(images, scope), recipe.head);
}

/** The training and evaluation models of a recipe. */
export function embedderModels(
  recipe: Recipe,
  microbatch: number,
  options: NetworkOptions = {},
): EmbedderModels {
  const scope = new Scope({ training: true });
  const embeddings = embed(recipe, microbatch, scope, options);
  const observed = Object.fromEntries(scope.observations.map((o) => [`observed/${o.buffer}`, o.value]));

  const parameters = scope.parameters;
  const arriving = input('embeddings_gradient', embeddings.shape);
  const gradients = gradientsOf(
    [embeddings],
    parameters.map((p) => p.tensor),
    [arriving],
  );
  const first = [embeddings, ...Object.values(observed)];
  const kept = keptBetween(first, gradients);
  const keptNames = new Map(kept.map((tensor, i) => [tensor, `kept/${i}`]));
  const forward = buildModel({
    outputs: {
      embeddings,
      ...observed,
      ...Object.fromEntries(kept.map((tensor, i) => [`kept/${i}`, tensor])),
    },
  });
  const backward = buildModel({
    outputs: Object.fromEntries(parameters.map((p, i) => [`gradient/${p.name}`, unshaped(gradients[i])])),
    given: keptNames,
  });
  return {
    arrays: [...scope.arrays.values()],
    forward,
    backward,
    evaluate: evaluationModel(recipe, options),
  };
}

/** The same values in whatever shape they were computed: a last reshape would cost the engine a copy. */
function unshaped(tensor: Tensor): Tensor {
  return tensor.node.op === 'Reshape' ? unshaped(tensor.node.inputs[0]) : tensor;
}

/** Parameters and running statistics of a recipe's network, without values. */
export function networkArrays(recipe: Recipe, options: NetworkOptions = {}): ArraySpec[] {
  const scope = new Scope({ training: false });
  embed(recipe, 1, scope, options);
  return [...scope.arrays.values()];
}

/** A batch size that stands for any: prime, and larger than any other dimension is likely to divide. */
const ANY_BATCH = 1_000_003;

/** Options of {@link evaluationModel}: what the model holds besides its graph. */
export interface EvaluationOptions extends NetworkOptions {
  /** Values of all arrays, to be stored in the model. */
  readonly bound?: Readonly<Record<string, TensorData>>;
  readonly metadata?: Record<string, string>;
}

/** The evaluation form, for any number of images or feature vectors. */
export function evaluationModel(
  recipe: Recipe,
  { bound, metadata, ...options }: EvaluationOptions = {},
): Model {
  const embeddings = embed(recipe, ANY_BATCH, new Scope({ training: false }), options);
  return buildModel({
    outputs: { embeddings },
    anyBatch: ANY_BATCH,
    ...(bound ? { bound } : {}),
    ...(metadata ? { metadata } : {}),
  });
}

/** The backbone alone in evaluation form, `images` → `features` `[n, F]`, with the values of its arrays. */
export function backboneModel(
  recipe: Recipe,
  bound: Readonly<Record<string, TensorData>>,
  registry?: Registry,
): { readonly model: Model; readonly width: number } {
  const images = input('images', imageShape(recipe, ANY_BATCH));
  const features = backboneOf(recipe, registry).forward(images, new Scope({ training: false }));
  return {
    model: buildModel({ outputs: { features }, anyBatch: ANY_BATCH, bound }),
    width: features.shape[1],
  };
}
