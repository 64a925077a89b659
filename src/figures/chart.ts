/**
 * A chart: lines with bands, bars and marks between two axes. A chart is a panel; several make a figure. Axes and
 * lines are drawn in files of their own.
 */
import { type Area, axesOf, type ChartAxis, gridOf, LETTERS, type Scales, scalesOf } from './axes.js';
import { type Line, lineOf, namesAtEnds } from './lines.js';
import { element, fitted, text, widthOf } from './svg.js';
import type { Theme } from './theme.js';

export type { ChartAxis } from './axes.js';
export type { Line } from './lines.js';

/** Bars over a number line. */
export interface Bars {
  readonly name: string;
  readonly colour: string;
  /** From, to, height. */
  readonly bars: readonly (readonly [from: number, to: number, height: number])[];
}

/** A vertical line with a name. */
export interface Mark {
  readonly at: number;
  readonly name: string;
}

/** Options of {@link chart}. */
export interface ChartOptions {
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly title?: string | undefined;
  readonly lines?: readonly Line[] | undefined;
  readonly bars?: readonly Bars[] | undefined;
  readonly marks?: readonly Mark[] | undefined;
  /** Place and size on the figure, labels included. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly theme: Theme;
}

const MARGIN = { left: 54, top: 34, bottom: 44 };

/** A chart as SVG. Names of lines stand at their right ends; of bars, and of lines without points, nowhere. */
export function chart({ x, y, title, lines = [], bars = [], marks = [], box, theme }: ChartOptions): string {
  const [left, top, width, height] = box;
  const named = lines.filter(({ points, name }) => points.length > 0 && name !== '');
  const longest = Math.max(...named.map(({ name }) => widthOf(name, LETTERS.tick)));
  const room = named.length > 1 ? Math.min(width * 0.34, longest + 14) : 12;
  const area: Area = {
    left: left + MARGIN.left,
    right: left + width - room,
    top: top + (title ? MARGIN.top : 12),
    bottom: top + height - MARGIN.bottom,
  };
  const { xs, ys } = valuesOf({ lines, bars, marks });
  const scales = scalesOf(x, y, xs, ys, area);
  const heading = { size: LETTERS.title, fill: theme.ink, weight: 'bold' } as const;
  return [
    ...(title ? [text(left + 4, top + 16, fitted(title, LETTERS.title, width - 8), heading)] : []),
    ...gridOf(scales, area, theme),
    ...bars.flatMap((one) => barsOf(one, scales)),
    ...axesOf(scales, area, { x: x.label, y: y.label, margin: MARGIN.left }, theme),
    ...marks.flatMap((mark) => markOf(mark, scales, area, theme)),
    ...lines.flatMap((line) => lineOf(line, scales)),
    ...(named.length > 1 ? namesAtEnds(lines, scales, area, room) : []),
  ].join('');
}

/** All values that must have a place on the axes. */
function valuesOf({
  lines,
  bars,
  marks,
}: {
  readonly lines: readonly Line[];
  readonly bars: readonly Bars[];
  readonly marks: readonly Mark[];
}): { xs: number[]; ys: number[] } {
  const points = lines.flatMap((line) => [...line.points, ...(line.behind ?? [])]);
  const xs = [
    ...points.map(([value]) => value),
    ...bars.flatMap((b) => b.bars.flatMap((bar) => bar.slice(0, 2))),
    ...marks.map(({ at }) => at),
  ];
  const ys = [
    ...points.map(([, value]) => value),
    ...lines.flatMap(({ band = [] }) => band.flat()),
    ...bars.flatMap((b) => b.bars.map(([, , tall]) => tall)),
    ...(bars.length > 0 ? [0] : []),
  ];
  return { xs, ys: ys.filter(Number.isFinite) };
}

function barsOf({ bars, colour }: Bars, { across, up }: Scales): string[] {
  return bars.flatMap(([from, to, tall]) => {
    const [a, b] = [across.place(from), across.place(to)];
    const height = up.place(0) - up.place(tall);
    if (!(height > 0)) return [];
    const width = Math.max(0.3, b - a - (b - a > 4 ? 1 : 0));
    const place = { x: a, y: up.place(tall), width, height };
    return [element('rect', { ...place, fill: colour, 'fill-opacity': 0.85 })];
  });
}

/** A dashed line across the area, its name on the side where there is more room. */
function markOf({ at, name }: Mark, { across }: Scales, area: Area, theme: Theme): string[] {
  const place = across.place(at);
  const late = place > (area.left + area.right) / 2;
  const line = { x1: place, x2: place, y1: area.top, y2: area.bottom };
  return [
    element('line', { ...line, stroke: theme.ink, 'stroke-dasharray': '3 3' }),
    text(place + (late ? -6 : 6), area.top + 11, name, {
      size: LETTERS.tick,
      fill: theme.ink,
      anchor: late ? 'end' : 'start',
    }),
  ];
}
