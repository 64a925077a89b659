/**
 * Layer-wise decay of learning rates (Clark et al. 2020, "ELECTRA"; Bao et al. 2021, "BEiT"): the lower a block of the
 * backbone lies, the less it learns. Rates over time, and those of the groups, are the schedule's business.
 */
import { backboneMake, depthsOf } from '../backbones/index.js';
import { matrixOf } from '../nn/index.js';
import { takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import { OWN_PARTS, type Registry } from '../recipe/parts.js';

/**
 * What the learning rate of an array is multiplied by, by its name: layerDecay to the power of how many blocks it lies
 * below the top. 1 for everything that is not of the backbone. Adapters have the factor of their matrix.
 */
export function layerScales(recipe: Recipe, registry: Registry = OWN_PARTS): (name: string) => number {
  const { layerDecay } = recipe.optimizer;
  if (layerDecay === 1 || takesVectors(recipe)) return () => 1;
  const { plan } = backboneMake(recipe.backbone, recipe.images.size, registry.backbones);
  const depths = depthsOf(plan);
  const scales = new Map([...depths].map(([name, depth]) => [`backbone.${name}`, layerDecay ** depth]));
  return (name) => scales.get(matrixOf(name)) ?? 1;
}
