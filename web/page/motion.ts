/** Motion on the map: the view flies to a place, items move to where they are at another epoch. It decides nothing. */
import type { Collection } from '../data/collection.js';
import { centreOfItems, isPlaced } from '../data/points.js';
import { moveItems, shownCount, snapshotName } from '../data/snapshots.js';
import { apply, invert, type Point, translation } from '../disk/moebius.js';
import type { DiskMap } from '../map/map.js';
import { fittingScale, flight } from '../map/view.js';
import { say, whole } from '../parts/dom.js';
import { createAnimator } from './animation.js';
import type { State } from './state.js';
import { createTimeline } from './timeline.js';

/** What can be moved. */
export interface Motion {
  /** Flies to a place of the collection at a magnification; nothing happens when the place is not known (NaN). */
  flyTo(place: Point, scale: number): void;
  /** Flies to where all of some items are in view. */
  flyToItems(items: readonly number[]): void;
  /** Moves the items to where they are at a snapshot, which the slider then shows. */
  showSnapshot(snapshot: number): void;
  /** Shows the items that pass the filters, and no others. */
  showAmong(): void;
  /** Stops a flight that is under way. */
  stopFlight(): void;
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
  const flights = createAnimator((isRunning) => map.setMoving('view', isRunning));
  const moves = createAnimator((isRunning) => map.setMoving('items', isRunning));
  const flyTo = (place: Point, scale: number) => {
    if (!place.every(Number.isFinite)) return;
    const viewAtTime = flight(state.view, place, scale);
    flights.start((time) => {
      state.view = viewAtTime(time);
      map.redraw();
      if (time === 1) arrived();
    });
  };
  const flyToItems = (items: readonly number[]) => {
    if (items.length === 0) return;
    const centre = centreOfItems(points, items);
    const toMiddle = invert(translation(centre));
    const norms = items
      .filter((i) => isPlaced(points, i))
      .map((i) => Math.hypot(...apply(toMiddle, [points.x[i], points.y[i]])));
    flyTo(centre, fittingScale(norms));
  };
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
  return { flyTo, flyToItems, showSnapshot, showAmong, stopFlight: flights.stop };
}
