/**
 * Where the network of a recipe is cut in two: in front the part of its backbone that is not trained, whose results are
 * the same in every epoch and can be kept; behind it what training changes. Nothing is computed or kept here.
 */
import {
  buildModel,
  equalTensors,
  type Model,
  pairedTensors,
  sizeOf,
  smallestCut,
  type Tensor,
  type TensorData,
} from '../graph/index.js';
import { isFrozen, takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import { ANY_BATCH, type NetworkGraph, networkGraph } from './graph.js';

/** Where the network of a recipe is cut: in front of it everything stays as it is. Over any number of images. */
export interface Frontier {
  /** The network in evaluation form. */
  readonly evaluation: NetworkGraph;
  /** Its tensors that are kept, with the names that the models behind the cut have for them. */
  readonly given: ReadonlyMap<Tensor, string>;
  /** The same tensors in the same order in the graph of a training step over `count` images. */
  inTraining(graph: NetworkGraph): ReadonlyMap<Tensor, string>;
}

/** The cut of a recipe's network. */
export function frontierOf(recipe: Recipe, registry: Registry | undefined): Frontier {
  const options = { input: 'images', registry } as const;
  const evaluation = networkGraph(recipe, ANY_BATCH, { ...options, training: false });
  const training = networkGraph(recipe, ANY_BATCH, { ...options, training: true });
  const { scope, features, input } = evaluation;
  const twins = equalTensors([features], [training.features]);
  const trained = new Set(
    [...scope.arrays.values()]
      .filter(({ name, trained }) => name.startsWith('backbone.') && (trained || scope.isTrained(name)))
      .map(({ tensor }) => tensor),
  );
  const isAllowed = (tensor: Tensor) =>
    tensor.dtype === 'float32' &&
    tensor.shape[0] === ANY_BATCH &&
    tensor.shape.slice(1).every((n) => n % ANY_BATCH !== 0) &&
    twins.has(tensor);
  const cut = smallestCut(features, { from: input, trained, isAllowed });
  const names = cut.map((_, i) => (cut.length === 1 ? 'features' : `features/${i}`));
  return {
    evaluation,
    given: new Map(cut.map((tensor, i) => [tensor, names[i]])),
    inTraining: (graph) => {
      const places = pairedTensors(training.embeddings, graph.embeddings);
      return new Map(cut.map((tensor, i) => [places.get(twins.get(tensor)!)!, names[i]]));
    },
  };
}

/** The part of a recipe's backbone that is not trained. */
export interface FrozenPart {
  /**
   * `images` → what is kept of each, as one tensor `features` or several `features/N`, the batch in front. Without the
   * values of its arrays.
   */
  model(bound: Readonly<Record<string, TensorData>>): Model;
  /** How many numbers are kept of an image. */
  readonly width: number;
}

/** The part of a backbone that is not trained; undefined when all of it is. */
export function frozenPart(recipe: Recipe, registry?: Registry): FrozenPart | undefined {
  if (!isFrozen(recipe) || takesVectors(recipe)) return undefined;
  const { given } = frontierOf(recipe, registry);
  const outputs = Object.fromEntries([...given].map(([tensor, name]) => [name, tensor]));
  // Images in another order of their pixels are not worth keeping.
  const { inputs } = buildModel({ outputs, anyBatch: ANY_BATCH });
  if (Object.keys(inputs).every((name) => name === 'images')) return undefined;
  const width = [...given.keys()].reduce((sum, { shape }) => sum + sizeOf(shape.slice(1)), 0);
  return { width, model: (bound) => buildModel({ outputs, anyBatch: ANY_BATCH, bound }) };
}
