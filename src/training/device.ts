/**
 * Whether a device can train a recipe: its operators, those of the network forward and backward and those of its losses, are
 * compared with the processor's before the first step. Which devices there are is not decided here.
 */
import { HierError } from '../errors.js';
import { type Device, gradientsOf, input, sizeOf, type Values } from '../graph/index.js';
import { failedOperators, type OperatorParity, operatorParity, type ParityGraph } from '../graph/parity.js';
import { chosenDevice } from '../model/device.js';
import { firstValues } from '../model/firstValues.js';
import { networkGraph } from '../model/graph.js';
import { randomStream } from '../random.js';
import { hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import { lossGraph, stepRandomness } from './lossGraph.js';

/** Images that the network is tried with. */
const IMAGES = 2;
/** Classes, and hierarchical proxies, that the losses are tried with: few, since operators are looked at and not their speed. */
const CLASSES = 6;
const PROXIES = 32;

/**
 * The recipe with the device that it trains on in place of 'auto', after its operators were compared. A graphics card has one
 * replica: two sessions on it at once are not to be had.
 * @param onNote told in sentences what was chosen and what the device leaves to the processor
 * @throws HierError that names the operators which a device computes wrongly
 */
export async function onDevice(
  recipe: Recipe,
  registry: Registry,
  onNote: (note: string) => void,
): Promise<Recipe> {
  if (recipe.engine.device === 'cpu') return recipe;
  const device = await chosenDevice(
    recipe.engine.device,
    async (device) => {
      const found = await recipeParity([recipe], device, registry);
      requireParity(device, found);
      const left = found.filter(({ isLeft }) => isLeft).map(({ operator }) => operator);
      onNote(
        `${found.length} operators were compared with the processor's on ${device}${left.length > 0 ? `, which leaves some of ${left.join(', ')} to the processor` : ''}`,
      );
    },
    onNote,
  );
  const replicas = device === 'cpu' ? recipe.engine.replicas : 1;
  return { ...recipe, engine: { ...recipe.engine, device, replicas } };
}

/** @throws HierError that names the operators which a device computes wrongly */
export function requireParity(device: Device, found: readonly OperatorParity[]): void {
  const failed = failedOperators(found);
  if (failed.length === 0) return;
  const named = failed.map(({ operator, failure }) => `${operator} (${failure})`);
  throw new HierError(
    `The device "${device}" does not compute what the processor does: ${named.join('; ')}. Train with engine.device=cpu; a newer driver of the card may help.`,
  );
}

/** What a device makes of each operator of some recipes' networks and losses. */
export function recipeParity(
  recipes: readonly Recipe[],
  device: Device,
  registry: Registry,
): Promise<OperatorParity[]> {
  return operatorParity(
    device,
    recipes.flatMap((recipe) => [...networkGraphs(recipe, registry), ofLosses(recipe, registry)]),
  );
}

/** The network forward and backward, and its evaluation form, over two images of noise. */
function networkGraphs(recipe: Recipe, registry: Registry): ParityGraph[] {
  const random = randomStream(recipe.seed, 'device');
  const noise = (length: number) => Float32Array.from({ length }, () => random.normal());
  return [true, false].map((training) => {
    const graph = networkGraph(recipe, IMAGES, { registry, training });
    const { scope, embeddings } = graph;
    const arriving = input('embeddings_gradient', embeddings.shape);
    const parameters = training ? scope.parameters.map(({ tensor }) => tensor) : [];
    const gradients = gradientsOf([embeddings], parameters, [arriving]);
    const outputs = {
      embeddings,
      ...Object.fromEntries(gradients.map((tensor, i) => [`gradient/${i}`, tensor])),
    };
    const feeds: Values = {
      ...firstValues(recipe, [...scope.arrays.values()]),
      [graph.input.node.name!]: noise(sizeOf(graph.input.shape)),
      embeddings_gradient: noise(sizeOf(embeddings.shape)),
    };
    return { outputs, feeds };
  });
}

/** All losses of a recipe and their gradients, over a small batch of points of the ball. */
function ofLosses(recipe: Recipe, registry: Registry): ParityGraph {
  const { imagesPerClass } = recipe.batch;
  const { hier } = recipe.losses;
  const size = CLASSES * imagesPerClass;
  const small: Recipe = {
    ...recipe,
    batch: { ...recipe.batch, size },
    losses: {
      ...recipe.losses,
      hier: { ...hier, proxies: PROXIES, triplets: 4, neighbours: 5, poolRows: 64 },
    },
  };
  const { arrays, outputs } = lossGraph(small, CLASSES, { registry });
  const random = randomStream(recipe.seed, 'device', 'losses');
  const { embeddingSize, curvature } = recipe.head;
  const embeddings = new Float32Array(size * embeddingSize).map(() => random.normal());
  // Points well inside of the ball.
  const scale = 0.6 / Math.sqrt((curvature || 1) * embeddingSize * 4);
  for (let i = 0; i < embeddings.length; i++) embeddings[i] *= scale;
  const feeds: Values = {
    ...firstValues(small, arrays),
    embeddings,
    labels: Int32Array.from({ length: size }, (_, i) => Math.floor(i / imagesPerClass)),
    ...stepRandomness(small)(hierStart(small), 0),
  };
  return { outputs, feeds };
}
