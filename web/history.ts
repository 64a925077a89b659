/** Keeps the address of the page in step with what it shows, so that it can be passed on and gone back to. */
import type { Collection } from './collection.js';
import { addressOf, type State } from './state.js';

/** How long the state must rest before the address follows, ms. */
const REST = 300;

/** Makes the keeper of the address. A step can be gone back to; what is none replaces the address, once it rests. */
export function createHistory(state: State, collection: Collection): (isStep: boolean) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (isStep: boolean) => {
    const hash = addressOf(state, collection);
    if (`#${hash}` === (location.hash || '#')) return;
    if (isStep) history.pushState(null, '', `#${hash}`);
    else history.replaceState(null, '', `#${hash}`);
  };
  return (isStep) => {
    clearTimeout(timer);
    if (isStep) keep(true);
    else timer = setTimeout(() => keep(false), REST);
  };
}
