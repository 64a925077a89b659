/**
 * The embedding network of a recipe, backbone and head, as the graphs that training and evaluation run: forward
 * and backward over one microbatch, and the evaluation form. Not the losses; see `lossGraph.ts`.
 */
import { type Backbone, createBackbone } from '../backbones/index.js';
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
import type { Recipe } from './recipe.js';

/** The models over one microbatch of M images, and the arrays they share. */
export interface EmbedderModels {
  /** Parameters and running statistics. */
  readonly arrays: readonly ArraySpec[];
  /** `images` + arrays → `embeddings` `[M, d]`, `observed/BUFFER` statistics, `kept/N` for the way back. */
  readonly forward: Model;
  /** `embeddings_gradient` `[M, d]` + kept + arrays → `gradient/PARAMETER`. */
  readonly backward: Model;
  /** `images` + arrays → `embeddings`, with running statistics. */
  readonly evaluate: Model;
}

/** Shape of a batch of network inputs. */
export function imageShape(recipe: Recipe, count: number): Shape {
  return [count, 3, recipe.images.size, recipe.images.size];
}

/** Adds the network to a graph. */
function embed(recipe: Recipe, backbone: Backbone, images: Tensor, scope: Scope): Tensor {
  return head(scope, backbone.forward(images, scope), recipe.head);
}

/** The training and evaluation models of a recipe. */
export function embedderModels(recipe: Recipe, microbatch: number): EmbedderModels {
  const backbone = createBackbone(recipe.backbone);
  const scope = new Scope({ training: true });
  const embeddings = embed(recipe, backbone, input('images', imageShape(recipe, microbatch)), scope);
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
    outputs: Object.fromEntries(parameters.map((p, i) => [`gradient/${p.name}`, gradients[i]])),
    given: keptNames,
  });
  return {
    arrays: [...scope.arrays.values()],
    forward,
    backward,
    evaluate: evaluationModel(recipe),
  };
}

/** Parameters and running statistics of a recipe's network, without values. */
export function networkArrays(recipe: Recipe): ArraySpec[] {
  const scope = new Scope({ training: false });
  embed(recipe, createBackbone(recipe.backbone), input('images', imageShape(recipe, 1)), scope);
  return [...scope.arrays.values()];
}

/** A batch size that stands for any: prime, and larger than any other dimension is likely to divide. */
const ANY_BATCH = 1_000_003;

/** The evaluation form, for any number of images; `values` of all arrays are stored in it when given. */
export function evaluationModel(
  recipe: Recipe,
  {
    bound,
    metadata,
  }: { bound?: Readonly<Record<string, TensorData>>; metadata?: Record<string, string> } = {},
): Model {
  const scope = new Scope({ training: false });
  const images = input('images', imageShape(recipe, ANY_BATCH));
  const embeddings = embed(recipe, createBackbone(recipe.backbone), images, scope);
  return buildModel({
    outputs: { embeddings },
    anyBatch: ANY_BATCH,
    ...(bound ? { bound } : {}),
    ...(metadata ? { metadata } : {}),
  });
}
