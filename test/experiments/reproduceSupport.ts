/** Presets with a network that trains in a second, for tests of plans and of reproductions on stand-ins for the data. */
import { planReproduction, type ReproductionPlan } from '../../src/experiments/plan.js';

/** What makes a preset small; the data and the mechanism stay the preset's. */
export const SMALL = [
  'images.size=16',
  'images.resizeTo=18',
  'backbone.name=tiny-vit',
  'backbone.patch=8',
  'backbone.width=12',
  'backbone.depth=1',
  'backbone.heads=2',
  'head.embeddingSize=6',
  'losses.hier.proxies=10',
  'losses.hier.neighbours=4',
  'losses.hier.triplets=2',
  'batch.size=12',
  'schedule.epochs=2',
  'schedule.warmupEpochs=1',
];

/** Plans such a preset on a stand-in. */
export function planSmall(
  preset: string,
  data: string,
  {
    measure = false,
    more = ['engine.replicas=1'],
    partial = true,
  }: { measure?: boolean; more?: readonly string[]; partial?: boolean } = {},
): Promise<ReproductionPlan> {
  const overrides = [...SMALL, ...more];
  return planReproduction({ preset, data, partial, weights: 'none', overrides, measure });
}
