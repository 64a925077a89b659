/** Motion on the map: the view flies to a place, items move to where they are at another epoch. It decides nothing. */
import type { Collection } from '../data/collection.js';
import { centreOfItems, isPlaced } from '../data/points.js';
import { moveItems, snapshotName } from '../data/snapshots.js';
import { apply, invert, type Point, translation } from '../disk/moebius.js';
import type { DiskMap } from '../map/map.js';
import { fittingScale, flight } from '../map/view.js';
import { createAnimator } from './animation.js';
import { say } from './dom.js';
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
  /** Stops a flight that is under way. */
  stopFlight(): void;
}

/** Makes the motion and the slider over the epochs. `arrived` is called at the end of each animation. */
export function createMotion(
  collection: Collection,
  state: State,
  map: DiskMap,
  arrived: () => void,
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
    say(snapshotName(points, snapshot));
    moves.start((time) => {
      moveItems(points, from, snapshot, time);
      map.itemsMoved();
      if (time === 1) arrived();
    });
  };
  const showOnSlider = createTimeline(collection, showSnapshot);
  showOnSlider(state.snapshot);
  return { flyTo, flyToItems, showSnapshot, stopFlight: flights.stop };
}
