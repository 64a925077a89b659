/**
 * Golden format "trajectory" (07): the official training epoch on a toy body (Linear and tanh), step by step
 * with its saved triplets and Gumbel noise. Recomputed by the head, both losses, the schedule and AdamW, twice:
 * "stepwise" starts every step from the saved parameters with our own moments, "carried" never looks back.
 */
import { clipTies, tieNote } from './clipTies.js';
import { type CaseReport, type Check, type CompareOptions, compare, type Engine } from './compare.js';
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
  const hold = (
    what: string,
    step: number,
    ours: ArrayLike<number>,
    from: Json,
    key: string,
    leftOut?: CompareOptions['leftOut'],
  ) => {
    const kind = what.startsWith('loss') ? 'value' : 'gradient';
    const options = { engine, kind, width: rowLength(from, key), leftOut } as const;
    const check = compare(`${mode}: ${what}`, ours, flat(from, key), options);
    const made = { ...check, note: [`worst at step ${step + 1}`, ...(check.note ?? [])].flat().join('; ') };
    const known = worst.get(what);
    if (!known || made.relative > known.relative) worst.set(what, made);
  };
  const radius = number(object(run, 'args'), 'clip_r', 2.3);
  // What rows on the clip radius have moved since the run began, through the moments: of the network, and of the proxies.
  const touched = { samples: new Set<number>(), lcas: new Set<number>() };
  for (const [index, step] of objects(run, 'steps').entries()) {
    if (mode === 'stepwise' && index > 0)
      load(state.parameters, object(objects(run, 'steps')[index - 1], 'params_after'));
    const { losses, grads, clipped } = await computeStep(
      run,
      step,
      batches[index % batches.length],
      state,
      engine,
    );
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
    const tied = (of: 'samples' | 'lcas') => clipTies(clipped[of], radius, { engine, official: 'float64' });
    const now = { samples: tied('samples'), lcas: tied('lcas') };
    for (const of of ['samples', 'lcas'] as const) for (const row of now[of]) touched[of].add(row);
    const left = (name: string, ties: typeof now): CompareOptions['leftOut'] => {
      if (name === 'proxies') return undefined; // the class proxies see directions alone
      const own = ties[name === 'lcas' ? 'lcas' : 'samples'];
      const why = tieNote(own, clipped[name === 'lcas' ? 'lcas' : 'samples'].length, radius);
      // Gradients of the network are sums over the batch: one row that may go either way leaves none of them.
      const rows = name === 'lcas' || own.size === 0 ? own : new Set(flat(saved.grads, name).keys());
      return { rows, why };
    };
    for (const name of names) {
      hold(`gradient of ${name}`, index, grads[name].map(clamped), saved.grads, name, left(name, now));
      hold(`${name} after`, index, state.parameters[name], saved.parameters, name, left(name, touched));
    }
    // What is carried on from here depends on which way they went.
    if (mode === 'carried' && touched.samples.size + touched.lcas.size > 0) break;
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
