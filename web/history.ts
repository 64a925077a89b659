/** Keeps the address of the page in step with what it shows, so that it can be passed on and gone back to. */
import type { Collection } from './collection.js';
import { addressOf, type State } from './state.js';

/** How long the state must rest before the address follows, ms. */
const REST = 300;

/**
 * What has changed: a step, which can be gone back to; one that the address does not tell, such as an image asked about;
 * or what replaces the address, once it rests.
 */
export type Change = 'step' | 'untold step' | 'rest';

/** Makes the keeper of the address. */
export function createHistory(state: State, collection: Collection): (change: Change) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (change: Change) => {
    const hash = `#${addressOf(state, collection)}`;
    if (change !== 'untold step' && hash === (location.hash || '#')) return;
    if (change === 'rest') history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
  };
  return (change) => {
    clearTimeout(timer);
    if (change === 'rest') timer = setTimeout(() => keep(change), REST);
    else keep(change);
  };
}
