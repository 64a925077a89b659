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

/** Options of {@link listenOnMap}. */
export type InputOptions = Omit<Target, 'at' | 'seen' | 'show' | 'choose'>;

/** What listeners on the map share. */
interface Target {
  readonly box: HTMLElement;
  /** Aborted when the map is taken away. */
  readonly signal: AbortSignal;
  readonly map: DiskMap;
  readonly state: MapState;
  readonly actions: MapActions;
  /** Whether dragging draws a line instead of moving the map. */
  isLasso(): boolean;
  /** Place of an event on the map, px. */
  at(event: MouseEvent): Point;
  /** The point of the disk as it is seen at a screen place. */
  seen(place: Point): Point;
  /** Shows another view. */
  show(view: View): void;
  /** Chooses the item nearest to a screen place and no farther than `within` px, if there is one. */
  choose(place: Point, within: number): void;
}

/** Listens on the map. `isLasso` says whether dragging draws a line instead of moving. */
export function listenOnMap(options: InputOptions): void {
  const { box, map, state, actions } = options;
  const target: Target = {
    ...options,
    at({ clientX, clientY }) {
      const { left, top } = box.getBoundingClientRect();
      return [clientX - left, clientY - top];
    },
    seen: (place) => fromScreen(state.view, map.viewport(), place),
    show(view) {
      state.view = view;
      map.redraw();
      actions.viewMoved();
    },
    choose(place, within) {
      const item = itemAt(map.screenPlaces(), place, within);
      if (item >= 0) actions.chooseItem(item);
    },
  };
  listenToPointers(target);
  listenToWheel(target);
  listenToKeys(target);
}

/** A click chooses an item; dragging moves the map or draws the lasso's line; two fingers move and magnify. */
function listenToPointers(target: Target): void {
  const { box, signal, map, actions, isLasso, at, choose } = target;
  const pressed = new Map<number, Point>();
  let travelled = 0;
  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    actions.stopFlight();
    actions.hover(-1, [0, 0]);
    if (pressed.size === 0) travelled = 0;
    pressed.set(event.pointerId, at(event));
    box.setPointerCapture(event.pointerId);
    if (isLasso()) map.lasso = [at(event)];
  };
  const move = (event: PointerEvent) => {
    const [before, now] = [pressed.get(event.pointerId), at(event)];
    if (!before) {
      if (event.pointerType === 'mouse')
        actions.hover(itemAt(map.screenPlaces(), now, HIT_RADIUS.mouse), now);
      return;
    }
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, now);
    if (other) pinch(target, other, before, now);
    else if (isLasso()) {
      map.lasso = [...map.lasso, now];
      map.redraw();
    } else if (travelled > CLICK_TRAVEL) drag(target, before, now);
  };
  const release = (event: PointerEvent) => {
    if (!pressed.delete(event.pointerId)) return;
    if (isLasso() && map.lasso.length > 2) actions.markEnclosed(map.lasso);
    else if (event.type === 'pointerup' && travelled <= CLICK_TRAVEL)
      choose(at(event), event.pointerType === 'touch' ? HIT_RADIUS.touch : HIT_RADIUS.mouse);
    map.lasso = [];
    map.redraw();
  };
  box.addEventListener('pointerdown', press, { signal });
  box.addEventListener('pointermove', move, { signal });
  box.addEventListener('pointerup', release, { signal });
  box.addEventListener('pointercancel', release, { signal });
  box.addEventListener('pointerleave', () => actions.hover(-1, [0, 0]), { signal });
}

/** Moves what is seen at one screen place to another. */
function drag({ state, seen, show }: Target, before: Point, now: Point): void {
  show(pan(state.view, seen(before), seen(now)));
}

/** Follows a finger that moves while another one rests: moves with the middle of both, magnifies with their distance. */
function pinch({ state, seen, show }: Target, other: Point, before: Point, now: Point): void {
  const apart = (place: Point) => Math.max(8, Math.hypot(place[0] - other[0], place[1] - other[1]));
  const half = (place: Point): Point => [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
  const moved = pan(state.view, seen(half(before)), seen(half(now)));
  show(zoom(moved, apart(now) / apart(before), seen(half(now))));
}

/** The wheel magnifies what is under the pointer. */
function listenToWheel({ box, signal, state, actions, at, seen, show }: Target): void {
  const turn = (event: WheelEvent) => {
    event.preventDefault();
    actions.stopFlight();
    const amount = event.deltaY * (event.deltaMode === 1 ? 16 : 1) * (event.ctrlKey ? 4 : 1);
    show(zoom(state.view, Math.exp(-amount / 500), seen(at(event))));
  };
  box.addEventListener('wheel', turn, { passive: false, signal });
}

/** Keys move and magnify the map, and choose and close the item in the middle. */
function listenToKeys(target: Target): void {
  const { box, signal, map, state, actions, show, choose } = target;
  const middle = (): Point => [map.viewport().width / 2, map.viewport().height / 2];
  const step = (dx: number, dy: number) => {
    const [x, y] = middle();
    drag(target, [x, y], [x + dx * KEY_STEP, y + dy * KEY_STEP]);
  };
  const magnify = (factor: number) => show(zoom(state.view, factor, [0, 0]));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(1, 0),
    ArrowRight: () => step(-1, 0),
    ArrowUp: () => step(0, 1),
    ArrowDown: () => step(0, -1),
    '+': () => magnify(1.25),
    '=': () => magnify(1.25),
    '-': () => magnify(0.8),
    Home: () => show(HOME),
    '0': () => show(HOME),
    Enter: () => choose(middle(), 2 * Math.max(...middle())),
    Escape: () => actions.escape(),
  };
  const press = (event: KeyboardEvent) => {
    const action = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions.stopFlight();
    action();
  };
  box.addEventListener('keydown', press, { signal });
}
