/**
 * What a recipe says of the arrays that are trained beside the network: their names among the parameters of a run, and
 * when the hierarchical proxies begin to move. Their first values are not set here.
 */
import type { Recipe } from './load.js';

/** Proxies or centres of the classes among a run's parameters, `[count, d]`; losses without any have none. */
export const CLASS_PROXIES = 'class_proxies';
/** Hierarchical proxies, tangent vectors at the origin. */
export const HIERARCHICAL_PROXIES = 'hierarchical_proxies';

/** The epoch, counted from 0, in which HIER begins. */
export function hierStart({ losses, schedule }: Pick<Recipe, 'losses' | 'schedule'>): number {
  return Math.floor(losses.hier.start * schedule.epochs);
}
