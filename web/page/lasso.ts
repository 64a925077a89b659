/** The button of the lasso. Drawing its line is input on the map; what the line marks is not known here. */
import { say, the } from '../parts/dom.js';

/** Whether dragging on the map draws a line instead of moving it. */
export interface Lasso {
  isOn(): boolean;
  set(isOn: boolean): void;
}

/** Makes the button work. */
export function createLasso(): Lasso {
  let isOn = false;
  const set = (next: boolean) => {
    isOn = next;
    the('lasso').setAttribute('aria-pressed', String(isOn));
    the('map').classList.toggle('drawing', isOn);
    say(isOn ? 'Draw a line around items.' : '');
  };
  the('lasso').addEventListener('click', () => set(!isOn));
  return { isOn: () => isOn, set };
}
