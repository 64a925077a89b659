/** The map at the epochs that the run kept: places of the items, moved from one state to the next. */
import type { Points } from './collection.js';

/** What a state is called. */
export function stateName({ states }: Points, state: number): string {
  const { epoch } = states[state];
  return epoch === null ? 'trained' : `epoch ${epoch}`;
}

/** The state of an epoch as the address tells it; the last one for null and for epochs that are not known. */
export function stateOfEpoch({ states }: Points, epoch: number | null): number {
  const found = states.findIndex((state) => state.epoch === epoch);
  return found < 0 ? states.length - 1 : found;
}

/**
 * Puts the items where they are on the way from some places to a state's, `time` 0 to 1. Those that the state does
 * not know are gone at once, and those that were not there appear where they belong.
 */
export function moveItems(points: Points, from: Pick<Points, 'x' | 'y'>, state: number, time: number): void {
  const to = points.states[state];
  for (const axis of ['x', 'y'] as const) {
    const [start, end, now] = [from[axis], to[axis], points[axis]];
    for (let i = 0; i < now.length; i++)
      now[i] = time === 1 || Number.isNaN(start[i]) ? end[i] : start[i] + time * (end[i] - start[i]);
  }
}
