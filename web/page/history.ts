/** Keeps the address of the page in step with what it shows, so that a view can be sent, and Back and Forward work. */
import type { Collection } from '../data/collection.js';
import { addressOf, type State } from './state.js';

/** The address is replaced after the state has not changed for this long, ms. */
const REST = 300;

/**
 * How the address follows a change: by a new entry of the history; by a new entry even where the address stays the same,
 * since it cannot tell the change, such as an image searched for; or in place, once the state rests.
 */
export type AddressChange = 'step' | 'step of the same address' | 'in place';

/** Makes the function that updates the address. */
export function createHistory(state: State, collection: Collection): (change: AddressChange) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const update = (change: AddressChange) => {
    const hash = `#${addressOf(state, collection)}`;
    if (change !== 'step of the same address' && hash === (location.hash || '#')) return;
    if (change === 'in place') history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
  };
  return (change) => {
    clearTimeout(timer);
    if (change === 'in place') timer = setTimeout(() => update(change), REST);
    else update(change);
  };
}
