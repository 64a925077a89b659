/**
 * Retrieval as pictures: a query a row, its nearest images beside it, framed by whether they share its class; by
 * one network, or by two side by side (HIER supplement, Figure 2).
 */
import { figureFrame, heading, headingWidth, legend } from './frame.js';
import { type Drawing, element, fitted, text } from './svg.js';
import type { Theme } from './theme.js';

/** An image on a sheet. */
export interface SheetImage {
  /** Data URI. */
  readonly picture: string;
  readonly caption: string;
  /** Whether it is of the query's class; absent for the query. */
  readonly right?: boolean;
}

/** A query with what each network found, nearest first. */
export interface SheetRow {
  readonly query: SheetImage;
  readonly found: readonly (readonly SheetImage[])[];
  /** Said under the query, such as the rank of the first right result. */
  readonly note?: string | undefined;
}

/** Options of {@link sheetFigure}. */
export interface SheetOptions {
  readonly title: string;
  readonly subtitle: string;
  /** Name of each network. */
  readonly networks: readonly string[];
  readonly rows: readonly SheetRow[];
  readonly theme: Theme;
}

const SIDE = 84;
const PITCH = SIDE + 14;
const APART = 34;
const ROW = SIDE + 42;

/** The figure. */
export function sheetFigure({ title, subtitle, networks, rows, theme }: SheetOptions): Drawing {
  const columns = Math.max(1, ...rows.flatMap(({ found }) => found.map((list) => list.length)));
  const startOf = (network: number) => 28 + PITCH + APART + network * (columns * PITCH + APART);
  const width = Math.max(headingWidth(title, subtitle), startOf(networks.length) - APART + 28);
  const top = 112;
  const height = top + rows.length * ROW + 28;
  const parts: string[] = [
    heading(title, subtitle, width, theme),
    legend(
      28,
      84,
      [
        { name: 'same class', colour: theme.right },
        { name: 'another class', colour: theme.wrong },
      ],
      theme,
    ).svg,
    text(28, top - 6, 'Query', { size: 12, fill: theme.ink, weight: 'bold' }),
    ...networks.map((name, i) =>
      text(startOf(i), top - 6, fitted(name, 12, columns * PITCH), {
        size: 12,
        fill: theme.ink,
        weight: 'bold',
      }),
    ),
  ];
  rows.forEach(({ query, found, note }, row) => {
    const y = top + 4 + row * ROW;
    parts.push(framed(query, 28, y, theme.ink, theme));
    if (note)
      parts.push(
        text(28 + SIDE / 2, y + SIDE + 29, fitted(note, 10.5, PITCH + APART - 4), {
          size: 10.5,
          fill: theme.faint,
          anchor: 'middle',
        }),
      );
    found.forEach((list, network) => {
      list.forEach((image, place) => {
        const colour = image.right ? theme.right : theme.wrong;
        parts.push(framed(image, startOf(network) + place * PITCH, y, colour, theme));
      });
    });
  });
  return { width, height, title, content: figureFrame(width, height, theme, ...parts) };
}

/** An image in its frame with its caption. White behind, since images may be transparent or drawn for white. */
function framed(
  { picture, caption, right }: SheetImage,
  x: number,
  y: number,
  colour: string,
  theme: Theme,
): string {
  return [
    element('rect', {
      x: x - 2,
      y: y - 2,
      width: SIDE + 4,
      height: SIDE + 4,
      rx: 4,
      fill: '#ffffff',
      stroke: colour,
      'stroke-width': right === undefined ? 1.5 : 4,
    }),
    element('image', { x, y, width: SIDE, height: SIDE, href: picture }),
    text(x + SIDE / 2, y + SIDE + 16, fitted(caption, 10.5, PITCH - 10), {
      size: 10.5,
      fill: theme.faint,
      anchor: 'middle',
    }),
  ].join('');
}
