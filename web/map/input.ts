/** Pointer, wheel and keys on the map: they move the view, choose items, and draw the lasso's line. */
import type { Point } from '../disk/moebius.js';
import { itemAt } from './hit.js';
import type { DiskMap } from './map.js';
import type { MapState } from './mapState.js';
import { fromScreen, HOME, pan, type View, zoom } from './view.js';

/** What input on the map leads to. */
export interface MapActions {
  /** An item is clicked. */
  chooseItem(item: number): void;
  /** The mouse is over an item, -1 for none, at a screen place. */
  hover(item: number, at: Point): void;
  /** A line has been drawn with the lasso. */
  markEnclosed(line: readonly Point[]): void;
  /** Escape is pressed. */
  escape(): void;
  /** The view has moved. */
  viewMoved(): void;
  /** Stops a flight that is under way. */
  stopFlight(): void;
}

/** How far a press may move and still be a click, px. */
const CLICK_TRAVEL = 5;
/** How near a click must be to an item, px: a finger covers more than a mouse. */
const HIT_RADIUS = { mouse: 10, touch: 22 };
/** How far an arrow key moves the view, px. */
const KEY_STEP = 40;

/** Listens on the map. `isLasso` says whether dragging draws a line instead of moving. */
export function listenOnMap(
  box: HTMLElement,
  map: DiskMap,
  state: MapState,
  isLasso: () => boolean,
  actions: MapActions,
): void {
  const pressed = new Map<number, Point>();
  let travelled = 0;
  const at = (event: MouseEvent): Point => {
    const { left, top } = box.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const seen = (place: Point) => fromScreen(state.view, map.viewport(), place);
  const show = (view: View) => {
    state.view = view;
    map.redraw();
    actions.viewMoved();
  };

  box.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    actions.stopFlight();
    actions.hover(-1, [0, 0]);
    if (pressed.size === 0) travelled = 0;
    pressed.set(event.pointerId, at(event));
    box.setPointerCapture(event.pointerId);
    if (isLasso()) map.lasso = [at(event)];
  });
  box.addEventListener('pointermove', (event) => {
    const before = pressed.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (event.pointerType === 'mouse')
        actions.hover(itemAt(map.screenPlaces(), now, HIT_RADIUS.mouse), now);
      return;
    }
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, now);
    if (other) {
      const apart = (place: Point) => Math.max(8, Math.hypot(place[0] - other[0], place[1] - other[1]));
      const half = (place: Point): Point => [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
      const moved = pan(state.view, seen(half(before)), seen(half(now)));
      show(zoom(moved, apart(now) / apart(before), seen(half(now))));
    } else if (isLasso()) {
      map.lasso = [...map.lasso, now];
      map.redraw();
    } else if (travelled > CLICK_TRAVEL) show(pan(state.view, seen(before), seen(now)));
  });
  const release = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return;
    if (isLasso() && map.lasso.length > 2) actions.markEnclosed(map.lasso);
    else if (event.type === 'pointerup' && travelled <= CLICK_TRAVEL) {
      const item = itemAt(
        map.screenPlaces(),
        at(event),
        event.pointerType === 'touch' ? HIT_RADIUS.touch : HIT_RADIUS.mouse,
      );
      if (item >= 0) actions.chooseItem(item);
    }
    map.lasso = [];
    map.redraw();
  };
  box.addEventListener('pointerup', release);
  box.addEventListener('pointercancel', release);
  box.addEventListener('pointerleave', () => actions.hover(-1, [0, 0]));
  box.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      actions.stopFlight();
      const amount = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 4 : 1);
      show(zoom(state.view, Math.exp(-amount / 500), seen(at(event))));
    },
    { passive: false },
  );
  box.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height } = map.viewport();
    const middle: Point = [width / 2, height / 2];
    const step = (dx: number, dy: number) =>
      show(pan(state.view, seen(middle), seen([middle[0] + dx * KEY_STEP, middle[1] + dy * KEY_STEP])));
    const keys: Record<string, () => void> = {
      ArrowLeft: () => step(1, 0),
      ArrowRight: () => step(-1, 0),
      ArrowUp: () => step(0, 1),
      ArrowDown: () => step(0, -1),
      '+': () => show(zoom(state.view, 1.25, [0, 0])),
      '=': () => show(zoom(state.view, 1.25, [0, 0])),
      '-': () => show(zoom(state.view, 0.8, [0, 0])),
      Home: () => show(HOME),
      '0': () => show(HOME),
      Enter: () => {
        const item = itemAt(map.screenPlaces(), middle, Math.max(width, height));
        if (item >= 0) actions.chooseItem(item);
      },
      Escape: () => actions.escape(),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    actions.stopFlight();
    action();
  });
}
