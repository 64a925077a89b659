/**
 * The embedding network of a recipe, backbone and head, as the models that training and evaluation run: forward
 * and backward over one microbatch, and the evaluation form. The losses are not part of it.
 */
import {
  buildModel,
  buildWithBlocks,
  gradientsOf,
  input,
  keptBetween,
  type Model,
  type ModelSpec,
  type Tensor,
  type TensorData,
} from '../graph/index.js';
import type { ArraySpec } from '../nn/index.js';
import type { Recipe } from '../recipe/load.js';
import { frontierOf } from './frontier.js';
import { ANY_BATCH, type NetworkOptions, networkGraph } from './graph.js';

/** The models over one microbatch of M images, and the arrays they share. */
export interface EmbedderModels {
  /** Parameters and running statistics, as far as the models read them. */
  readonly arrays: readonly ArraySpec[];
  /**
   * `images` (or `features`, or what {@link frozenPart} gives) + arrays → `embeddings` `[M, d]`, `observed/BUFFER`
   * statistics, `kept/N` for the way back.
   */
  readonly forward: Model;
  /** `embeddings_gradient` `[M, d]` + kept + arrays → `gradient/PARAMETER`, right in order but not in shape. */
  readonly backward: Model;
  /** `images` (or `features`) + arrays → `embeddings`, with running statistics. */
  readonly evaluate: Model;
}

/**
 * The training and evaluation models of a recipe.
 * @throws UsageError when the recipe names a block that its backbone does not have
 */
export function embedderModels(
  recipe: Recipe,
  microbatch: number,
  options: NetworkOptions = {},
): EmbedderModels {
  const graph = networkGraph(recipe, microbatch, { ...options, training: true });
  const { scope, embeddings } = graph;
  const frontier = options.input === 'frontier' ? frontierOf(recipe, options.registry) : undefined;
  const fed = frontier?.inTraining(graph) ?? new Map<Tensor, string>();
  const observed = Object.fromEntries(scope.observations.map((o) => [`observed/${o.buffer}`, o.value]));

  const parameters = scope.parameters;
  const arriving = input('embeddings_gradient', embeddings.shape);
  const gradients = gradientsOf(
    [embeddings],
    parameters.map((p) => p.tensor),
    [arriving],
  );
  const first = [embeddings, ...Object.values(observed)];
  const kept = keptBetween(first, gradients, fed);
  const forward = buildWithBlocks({
    outputs: {
      embeddings,
      ...observed,
      ...Object.fromEntries(kept.map((tensor, i) => [`kept/${i}`, tensor])),
    },
    given: fed,
  });
  const backward = buildWithBlocks({
    outputs: Object.fromEntries(parameters.map((p, i) => [`gradient/${p.name}`, unshaped(gradients[i])])),
    given: new Map([...fed, ...kept.map((tensor, i) => [tensor, `kept/${i}`] as const)]),
  });
  const evaluate = frontier
    ? anyBatchModel(frontier.evaluation.embeddings, { given: frontier.given })
    : anyBatchModel(networkGraph(recipe, ANY_BATCH, { ...options, training: false }).embeddings);
  const read = [forward, backward, evaluate].map(({ inputs }) => inputs);
  return {
    arrays: [...scope.arrays.values()].filter(
      ({ name }) => !frontier || read.some((inputs) => Object.hasOwn(inputs, name)),
    ),
    forward,
    backward,
    evaluate,
  };
}

/** The same values in whatever shape they were computed: a last reshape would cost the engine a copy. */
function unshaped(tensor: Tensor): Tensor {
  return tensor.node.op === 'Reshape' ? unshaped(tensor.node.inputs[0]) : tensor;
}

/** Parameters and running statistics of a recipe's network, without values; adapters are none of them. */
export function networkArrays(recipe: Recipe, options: NetworkOptions = {}): ArraySpec[] {
  const { scope } = networkGraph(recipe, 1, { ...options, training: false, isDivided: false });
  return [...scope.arrays.values()];
}

/** Options of {@link evaluationModel}: what the model holds besides its graph. */
export interface EvaluationOptions extends NetworkOptions {
  /** Values of all arrays, to be stored in the model. */
  readonly bound?: Readonly<Record<string, TensorData>>;
  readonly metadata?: Record<string, string>;
}

/** The evaluation form, for any number of images or feature vectors. Adapters are merged before. */
export function evaluationModel(
  recipe: Recipe,
  { bound, metadata, ...options }: EvaluationOptions = {},
): Model {
  const graph = networkGraph(recipe, ANY_BATCH, { ...options, training: false, isDivided: false });
  return anyBatchModel(graph.embeddings, { ...(bound ? { bound } : {}), ...(metadata ? { metadata } : {}) });
}

function anyBatchModel(embeddings: Tensor, more: Omit<ModelSpec, 'outputs' | 'anyBatch'> = {}): Model {
  return buildModel({ outputs: { embeddings }, anyBatch: ANY_BATCH, ...more });
}
