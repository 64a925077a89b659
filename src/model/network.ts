/**
 * The embedding network of a recipe, backbone and head, as the graphs that training and evaluation run: forward
 * and backward over one microbatch, and the evaluation form. Not the losses; see `lossGraph.ts`.
 */
import { type Backbone, createBackbone } from '../backbones/index.js';
import { HierError, UsageError } from '../errors.js';
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
import type { Recipe } from '../recipe/load.js';

/** Where a network begins: with images, or with feature vectors of this length that are there already. */
export type Entrance = 'images' | { readonly features: number };

/** Where the network of a recipe begins. Throws UsageError when the length of its vectors is not known. */
export function entranceOf({ backbone }: Recipe): Entrance {
  if (backbone.name !== 'identity') return 'images';
  if (backbone.width === null)
    throw new UsageError('The length of the feature vectors is not known: set backbone.width.');
  return { features: backbone.width };
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

/** The backbone of a recipe that takes images. */
export function backboneOf({ backbone }: Recipe): Backbone {
  if (backbone.name === 'identity') throw new HierError('a network over feature vectors has no backbone');
  return createBackbone(backbone);
}

/** A graph input of `count` images `[count, 3, S, S]`, or feature vectors `[count, F]`. */
function inputOf(recipe: Recipe, entrance: Entrance, count: number): Tensor {
  if (entrance === 'images') return input('images', imageShape(recipe, count));
  return input('features', [count, entrance.features]);
}

/** Adds the network to a graph. */
function embed(recipe: Recipe, entrance: Entrance, count: number, scope: Scope): Tensor {
  const x = inputOf(recipe, entrance, count);
  return head(scope, entrance === 'images' ? backboneOf(recipe).forward(x, scope) : x, recipe.head);
}

/** The training and evaluation models of a recipe; `entrance` other than the recipe's own leaves the backbone out. */
export function embedderModels(
  recipe: Recipe,
  microbatch: number,
  entrance: Entrance = entranceOf(recipe),
): EmbedderModels {
  const scope = new Scope({ training: true });
  const embeddings = embed(recipe, entrance, microbatch, scope);
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
    evaluate: evaluationModel(recipe, { entrance }),
  };
}

/** The same values in whatever shape they were computed: a last reshape would cost the engine a copy. */
function unshaped(tensor: Tensor): Tensor {
  return tensor.node.op === 'Reshape' ? unshaped(tensor.node.inputs[0]) : tensor;
}

/** Parameters and running statistics of a recipe's network, without values. */
export function networkArrays(recipe: Recipe): ArraySpec[] {
  const scope = new Scope({ training: false });
  embed(recipe, entranceOf(recipe), 1, scope);
  return [...scope.arrays.values()];
}

/** A batch size that stands for any: prime, and larger than any other dimension is likely to divide. */
const ANY_BATCH = 1_000_003;

/** What an evaluation model holds besides its graph. */
export interface EvaluationOptions {
  /** Values of all arrays, to be stored in the model. */
  readonly bound?: Readonly<Record<string, TensorData>>;
  readonly metadata?: Record<string, string>;
  /** Other than the recipe's own, to leave the backbone out. */
  readonly entrance?: Entrance;
}

/** The evaluation form, for any number of images or feature vectors. */
export function evaluationModel(
  recipe: Recipe,
  { bound, metadata, entrance = entranceOf(recipe) }: EvaluationOptions = {},
): Model {
  const embeddings = embed(recipe, entrance, ANY_BATCH, new Scope({ training: false }));
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
): { readonly model: Model; readonly width: number } {
  const x = inputOf(recipe, 'images', ANY_BATCH);
  const features = backboneOf(recipe).forward(x, new Scope({ training: false }));
  return {
    model: buildModel({ outputs: { features }, anyBatch: ANY_BATCH, bound }),
    width: features.shape[1],
  };
}
