/** Short animations, frame by frame. For users who prefer no motion they are jumps. */

/** Duration of an animation, ms. */
const DURATION = 450;

/** Runs animations, one at a time. */
export interface Animator {
  /** Starts an animation in place of the one before; `step` is called with times from 0 to 1. */
  start(step: (time: number) => void): void;
  /** Stops the animation that is under way. */
  stop(): void;
}

/** Makes an animator; `running` is told when an animation begins, and when it has ended or been stopped. */
export function createAnimator(running: (isRunning: boolean) => void): Animator {
  let frame = 0;
  return {
    stop() {
      cancelAnimationFrame(frame);
      running(false);
    },
    start(step) {
      cancelAnimationFrame(frame);
      running(true);
      const isJump = matchMedia('(prefers-reduced-motion: reduce)').matches;
      const start = performance.now();
      const next = () => {
        const time = isJump ? 1 : Math.min(1, (performance.now() - start) / DURATION);
        step(time);
        if (time < 1) frame = requestAnimationFrame(next);
        else running(false);
      };
      next();
    },
  };
}
