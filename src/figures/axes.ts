/** The frame of a chart: two axes with round numbers, a grid, names of the axes. What is drawn between is not here. */
import { linearScale, logarithmicScale, type Scale } from './scale.js';
import { element, text } from './svg.js';
import type { Theme } from './theme.js';

/** An axis. */
export interface ChartAxis {
  readonly label: string;
  readonly range?: readonly [number, number] | undefined;
  readonly log?: boolean | undefined;
  readonly percent?: boolean | undefined;
  readonly ticks?: readonly number[] | undefined;
}

/** The rectangle between the axes. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Values to places in an area. */
export interface Scales {
  readonly across: Scale;
  readonly up: Scale;
}

/** Sizes of letters, px. */
export const LETTERS = { title: 14, label: 12, tick: 11 };
/** Pixels a tick takes, so that their labels do not touch. */
const PITCH = { across: 70, up: 42 };

/** The scales of two axes over the values that are drawn; the vertical one is widened to round numbers. */
export function scalesOf(
  x: ChartAxis,
  y: ChartAxis,
  xs: readonly number[],
  ys: readonly number[],
  area: Area,
): Scales {
  const { left, right, top, bottom } = area;
  const across = Math.max(2, Math.round((right - left) / PITCH.across));
  const up = Math.max(2, Math.round((bottom - top) / PITCH.up));
  return {
    across: scaleOf(x, xs, [left, right], across, true),
    up: scaleOf(y, ys, [bottom, top], up, false),
  };
}

function scaleOf(
  { range, log, percent, ticks }: ChartAxis,
  values: readonly number[],
  along: readonly [number, number],
  count: number,
  exact: boolean,
): Scale {
  const [low, high] = range ?? [Math.min(...values), Math.max(...values)];
  if (log) return logarithmicScale(low, high, along, ticks);
  return linearScale(low, high, along, {
    count,
    percent: percent ?? false,
    exact: exact || range !== undefined,
  });
}

/** Grid lines with their values, to lie under everything. */
export function gridOf({ up }: Scales, { left, right }: Area, theme: Theme): string[] {
  return up.ticks.flatMap((tick) => {
    const at = up.place(tick);
    return [
      element('line', { x1: left, x2: right, y1: at, y2: at, stroke: theme.grid }),
      text(left - 8, at + 4, up.label(tick), { size: LETTERS.tick, fill: theme.faint, anchor: 'end' }),
    ];
  });
}

/** The horizontal axis and the names of both; the vertical name begins `margin` px left of the area. */
export function axesOf(
  { across }: Scales,
  { left, right, top, bottom }: Area,
  names: { readonly x: string; readonly y: string; readonly margin: number },
  theme: Theme,
): string[] {
  const name = { size: LETTERS.label, fill: theme.ink, anchor: 'middle' } as const;
  const ticks = across.ticks.flatMap((tick) => {
    const at = across.place(tick);
    const look = { size: LETTERS.tick, fill: theme.faint, anchor: 'middle' } as const;
    return [
      element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: theme.axis }),
      text(at, bottom + 17, across.label(tick), look),
    ];
  });
  return [
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: theme.axis }),
    ...ticks,
    text((left + right) / 2, bottom + 36, names.x, name),
    text(left - names.margin + 13, (top + bottom) / 2, names.y, { ...name, turn: -90 }),
  ];
}
