/**
 * Golden format "trajectory" (07): the official training epoch on a toy body (Linear and tanh), step by step
 * with its saved triplets and Gumbel noise. Recomputed by the head, both losses, the schedule and AdamW, twice:
 * "stepwise" starts every step from the saved parameters with our own moments, "carried" never looks back.
 */
import { type CaseReport, type Check, compare, type Engine } from './compare.js';
import { GRAPH_ENGINES } from './feeds.js';
import { flat, has, isObject, type Json, number, object, objects, rowLength } from './fields.js';
import {
  clampOf,
  computeStep,
  freshState,
  GROUPS,
  type Group,
  load,
  ratesAt,
  update,
} from './toyTraining.js';

/** Whether a file holds training trajectories. */
export function recognise(file: Json): boolean {
  const { runs } = file;
  return Array.isArray(runs) && isObject(runs[0]) && has(runs[0], 'initial_params', 'batches', 'steps');
}

/** Replays every run. */
export async function check(file: Json): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const [index, run] of objects(file, 'runs').entries()) {
    const checks = rateChecks(run);
    for (const engine of GRAPH_ENGINES)
      for (const mode of ['stepwise', 'carried'] as const) checks.push(...(await replay(run, engine, mode)));
    const epsilon = number(object(run, 'adamw'), 'eps', 1e-8);
    reports.push({
      name: `run ${index + 1}: ${objects(run, 'steps').length} steps, AdamW eps ${epsilon}`,
      checks,
    });
  }
  return reports;
}

async function replay(run: Json, engine: Engine, mode: 'stepwise' | 'carried'): Promise<Check[]> {
  const initial = object(run, 'initial_params');
  const names = Object.keys(initial);
  const batches = objects(run, 'batches');
  const state = freshState(initial, engine);
  const worst = new Map<string, Check>();
  const hold = (what: string, step: number, ours: ArrayLike<number>, from: Json, key: string) => {
    const kind = what.startsWith('loss') ? 'value' : 'gradient';
    const options = { engine, kind, width: rowLength(from, key) } as const;
    const made = {
      ...compare(`${mode}: ${what}`, ours, flat(from, key), options),
      note: `worst at step ${step + 1}`,
    };
    const known = worst.get(what);
    if (!known || made.relative > known.relative) worst.set(what, made);
  };
  for (const [index, step] of objects(run, 'steps').entries()) {
    if (mode === 'stepwise' && index > 0)
      load(state.parameters, object(objects(run, 'steps')[index - 1], 'params_after'));
    const { losses, grads } = await computeStep(run, step, batches[index % batches.length], state, engine);
    update(run, step, index, state, grads);
    const saved = {
      losses: object(step, 'losses'),
      grads: object(step, 'grads_after_value_clamp'),
      parameters: object(step, 'params_after'),
    };
    for (const key of ['metric', 'hier'].filter((loss) => has(saved.losses, loss)))
      hold(`losses.${key}`, index, [losses[key]], saved.losses, key);
    const limit = clampOf(run) ?? Number.POSITIVE_INFINITY;
    const clamped = (value: number) => Math.max(-limit, Math.min(limit, value));
    for (const name of names) {
      hold(`gradient of ${name}`, index, grads[name].map(clamped), saved.grads, name);
      hold(`${name} after`, index, state.parameters[name], saved.parameters, name);
    }
  }
  return [...worst.values()];
}

/** Our learning rates against those of every step. */
function rateChecks(run: Json): Check[] {
  if (!ratesAt(run, 0)) return [];
  return (Object.keys(GROUPS) as Group[]).map((group) => {
    const steps = objects(run, 'steps');
    const ours = steps.map((_, index) => ratesAt(run, index)![group]);
    const official = steps.map((step) => number(object(step, 'lrs'), GROUPS[group]));
    return compare(`learning rate of ${GROUPS[group]}`, ours, official, { engine: 'plain float64' });
  });
}
