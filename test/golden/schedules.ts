/**
 * Golden format "schedules" (08): factors of the learning rate, one list a schedule, whose name holds its
 * arguments: `cosine(base,final,epochs,iters)`, `cosine_warmup(…,warmup_epochs,start)`,
 * `step(step,epochs,iters,gamma)`, `none(epochs,iters)`, by position or by name. Recomputed by
 * src/training/schedule.ts, whose factor runs from 1; base and final value are put on top.
 */
import { type Schedule, scheduleFactor } from '../../src/training/schedule.js';
import { type CaseReport, compare } from './compare.js';
import { GoldenError, type Json, vector } from './fields.js';

const NAME = /^(cosine_warmup|cosine|step|none)\((.*)\)$/;

/** Order of the arguments that are given by position. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  cosine: ['base', 'final', 'epochs', 'iters'],
  cosine_warmup: ['base', 'final', 'epochs', 'iters', 'warmup_epochs', 'start'],
  step: ['step', 'epochs', 'iters', 'gamma'],
  none: ['epochs', 'iters'],
};

/** Whether a file holds schedules. */
export function recognise(file: Json): boolean {
  return Object.keys(file).some((key) => NAME.test(key));
}

/** Recomputes every schedule. */
export async function check(file: Json): Promise<CaseReport[]> {
  return Object.keys(file)
    .filter((key) => NAME.test(key))
    .map((key) => {
      const official = vector(file, key);
      const ours = factors(key, official.length);
      return { name: key, checks: [compare('factor', ours, official, { engine: 'plain float64' })] };
    });
}

/** Our factors at the iterations 0 … count-1 of the schedule with this name. */
function factors(key: string, count: number): number[] {
  const [kind, given] = parse(key);
  const need = (name: string, fallback?: number) => {
    const value = given[name] ?? fallback;
    if (value === undefined || Number.isNaN(value))
      throw new GoldenError(`"${key}" lacks the number "${name}"`);
    return value;
  };
  const stepsPerEpoch = need('iters');
  const base = need('base', 1);
  const rampEpochs = need('warmup_epochs', 0);
  const start = need('start', 0);
  const schedule: Schedule = {
    epochs: need('epochs'),
    kind: kind === 'none' ? 'constant' : kind === 'step' ? 'step' : 'cosine',
    minimum: need('final', base) / base,
    stepEpochs: kind === 'step' ? need('step') : 1,
    factor: kind === 'step' ? need('gamma') : 1,
    rampEpochs,
  };
  return Array.from({ length: count }, (_, iteration) => {
    const factor = scheduleFactor(schedule, iteration, stepsPerEpoch);
    return iteration < rampEpochs * stepsPerEpoch ? start + (base - start) * factor : base * factor;
  });
}

function parse(key: string): [string, Record<string, number>] {
  const [, kind, inside] = NAME.exec(key)!;
  const given: Record<string, number> = {};
  inside.split(',').forEach((argument, i) => {
    const [name, value] = argument.includes('=') ? argument.split('=') : [ARGUMENTS[kind][i] ?? '', argument];
    given[name.trim()] = Number(value);
  });
  return [kind, given];
}
