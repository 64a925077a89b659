/** The slider over the epochs: a range, its name, how many items it shows, and a button that plays all of them. */
import type { Collection } from '../data/collection.js';
import { shownCount, snapshotName } from '../data/snapshots.js';
import { the } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';

/** How long each epoch is shown while they are played, ms. */
const REST = 1100;

/**
 * Makes the slider work. `choose` is called with the snapshot that the user wants; returns a function that shows a
 * snapshot on the slider.
 */
export function createTimeline(
  { points }: Collection,
  choose: (snapshot: number) => void,
): (snapshot: number) => void {
  const [box, range, play] = [the('epochs'), the<HTMLInputElement>('epoch'), the('play')];
  const last = points.snapshots.length - 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  box.hidden = last === 0;
  range.max = String(last);
  const show = (snapshot: number) => {
    range.value = String(snapshot);
    range.setAttribute('aria-valuetext', snapshotName(points, snapshot));
    the('epochName').textContent = snapshotName(points, snapshot);
    const [shown, all] = [shownCount(points.snapshots[snapshot]), points.ids.length];
    the('epochItems').textContent =
      shown < all ? `${whole(shown)} of ${whole(all)} items` : `${whole(all)} items`;
  };
  /** Stops what is playing, and shows on the button what it does next. */
  const setPlaying = (isPlaying: boolean) => {
    clearTimeout(timer);
    timer = undefined;
    play.setAttribute('aria-label', isPlaying ? 'Pause' : 'Play the epochs');
    play.textContent = isPlaying ? '❚❚' : '▶';
  };
  const playFrom = (snapshot: number) => {
    choose(snapshot);
    if (snapshot === last) setPlaying(false);
    else timer = setTimeout(() => playFrom(snapshot + 1), REST);
  };
  play.addEventListener('click', () => {
    if (timer !== undefined) return setPlaying(false);
    setPlaying(true);
    playFrom(Number(range.value) === last ? 0 : Number(range.value) + 1);
  });
  range.addEventListener('input', () => {
    setPlaying(false);
    choose(Number(range.value));
  });
  document.addEventListener('keydown', (event) => {
    const step = { '[': -1, ',': -1, ']': 1, '.': 1 }[event.key];
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (step === undefined || isTyping || last === 0) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setPlaying(false);
    choose(Math.min(last, Math.max(0, Number(range.value) + step)));
  });
  return show;
}
