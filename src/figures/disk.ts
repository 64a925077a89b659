/**
 * The Poincaré disk as a panel: points by colour, hierarchical proxies, and the lines from each point to its
 * parent along geodesics, which are arcs that meet the rim at right angles.
 */
import type { AncestorMap } from '../hierarchy/index.js';
import { element, fixed } from './svg.js';
import type { Theme } from './theme.js';

/** Options of {@link diskPanel}. */
export interface DiskPanel {
  /** Samples, then proxies, in the unit disk, `[N + P, 2]`. */
  readonly disk: ArrayLike<number>;
  /** Colour of each sample. */
  readonly colours: readonly string[];
  readonly parents: AncestorMap;
  /** Middle and radius on the paper. */
  readonly circle: readonly [x: number, y: number, radius: number];
  /** Opacity of the lines to the parents. Default 0.75. */
  readonly lineOpacity?: number;
  readonly theme: Theme;
}

/** A panel as SVG. */
export function diskPanel({ disk, colours, parents, circle, lineOpacity = 0.75, theme }: DiskPanel): string {
  const [cx, cy, radius] = circle;
  const samples = colours.length;
  const at = (i: number): Place => [disk[2 * i], disk[2 * i + 1]];
  const paper = ([x, y]: Place): Place => [cx + radius * x, cy - radius * y];
  const lines = [
    ...Array.from(parents.ofLeaves, (parent, i) => [i, samples + parent]),
    ...Array.from(parents.ofProxies, (parent, i) => [samples + i, parent < 0 ? -1 : samples + parent]),
  ]
    .filter(([, parent]) => parent >= 0)
    .map(([i, parent]) => geodesic(at(i), at(parent), paper, radius))
    .join('');
  const size = Math.max(1.5, Math.min(3.2, (radius / 62) * Math.sqrt(1200 / Math.max(1, samples))));
  const byColour = new Map<string, Place[]>();
  colours.forEach((colour, i) => {
    const list = byColour.get(colour);
    if (list) list.push(paper(at(i)));
    else byColour.set(colour, [paper(at(i))]);
  });
  const proxies = Array.from({ length: disk.length / 2 - samples }, (_, i) => paper(at(samples + i)));
  return [
    element('circle', { cx, cy, r: radius, fill: 'none', stroke: theme.axis }),
    element('path', {
      d: lines,
      fill: 'none',
      stroke: theme.axis,
      'stroke-opacity': lineOpacity,
      'stroke-width': 0.6,
    }),
    ...[...byColour].map(([colour, places]) => dots(places, 2 * size, colour, 0.85)),
    dots(proxies, 9, theme.ink, 1),
    dots(proxies, 7.6, theme.proxy, 1),
  ].join('');
}

type Place = readonly [x: number, y: number];

/** Round marks as one path: lines without length with round ends. */
function dots(places: readonly Place[], diameter: number, colour: string, opacity: number): string {
  if (places.length === 0) return '';
  return element('path', {
    d: places.map(([x, y]) => `M${fixed(x)} ${fixed(y)}h0`).join(''),
    stroke: colour,
    'stroke-width': diameter,
    'stroke-linecap': 'round',
    'stroke-opacity': opacity,
  });
}

/**
 * The geodesic between two points of the unit disk as part of a path: an arc of the circle through both that is
 * orthogonal to the rim; a straight line where that circle is so large that nobody could tell.
 */
export function geodesic(a: Place, b: Place, paper: (place: Place) => Place, radius: number): string {
  const [from, to] = [paper(a), paper(b)];
  const start = `M${fixed(from[0])} ${fixed(from[1])}`;
  // Orthogonal circles have |centre|² = 1 + r², so centre · p = (1 + |p|²) / 2 for each point p on them.
  const cross = a[0] * b[1] - a[1] * b[0];
  const [u, v] = [(1 + a[0] ** 2 + a[1] ** 2) / 2, (1 + b[0] ** 2 + b[1] ** 2) / 2];
  const [x, y] = [(u * b[1] - v * a[1]) / cross, (v * a[0] - u * b[0]) / cross];
  const arc = Math.sqrt(x * x + y * y - 1);
  if (!(arc < 50)) return `${start}L${fixed(to[0])} ${fixed(to[1])}`;
  // On paper y points down, which turns counter-clockwise arcs into clockwise ones.
  const side = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
  return `${start}A${fixed(arc * radius)} ${fixed(arc * radius)} 0 0 ${side > 0 ? 0 : 1} ${fixed(to[0])} ${fixed(to[1])}`;
}
