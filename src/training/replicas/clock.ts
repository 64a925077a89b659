/** What a replica spends its time on, part by part, for benchmarks. Nothing is decided by it. */

/** Seconds of every call of a part, by the part's name. */
export type Parts = Record<string, number[]>;

/** Does a part of the work; the clock of {@link clockOf} keeps how long it took. */
export type Clock = <T>(part: string, work: () => T) => T;

/** A clock that writes into `parts`; without them it only does the work. An async part lasts until its promise is settled. */
export function clockOf(parts: Parts | undefined): Clock {
  if (!parts) return (_, work) => work();
  return (part, work) => {
    const started = performance.now();
    const stop = () => {
      (parts[part] ??= []).push((performance.now() - started) / 1000);
    };
    const value = work();
    if (value instanceof Promise) value.then(stop, () => undefined);
    else stop();
    return value;
  };
}
