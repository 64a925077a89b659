/** Scales of axes: from values to places on the paper, with round numbers to write beside them. */

/** A scale. */
export interface Scale {
  place(value: number): number;
  readonly ticks: readonly number[];
  label(tick: number): string;
}

/** A linear scale over [low, high], stretched to round ends unless `exact`. */
export function linearScale(
  low: number,
  high: number,
  [from, to]: readonly [number, number],
  { count = 5, percent = false, exact = false }: { count?: number; percent?: boolean; exact?: boolean } = {},
): Scale {
  if (!(high > low)) [low, high] = [low - 0.5, low + 0.5];
  const step = roundStep((high - low) / count);
  const [start, end] = exact
    ? [low, high]
    : [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  const ticks: number[] = [];
  for (let i = Math.ceil(start / step - 1e-9); i * step <= end + step * 1e-9; i++) ticks.push(i * step);
  const unit = percent ? 100 : 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step * unit) + 1e-9));
  return {
    place: (value) => from + ((value - start) / (end - start)) * (to - from),
    ticks,
    label: (tick) => (tick * unit).toFixed(decimals).replace(/^-(0(\.0+)?)$/, '$1'),
  };
}

/** A scale on which equal factors are equal lengths, over [low, high] above 0, with the given ticks. */
export function logarithmicScale(
  low: number,
  high: number,
  [from, to]: readonly [number, number],
  ticks: readonly number[] = powers(low, high),
): Scale {
  const [start, width] = [Math.log(low), Math.log(high) - Math.log(low) || 1];
  return {
    place: (value) => from + ((Math.log(Math.max(value, low)) - start) / width) * (to - from),
    ticks: ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)),
    label: (tick) => (tick >= 1 ? String(Math.round(tick)) : String(Number(tick.toPrecision(1)))),
  };
}

function powers(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    ticks.push(10 ** power);
  return ticks;
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}
