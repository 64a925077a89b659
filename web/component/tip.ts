/** The tip beside the pointer that says what is there. */
import type { Source } from '../data/collection.js';
import type { Point } from '../disk/moebius.js';
import type { Palette } from '../map/palette.js';
import type { Viewport } from '../map/view.js';
import { h } from '../parts/dom.js';
import { thumbnail } from '../parts/thumbnail.js';

/** Room that a tip takes at most, px. */
const [WIDTH, HEIGHT] = [190, 80];

/** What is said in a tip. */
export interface TipContent {
  readonly source: Pick<Source, 'thumbnail'>;
  /** The item whose picture is shown; -1 for none. */
  readonly item: number;
  readonly text: string;
}

/** Shows something in the tip, beside a place on the map; null hides it. */
export function showTip(
  tip: HTMLElement,
  content: TipContent | null,
  [x, y]: Point,
  { width, height }: Viewport,
  palette: Palette,
): void {
  tip.style.display = content === null ? 'none' : 'flex';
  if (content === null) return;
  const { source, item, text } = content;
  const picture = item < 0 ? '' : thumbnail(source, item, 64, () => '');
  tip.replaceChildren(picture, h('span', {}, text));
  const { style } = tip;
  [style.background, style.color, style.borderColor] = [palette.disk, palette.text, palette.edge];
  const top = y + 14 + HEIGHT > height ? y - HEIGHT : y + 14;
  style.transform = `translate(${Math.max(0, Math.min(x + 14, width - WIDTH))}px, ${Math.max(0, top)}px)`;
}
