/** When the map is drawn: once in a frame however much has changed, and once more when it rests. It draws nothing itself. */

/** The map rests after this long without a change, ms. */
const REST = 140;

/** What can be under way over several frames: the view flies, or the items move to another epoch. */
export type Movement = 'view' | 'items';

/** Options of {@link createFrames}. */
export interface FrameOptions {
  /** Calls a function before the browser shows its next picture. */
  readonly nextFrame: (draw: () => void) => void;
  /** Draws the map. */
  draw(): void;
  /** Chooses what is shown of a map that rests, which is drawn afterwards. */
  rest(): void;
  /** The map begins to move or to be drawn, or has been drawn at rest. */
  busy(isBusy: boolean): void;
}

/** The frames of a map. */
export interface Frames {
  /** Something has changed: the map is drawn in the next frame. */
  request(): void;
  /** A movement begins or ends; the map does not rest before it has ended. */
  setMoving(movement: Movement, isMoving: boolean): void;
  /** Draws nothing any more. */
  stop(): void;
}

/** Makes the frames; nothing is drawn before the first request. */
export function createFrames({ nextFrame, draw, rest, busy }: FrameOptions): Frames {
  const movements = new Set<Movement>();
  let isPending = false;
  let isStopped = false;
  let isBusy = false;
  let restTimer: ReturnType<typeof setTimeout> | undefined;
  const setBusy = (next: boolean) => {
    if (next !== isBusy) busy(next);
    isBusy = next;
  };
  const drawNow = () => {
    isPending = false;
    if (!isStopped) draw();
  };
  const restNow = () => {
    if (movements.size > 0) return;
    rest();
    drawNow();
    setBusy(false);
  };
  const request = () => {
    if (isStopped) return;
    setBusy(true);
    if (!isPending) {
      isPending = true;
      nextFrame(drawNow);
    }
    clearTimeout(restTimer);
    restTimer = setTimeout(restNow, REST);
  };
  return {
    request,
    stop() {
      isStopped = true;
      clearTimeout(restTimer);
    },
    setMoving(movement, isMoving) {
      if (isMoving) movements.add(movement);
      else if (!movements.delete(movement)) return;
      request();
    },
  };
}
