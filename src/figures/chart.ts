/**
 * A chart: axes with labels and grid, lines with bands, bars, and names beside the lines' ends. A chart is a
 * panel; several make a figure.
 */
import type { Scale } from './scale.js';
import { linear, logarithmic } from './scale.js';
import { element, fitted, pathThrough, text, widthOf } from './svg.js';
import type { Theme } from './theme.js';

/** A line of a chart. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Lower and upper bound at each point, drawn as a shade. */
  readonly band?: readonly (readonly [low: number, high: number])[] | undefined;
  /** A thin line behind, such as single steps under their means. */
  readonly behind?: readonly (readonly [x: number, y: number])[] | undefined;
  readonly dashed?: boolean | undefined;
  /** Marks at the points. */
  readonly dots?: boolean | undefined;
}

/** Bars over a number line. */
export interface Bars {
  readonly name: string;
  readonly colour: string;
  /** From, to, height. */
  readonly bars: readonly (readonly [from: number, to: number, height: number])[];
}

/** An axis. */
export interface Axis {
  readonly label: string;
  readonly range?: readonly [number, number] | undefined;
  readonly log?: boolean | undefined;
  readonly percent?: boolean | undefined;
  readonly ticks?: readonly number[] | undefined;
}

/** What {@link chart} needs to know. */
export interface ChartOptions {
  readonly x: Axis;
  readonly y: Axis;
  readonly title?: string | undefined;
  readonly lines?: readonly Line[] | undefined;
  readonly bars?: readonly Bars[] | undefined;
  /** Vertical lines with a name. */
  readonly marks?: readonly { readonly at: number; readonly name: string }[] | undefined;
  /** Place and size on the figure, labels included. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly theme: Theme;
}

const SIZE = { title: 14, label: 12, tick: 11 };
const MARGIN = { left: 54, top: 34, bottom: 44 };

/** A chart as SVG. Names of lines stand at their right ends; of bars, and of lines without points, nowhere. */
export function chart({ x, y, title, lines = [], bars = [], marks = [], box, theme }: ChartOptions): string {
  const [left, top, width, height] = box;
  const named = lines.filter(({ points, name }) => points.length > 0 && name !== '');
  const room =
    named.length > 1
      ? Math.min(width * 0.34, Math.max(...named.map(({ name }) => widthOf(name, SIZE.tick))) + 14)
      : 12;
  const area = {
    left: left + MARGIN.left,
    right: left + width - room,
    top: top + (title ? MARGIN.top : 12),
    bottom: top + height - MARGIN.bottom,
  };
  const xs = [
    ...lines.flatMap(({ points, behind = [] }) => [...points, ...behind].map(([value]) => value)),
    ...bars.flatMap((b) => b.bars.flatMap((bar) => bar.slice(0, 2))),
    ...marks.map(({ at }) => at),
  ];
  const ys = [
    ...lines.flatMap(({ points, band = [], behind = [] }) => [
      ...points.map(([, value]) => value),
      ...band.flat(),
      ...behind.map(([, value]) => value),
    ]),
    ...bars.flatMap((b) => b.bars.map(([, , tall]) => tall)),
    ...(bars.length > 0 ? [0] : []),
  ].filter(Number.isFinite);
  const across = scaleOf(
    x,
    xs,
    [area.left, area.right],
    Math.max(2, Math.round((area.right - area.left) / 70)),
    true,
  );
  const up = scaleOf(
    y,
    ys,
    [area.bottom, area.top],
    Math.max(2, Math.round((area.bottom - area.top) / 42)),
    false,
  );
  const parts: string[] = [];
  if (title)
    parts.push(
      text(left + 4, top + 16, fitted(title, SIZE.title, width - 8), {
        size: SIZE.title,
        fill: theme.ink,
        weight: 'bold',
      }),
    );
  for (const tick of up.ticks) {
    const at = up.place(tick);
    parts.push(element('line', { x1: area.left, x2: area.right, y1: at, y2: at, stroke: theme.grid }));
    parts.push(
      text(area.left - 8, at + 4, up.label(tick), { size: SIZE.tick, fill: theme.faint, anchor: 'end' }),
    );
  }
  for (const { bars: all, colour } of bars)
    for (const [from, to, tall] of all) {
      const [a, b] = [across.place(from), across.place(to)];
      const h = up.place(0) - up.place(tall);
      if (h > 0)
        parts.push(
          element('rect', {
            x: a,
            y: up.place(tall),
            width: Math.max(0.3, b - a - (b - a > 4 ? 1 : 0)),
            height: h,
            fill: colour,
            'fill-opacity': 0.85,
          }),
        );
    }
  parts.push(
    element('line', { x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom, stroke: theme.axis }),
  );
  for (const tick of across.ticks) {
    const at = across.place(tick);
    parts.push(element('line', { x1: at, x2: at, y1: area.bottom, y2: area.bottom + 4, stroke: theme.axis }));
    parts.push(
      text(at, area.bottom + 17, across.label(tick), {
        size: SIZE.tick,
        fill: theme.faint,
        anchor: 'middle',
      }),
    );
  }
  parts.push(
    text((area.left + area.right) / 2, area.bottom + 36, x.label, {
      size: SIZE.label,
      fill: theme.ink,
      anchor: 'middle',
    }),
  );
  parts.push(
    text(left + 13, (area.top + area.bottom) / 2, y.label, {
      size: SIZE.label,
      fill: theme.ink,
      anchor: 'middle',
      turn: -90,
    }),
  );
  for (const { at, name } of marks) {
    const place = across.place(at);
    const late = place > (area.left + area.right) / 2;
    parts.push(
      element('line', {
        x1: place,
        x2: place,
        y1: area.top,
        y2: area.bottom,
        stroke: theme.ink,
        'stroke-dasharray': '3 3',
      }),
    );
    parts.push(
      text(place + (late ? -6 : 6), area.top + 11, name, {
        size: SIZE.tick,
        fill: theme.ink,
        anchor: late ? 'end' : 'start',
      }),
    );
  }
  const ends: { y: number; name: string; colour: string }[] = [];
  for (const { points, band, behind, colour, dashed, dots, name } of lines) {
    const on = (all: Line['points']) =>
      all
        .filter(([, value]) => Number.isFinite(value))
        .map(([a, b]) => [across.place(a), up.place(b)] as const);
    const path = on(points);
    if (path.length === 0) continue;
    if (band) {
      const shade = [
        ...points.map(([a], i) => [across.place(a), up.place(band[i][1])] as const),
        ...points.map(([a], i) => [across.place(a), up.place(band[i][0])] as const).reverse(),
      ];
      parts.push(element('path', { d: `${pathThrough(shade)}Z`, fill: colour, 'fill-opacity': 0.16 }));
    }
    if (behind && behind.length > 1)
      parts.push(
        element('path', {
          d: pathThrough(on(behind)),
          fill: 'none',
          stroke: colour,
          'stroke-opacity': 0.3,
          'stroke-width': 0.8,
        }),
      );
    parts.push(
      element('path', {
        d: pathThrough(path),
        fill: 'none',
        stroke: colour,
        'stroke-width': 2,
        'stroke-linejoin': 'round',
        'stroke-dasharray': dashed ? '6 4' : undefined,
      }),
    );
    if (dots || path.length === 1)
      for (const [a, b] of path) parts.push(element('circle', { cx: a, cy: b, r: 2.6, fill: colour }));
    ends.push({ y: path[path.length - 1][1], name, colour });
  }
  if (named.length > 1) parts.push(...namesAtEnds(ends, area, room));
  return parts.join('');
}

function scaleOf(
  { range, log, percent, ticks }: Axis,
  values: readonly number[],
  along: readonly [number, number],
  count: number,
  exact: boolean,
): Scale {
  const [low, high] = range ?? [Math.min(...values), Math.max(...values)];
  if (log) return logarithmic(low, high, along, ticks);
  return linear(low, high, along, { count, percent: percent ?? false, exact: exact || range !== undefined });
}

/** Names of lines at their ends, moved apart where they would overlap. */
function namesAtEnds(
  ends: readonly { y: number; name: string; colour: string }[],
  area: { right: number; top: number; bottom: number },
  room: number,
): string[] {
  const pitch = SIZE.tick + 3;
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  const places: number[] = [];
  sorted.forEach(({ y }, i) => {
    places.push(i === 0 ? y : Math.max(y, places[i - 1] + pitch));
  });
  const over = Math.max(0, (places.at(-1) ?? 0) - (area.bottom - 2));
  for (let i = places.length - 1, limit = area.bottom - 2; over > 0 && i >= 0; i--, limit -= pitch)
    places[i] = Math.min(places[i], limit);
  return sorted.map(({ name, colour }, i) =>
    text(area.right + 7, places[i] + 4, fitted(name, SIZE.tick, room - 8), {
      size: SIZE.tick,
      fill: colour,
      weight: 'bold',
    }),
  );
}
