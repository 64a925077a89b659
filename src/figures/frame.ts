/** What stands around charts and pictures in a figure: heading, legend, background, font. */
import { element, FONT, fitted, text, widthOf } from './svg.js';
import type { Theme } from './theme.js';

const LABEL = 12;

/** A row of coloured names; returns its SVG and its width. */
export function legend(
  x: number,
  y: number,
  entries: readonly { name: string; colour: string; round?: boolean }[],
  theme: Theme,
): { svg: string; width: number } {
  let at = x;
  const parts = entries.map(({ name, colour, round }) => {
    const mark = round
      ? element('circle', {
          cx: at + 5,
          cy: y - 4,
          r: 5,
          fill: colour,
          stroke: theme.ink,
          'stroke-width': 0.6,
        })
      : element('rect', { x: at, y: y - 9, width: 10, height: 10, rx: 2, fill: colour });
    const label = text(at + 16, y, name, { size: LABEL, fill: theme.ink });
    at += 16 + widthOf(name, LABEL) + 18;
    return mark + label;
  });
  return { svg: parts.join(''), width: at - x };
}

/** A figure's heading: a bold line and a smaller one. */
export function heading(title: string, subtitle: string, width: number, theme: Theme): string {
  return (
    text(28, 38, fitted(title, 19, (width - 56) / 1.08), { size: 19, fill: theme.ink, weight: 'bold' }) +
    text(28, 60, fitted(subtitle, 13, width - 56), { size: 13, fill: theme.faint })
  );
}

/** How wide a figure must be for its heading to be whole, also in the wide letters of DejaVu Sans, which many a Linux has alone. */
export function headingWidth(title: string, subtitle: string): number {
  return Math.ceil(56 + Math.max(1.28 * widthOf(title, 19), 1.12 * widthOf(subtitle, 13)));
}

/** Background and font of a figure around its content. */
export function figureFrame(
  width: number,
  height: number,
  theme: Theme,
  ...content: readonly string[]
): string {
  return element(
    'g',
    { 'font-family': FONT },
    element('rect', { width, height, fill: theme.paper }),
    ...content,
  );
}
