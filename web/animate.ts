/** Short movements, picture by picture. Where the user wants no motion, they are jumps. */

/** Duration of a movement, ms. */
const DURATION = 450;

/** Makes movements one at a time: the one before is stopped. A step is called with times from 0 to 1. */
export function createMover(): { move(step: (time: number) => void): void; stop(): void } {
  let frame = 0;
  const stop = () => cancelAnimationFrame(frame);
  return {
    stop,
    move(step) {
      stop();
      const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
      const start = performance.now();
      const next = () => {
        const time = isQuiet ? 1 : Math.min(1, (performance.now() - start) / DURATION);
        step(time);
        if (time < 1) frame = requestAnimationFrame(next);
      };
      next();
    },
  };
}
