/** The slider over the epochs: a range, its name, and a button that goes through all of them. */
import type { Collection } from './collection.js';
import { the } from './dom.js';
import { stateName } from './epochs.js';

/** Rest at each epoch while they are played, ms. */
const REST = 1100;

/** Makes the slider work. `go` is called with the state that is wanted; returns what shows a state on the slider. */
export function createTimeline({ points }: Collection, go: (state: number) => void): (state: number) => void {
  const [box, range, play] = [the('epochs'), the<HTMLInputElement>('epoch'), the('play')];
  const last = points.states.length - 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  box.hidden = last === 0;
  range.max = String(last);
  const show = (state: number) => {
    range.value = String(state);
    range.setAttribute('aria-valuetext', stateName(points, state));
    the('epochName').textContent = stateName(points, state);
  };
  const setPlaying = (is: boolean) => {
    clearTimeout(timer);
    timer = undefined;
    play.setAttribute('aria-label', is ? 'Pause' : 'Play the epochs');
    play.textContent = is ? '❚❚' : '▶';
  };
  const step = (state: number) => {
    go(state);
    if (state === last) setPlaying(false);
    else timer = setTimeout(() => step(state + 1), REST);
  };
  play.addEventListener('click', () => {
    if (timer !== undefined) return setPlaying(false);
    setPlaying(true);
    step(Number(range.value) === last ? 0 : Number(range.value) + 1);
  });
  range.addEventListener('input', () => {
    setPlaying(false);
    go(Number(range.value));
  });
  document.addEventListener('keydown', (event) => {
    const by = { '[': -1, ',': -1, ']': 1, '.': 1 }[event.key];
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (by === undefined || isTyping || last === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setPlaying(false);
    go(Math.min(last, Math.max(0, Number(range.value) + by)));
  });
  return show;
}
