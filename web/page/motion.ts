/** Motion of the items to where they are at another epoch, and which of them are shown. It decides nothing. */
import { createAnimator } from '../component/animation.js';
import type { Collection } from '../data/collection.js';
import { moveItems, shownCount, snapshotName } from '../data/snapshots.js';
import type { DiskMap } from '../map/map.js';
import { say } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';
import type { State } from './state.js';
import { createTimeline } from './timeline.js';

/** What can be moved. */
export interface Motion {
  /** Moves the items to where they are at a snapshot, which the slider then shows. */
  showSnapshot(snapshot: number): void;
  /** Shows the items that pass the filters, and no others. */
  showAmong(): void;
}

/** What is told of motion. */
export interface MotionListener {
  /** An animation has ended. */
  arrived(): void;
  /** Other items are shown than before. */
  shownChanged(): void;
}

/** Makes the motion and the slider over the epochs. */
export function createMotion(
  collection: Collection,
  state: State,
  map: DiskMap,
  { arrived, shownChanged }: MotionListener,
): Motion {
  const { points } = collection;
  const moves = createAnimator((isRunning) => map.setMoving('items', isRunning));
  const showSnapshot = (snapshot: number) => {
    showOnSlider(snapshot);
    if (snapshot === state.snapshot) return;
    const from = { x: points.x.slice(), y: points.y.slice() };
    state.snapshot = snapshot;
    const [shown, all] = [shownCount(points.snapshots[snapshot]), points.ids.length];
    const name = snapshotName(points, snapshot);
    say(
      shown < all
        ? `${name}: ${whole(shown)} of ${whole(all)} items; the run kept no places of the others`
        : name,
    );
    moves.start((time) => {
      moveItems(points, from, snapshot, time, state.among);
      map.itemsMoved();
      if (time === 1) arrived();
    });
    shownChanged();
  };
  const showAmong = () => {
    moves.stop();
    moveItems(points, points, state.snapshot, 1, state.among);
    map.itemsMoved();
  };
  const showOnSlider = createTimeline(collection, showSnapshot);
  showOnSlider(state.snapshot);
  return { showSnapshot, showAmong };
}
