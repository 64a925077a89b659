/**
 * Retrieval as pictures: a query a row, its nearest images beside it, framed by whether they share its class; by one
 * network, or by two side by side, on one data set or on several (HIER supplement, Figure 2).
 */
import { figureFrame, heading, headingWidth, legend } from './frame.js';
import { type Drawing, element, fitted, text, wrappedLines } from './svg.js';
import type { Theme } from './theme.js';

/** An image on a sheet. */
export interface SheetImage {
  /** Data URI. */
  readonly picture: string;
  /** Said under it, whole, in as many lines as it takes. */
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

/** The queries of one data set. */
export interface SheetSection {
  /** Said above it, such as the data set; left out where there is one section. */
  readonly title?: string;
  /** Name of each network. */
  readonly networks: readonly string[];
  readonly rows: readonly SheetRow[];
}

/** Options of {@link sheetFigure}. */
export interface SheetOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly sections: readonly SheetSection[];
  readonly theme: Theme;
}

const SIDE = 84;
const PITCH = SIDE + 14;
const APART = 34;
const CAPTION = { size: 10.5, line: 12.5, width: PITCH - 8 };

/** The figure. */
export function sheetFigure({ title, subtitle, sections, theme }: SheetOptions): Drawing {
  const lists = sections.flatMap(({ rows }) => rows.flatMap(({ found }) => found));
  const columns = Math.max(1, ...lists.map((list) => list.length));
  const networks = Math.max(1, ...sections.map((section) => section.networks.length));
  const startOf = (network: number) => 28 + PITCH + APART + network * (columns * PITCH + APART);
  const width = Math.max(headingWidth(title, subtitle), startOf(networks) - APART + 28);
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
  ];
  let y = 94;
  for (const section of sections) {
    if (section.title !== undefined) {
      const look = { size: 14, fill: theme.ink, weight: 'bold' } as const;
      parts.push(text(28, y + 22, fitted(section.title, 14, (width - 56) / 1.08), look));
      y += 34;
    }
    y += 18;
    const bold = { size: 12, fill: theme.ink, weight: 'bold' } as const;
    parts.push(
      text(28, y - 6, 'Query', bold),
      ...section.networks.map((name, i) =>
        text(startOf(i), y - 6, fitted(name, 12, (columns * PITCH) / 1.08), bold),
      ),
    );
    for (const row of section.rows) {
      parts.push(...rowOf(row, y + 4, startOf, theme));
      y += heightOf(row);
    }
  }
  const height = y + 28;
  return { width, height, title, content: figureFrame(width, height, theme, ...parts) };
}

function rowOf(
  { query, found, note }: SheetRow,
  y: number,
  startOf: (network: number) => number,
  theme: Theme,
): string[] {
  const parts = [framed(query, 28, y, theme.ink, theme)];
  if (note) {
    const below = y + SIDE + 16 + CAPTION.line * linesOf(query.caption).length;
    const look = { size: CAPTION.size, fill: theme.faint, anchor: 'middle' } as const;
    parts.push(text(28 + SIDE / 2, below, fitted(note, CAPTION.size, PITCH + APART - 4), look));
  }
  for (const [network, list] of found.entries())
    for (const [place, image] of list.entries()) {
      const colour = image.right ? theme.right : theme.wrong;
      parts.push(framed(image, startOf(network) + place * PITCH, y, colour, theme));
    }
  return parts;
}

/** A row is as high as its longest caption needs. */
function heightOf({ query, found, note }: SheetRow): number {
  const ofQuery = linesOf(query.caption).length + (note ? 1 : 0);
  const lines = Math.max(ofQuery, ...found.flat().map(({ caption }) => linesOf(caption).length));
  return SIDE + 16 + Math.max(2, lines) * CAPTION.line + 3;
}

const linesOf = (caption: string): string[] => wrappedLines(caption, CAPTION.size, CAPTION.width);

/** An image in its frame with its caption. White behind, since images may be transparent or drawn for white. */
function framed(
  { picture, caption, right }: SheetImage,
  x: number,
  y: number,
  colour: string,
  theme: Theme,
): string {
  const look = { size: CAPTION.size, fill: theme.faint, anchor: 'middle' } as const;
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
    ...linesOf(caption).map((line, i) => text(x + SIDE / 2, y + SIDE + 16 + i * CAPTION.line, line, look)),
  ].join('');
}
