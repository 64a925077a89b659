/** A bound on the pieces of work done at a time; the others wait in order. */

/** Runs work under a limit. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** A limit of `most` pieces at a time. */
export function limitTo(most: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
