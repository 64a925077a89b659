/**
 * When a run that is under way is saved beside the ends of its epochs: after so many minutes, since an epoch can take
 * hours. It keeps the time; what is saved is decided by the books of the run.
 */

/** Minutes of training that a crash may cost, by default. */
export const SAVE_EVERY = 15;

/** Tells when it is time to save. */
export interface SaveTimer {
  /** Whether the minutes are over since the run was saved last, or begun. */
  isDue(): boolean;
  /** The run has been saved just now. */
  saved(): void;
}

/**
 * A timer that begins now.
 * @param minutes more than 0; Infinity never is due
 * @param now clock in milliseconds
 */
export function saveTimer(minutes: number, now: () => number = () => performance.now()): SaveTimer {
  let last = now();
  return {
    isDue: () => now() - last >= minutes * 60_000,
    saved: () => {
      last = now();
    },
  };
}
