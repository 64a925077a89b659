/** Flights of the view to a place of the map, or to where some items are all in view. */
import { centreOfItems, isPlaced, type Points } from '../data/points.js';
import { apply, invert, type Point, translation } from '../disk/moebius.js';
import type { DiskMap } from '../map/map.js';
import type { MapState } from '../map/mapState.js';
import { fittingScale, flight } from '../map/view.js';
import { createAnimator } from './animation.js';

/** Flies. */
export interface Flights {
  /** Flies to a place of the collection at a magnification; nothing happens when the place is not known (NaN). */
  to(place: Point, scale: number): void;
  /** Flies to where all of some items are in view. */
  toItems(items: readonly number[]): void;
  /** Stops a flight that is under way. */
  stop(): void;
}

/** Makes the flights of a map; `arrived` is called when one has ended. */
export function createFlights(points: Points, state: MapState, map: DiskMap, arrived: () => void): Flights {
  const animator = createAnimator((isRunning) => map.setMoving('view', isRunning));
  const to = (place: Point, scale: number) => {
    if (!place.every(Number.isFinite)) return;
    const viewAtTime = flight(state.view, place, scale);
    animator.start((time) => {
      state.view = viewAtTime(time);
      map.redraw();
      if (time === 1) arrived();
    });
  };
  return {
    to,
    toItems(items) {
      if (items.length === 0) return;
      const centre = centreOfItems(points, items);
      const toMiddle = invert(translation(centre));
      const norms = items
        .filter((i) => isPlaced(points, i))
        .map((i) => Math.hypot(...apply(toMiddle, [points.x[i], points.y[i]])));
      to(centre, fittingScale(norms));
    },
    stop: animator.stop,
  };
}
