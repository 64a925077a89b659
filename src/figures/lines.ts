/** The lines of a chart: bands, thin lines behind, dots, and names beside the ends. Where values lie is given. */
import { type Area, LETTERS, type Scales } from './axes.js';
import { element, fitted, pathThrough, text } from './svg.js';

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

/** A line as SVG; empty for one without finite points. */
export function lineOf({ points, band, behind, colour, dashed, dots }: Line, scales: Scales): string[] {
  const path = placesOf(points, scales);
  if (path.length === 0) return [];
  const parts: string[] = [];
  if (band) {
    const edge = (side: 0 | 1) =>
      points.map(([a], i) => [scales.across.place(a), scales.up.place(band[i][side])] as const);
    const shade = [...edge(1), ...edge(0).reverse()];
    parts.push(element('path', { d: `${pathThrough(shade)}Z`, fill: colour, 'fill-opacity': 0.16 }));
  }
  const stroke = { fill: 'none', stroke: colour };
  if (behind && behind.length > 1) {
    const d = pathThrough(placesOf(behind, scales));
    parts.push(element('path', { d, ...stroke, 'stroke-opacity': 0.3, 'stroke-width': 0.8 }));
  }
  const dashes = dashed ? '6 4' : undefined;
  const look = { 'stroke-width': 2, 'stroke-linejoin': 'round', 'stroke-dasharray': dashes };
  parts.push(element('path', { d: pathThrough(path), ...stroke, ...look }));
  if (dots || path.length === 1)
    for (const [a, b] of path) parts.push(element('circle', { cx: a, cy: b, r: 2.6, fill: colour }));
  return parts;
}

function placesOf(points: Line['points'], { across, up }: Scales): (readonly [number, number])[] {
  return points
    .filter(([, value]) => Number.isFinite(value))
    .map(([a, b]) => [across.place(a), up.place(b)] as const);
}

/** Names of lines at their ends, in `room` px right of the area, moved apart where they would overlap. */
export function namesAtEnds(lines: readonly Line[], scales: Scales, area: Area, room: number): string[] {
  const pitch = LETTERS.tick + 3;
  const ends = lines.flatMap(({ name, colour, points }) => {
    const last = placesOf(points, scales).at(-1);
    return last ? [{ name, colour, y: last[1] }] : [];
  });
  const sorted = ends.sort((a, b) => a.y - b.y);
  const places: number[] = [];
  sorted.forEach(({ y }, i) => {
    places.push(i === 0 ? y : Math.max(y, places[i - 1] + pitch));
  });
  const lowest = area.bottom - 2;
  if ((places.at(-1) ?? 0) > lowest)
    for (let i = places.length - 1, limit = lowest; i >= 0; i--, limit -= pitch)
      places[i] = Math.min(places[i], limit);
  return sorted.map(({ name, colour }, i) =>
    text(area.right + 7, places[i] + 4, fitted(name, LETTERS.tick, room - 8), {
      size: LETTERS.tick,
      fill: colour,
      weight: 'bold',
    }),
  );
}
