/** Movements: the view flies to a place, items to where they are at another epoch. It decides nothing. */
import { createMover } from './animate.js';
import { type Collection, isPlaced } from './collection.js';
import { say } from './dom.js';
import { moveItems, stateName } from './epochs.js';
import { centreOfItems, type MapView } from './map.js';
import { apply, invert, type Point, translation } from './moebius.js';
import type { State } from './state.js';
import { createTimeline } from './timeline.js';
import { fittingScale, flight } from './view.js';

/** What can be moved. */
export interface Travel {
  /** Flies to a place of the plane; nothing happens when it is not known. */
  flyTo(place: Point, scale: number): void;
  /** Flies to where all of some items are in view. */
  frame(items: readonly number[]): void;
  /** Moves the items to where they are at a state, which the slider shows too. */
  goTo(shown: number): void;
  /** Stops a flight that is under way. */
  stop(): void;
}

/** Makes the movements and the slider over the epochs. `arrived` is called at the end of each. */
export function createTravel(
  collection: Collection,
  state: State,
  map: MapView,
  arrived: () => void,
): Travel {
  const { points } = collection;
  const [views, states] = [createMover(), createMover()];
  const flyTo = (place: Point, scale: number) => {
    if (!place.every(Number.isFinite)) return;
    const way = flight(state.view, place, scale);
    views.move((time) => {
      state.view = way(time);
      map.redraw();
      if (time === 1) arrived();
    });
  };
  const frame = (items: readonly number[]) => {
    if (items.length === 0) return;
    const centre = centreOfItems(collection, items);
    const home = invert(translation(centre));
    const norms = items
      .filter((i) => isPlaced(points, i))
      .map((i) => Math.hypot(...apply(home, [points.x[i], points.y[i]])));
    flyTo(centre, fittingScale(norms));
  };
  const goTo = (shown: number) => {
    showState(shown);
    if (shown === state.shown) return;
    const from = { x: points.x.slice(), y: points.y.slice() };
    state.shown = shown;
    say(stateName(points, shown));
    states.move((time) => {
      moveItems(points, from, shown, time);
      map.moved();
      if (time === 1) arrived();
    });
  };
  const showState = createTimeline(collection, goTo);
  showState(state.shown);
  return { flyTo, frame, goTo, stop: views.stop };
}
