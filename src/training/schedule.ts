/**
 * Learning rates over a run (HIER official code): every group's rate is the base rate times the batch's share
 * of the reference batch, times the group's multiplier, times one factor for all that follows the schedule.
 * Pure functions of the iteration, so a resumed run needs no state.
 */
import { CLASS_PROXIES, HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';

/** The recipe's `schedule`, which learning rates are computed from. */
export type Schedule = Pick<
  Recipe['schedule'],
  'epochs' | 'kind' | 'minimum' | 'stepEpochs' | 'factor' | 'rampEpochs'
>;

/**
 * The schedule's factor, 1 at its height, at `iteration` (from 0, over the whole run).
 *
 * - `constant`: 1.
 * - `step`: factor^⌊t / (stepEpochs · stepsPerEpoch)⌋.
 * - `cosine`: minimum + (1 − minimum)(1 + cos(π t / T)) / 2.
 *
 * With `rampEpochs` the first R = rampEpochs · stepsPerEpoch iterations rise linearly from 0 to 1, both ends
 * included; then t counts from R and T is what remains. Without it R = 0.
 */
export function scheduleFactor(schedule: Schedule, iteration: number, stepsPerEpoch: number): number {
  const ramp = schedule.rampEpochs * stepsPerEpoch;
  if (iteration < ramp) return ramp === 1 ? 0 : iteration / (ramp - 1);
  const t = iteration - ramp;
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(t / (schedule.stepEpochs * stepsPerEpoch));
    case 'cosine': {
      const total = schedule.epochs * stepsPerEpoch - ramp;
      const { minimum } = schedule;
      return minimum + 0.5 * (1 - minimum) * (1 + Math.cos((Math.PI * Math.min(t, total)) / total));
    }
  }
}

/** Names of the parameter groups, each with a learning rate of its own. */
export const parameterGroups = ['backbone', 'head', 'hierarchicalProxies', 'classProxies'] as const;

/** One of the parameter groups. */
export type ParameterGroup = (typeof parameterGroups)[number];

/** The group whose learning rate a parameter has. */
export function groupOf(name: string): ParameterGroup {
  if (name === CLASS_PROXIES) return 'classProxies';
  if (name === HIERARCHICAL_PROXIES) return 'hierarchicalProxies';
  return name.startsWith('head.') ? 'head' : 'backbone';
}

/**
 * The learning rate of every group at `iteration`. In the first `schedule.warmupEpochs` the backbone's is 0;
 * the head and both kinds of proxies train from the start, since the head would have no target otherwise.
 */
export function learningRates(
  recipe: Pick<Recipe, 'optimizer' | 'schedule' | 'batch'>,
  iteration: number,
  stepsPerEpoch: number,
): Record<ParameterGroup, number> {
  const { learningRate, referenceBatch, multipliers } = recipe.optimizer;
  const share = referenceBatch === null ? 1 : recipe.batch.size / referenceBatch;
  const rate = learningRate * share * scheduleFactor(recipe.schedule, iteration, stepsPerEpoch);
  const warmingUp = iteration < recipe.schedule.warmupEpochs * stepsPerEpoch;
  return {
    backbone: warmingUp ? 0 : rate,
    head: rate * multipliers.head,
    hierarchicalProxies: rate * multipliers.hierarchicalProxies,
    classProxies: rate * multipliers.classProxies,
  };
}

/**
 * The epochs that change anything, from each first to before its end: without those in which the network stays as it is and
 * HIER has not begun.
 */
export function epochsToTrain(
  recipe: Pick<Recipe, 'losses' | 'schedule'>,
  networkEpochs: number | null,
): [first: number, end: number][] {
  const { losses, schedule } = recipe;
  if (networkEpochs === null) return [[0, schedule.epochs]];
  const begin = losses.hier.weight > 0 ? hierStart(recipe) : schedule.epochs;
  return [
    [0, Math.min(networkEpochs, begin)],
    [begin, schedule.epochs],
  ];
}
