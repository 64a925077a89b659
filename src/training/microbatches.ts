/**
 * In which portions a replica computes its images when a recipe leaves it open. Portions change no result but by rounding
 * where every image is computed for itself; small ones stay in the processor's caches. Memory in all is the same: every
 * portion's activations are kept.
 */
import { backboneOf } from '../model/graph.js';
import { takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';

/** Images at once at most: measured with MobileNetV2 at 160 px, of 1 to 15 images the fewest seconds an image. */
const MOST = 4;

/** A recipe whose portions are known, where its backbone allows hier to choose them; else the recipe as it is. */
export function inPortions(recipe: Recipe, registry?: Registry): Recipe {
  const { engine, batch } = recipe;
  if (engine.microbatch !== null || takesVectors(recipe) || !backboneOf(recipe, registry).apart)
    return recipe;
  const part = batch.size / engine.replicas;
  let microbatch = Math.min(MOST, part);
  while (part % microbatch !== 0) microbatch--;
  return { ...recipe, engine: { ...engine, microbatch, kept: part / microbatch } };
}
