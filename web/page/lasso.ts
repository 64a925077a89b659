/** The button of the lasso. Drawing its line is input on the map; what the line marks is not known here. */
import type { MountedMap } from '../component/mount.js';
import { say, the } from '../parts/dom.js';

/** Makes the button work; returns what switches the lasso. */
export function createLasso(map: Pick<MountedMap, 'isLasso' | 'setLasso'>): (isOn: boolean) => void {
  const set = (isOn: boolean) => {
    map.setLasso(isOn);
    the('lasso').setAttribute('aria-pressed', String(isOn));
    say(isOn ? 'Draw a line around items.' : '');
  };
  the('lasso').addEventListener('click', () => set(!map.isLasso()));
  return set;
}
