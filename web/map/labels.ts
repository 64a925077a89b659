/** Names on the map: which fit, and how they are cut. They are drawn elsewhere. */
import type { Point } from '../disk/moebius.js';
import { pictureSide } from './pictureLayout.js';
import { toScreen, type View, type Viewport } from './view.js';

/** A name at a place of the collection. */
export interface Label {
  readonly text: string;
  readonly place: Point;
  /** Whether it names a group of classes, and is drawn as such. */
  readonly isGroup?: boolean;
  /** Whether it may stand a little above or below its place where there is no room. */
  readonly mayShift?: boolean;
  /** How far below its place it is written, px. */
  readonly below?: number;
  /** The whole name, where the text is cut. */
  readonly whole?: string;
}

/** How far below its place a name may stand, px: where there is room first. */
const OFFSETS = [0, -20, 20, -40, 40, -60, 60];

/** Most characters of a name. */
const MAX_CHARACTERS = 24;

/** A name as the map shows it: a long one is cut between words, or within one that is longer than all there is room for. */
export function shortName(name: string): string {
  const characters = [...name];
  if (characters.length <= MAX_CHARACTERS) return name;
  const cut = characters.slice(0, MAX_CHARACTERS - 1).join('');
  const next = characters[MAX_CHARACTERS - 1];
  const end = /[\s_/-]/.test(next)
    ? cut.length
    : Math.max(...[...cut.matchAll(/[\s_/-]/g)].map(({ index }) => index), 0);
  const whole = cut.slice(0, end).replace(/[\s,;:_/-]+$/, '');
  return `${whole.length >= MAX_CHARACTERS / 3 ? whole : cut}…`;
}

/** Width of a name on screen, about, px. */
const widthOf = ({ text, isGroup }: Pick<Label, 'text' | 'isGroup'>) => (isGroup ? 8 : 7) * text.length;

/** The whole name whose cut form stands at a place on screen; null for none. */
export function nameAt(
  labels: readonly Label[],
  view: View,
  viewport: Viewport,
  [px, py]: Point,
): string | null {
  const found = labels.find((label) => {
    const [x, y] = toScreen(view, viewport, label.place);
    const isOver = Math.abs(px - x) < widthOf(label) / 2 && Math.abs(py - y - (label.below ?? 0)) < 9;
    return label.whole !== undefined && isOver;
  });
  return found?.whole ?? null;
}

/** A part of the map that something else covers, screen px. */
export interface CoveredArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Those of the labels, in their order, that fit on screen beside one another, beside the pictures (their screen places)
 * and beside what is covered; at most `max`. Long names are cut; some may stand a little above or below their place.
 */
export function labelsThatFit(
  labels: readonly Label[],
  view: View,
  viewport: Viewport,
  max: number,
  pictures: readonly Point[] = [],
  covered: readonly CoveredArea[] = [],
): Label[] {
  const kept: (Label & { x: number; y: number; w: number })[] = [];
  const isFree = (x: number, y: number, w: number): boolean => {
    if (x < w / 2 || y < 12 || x > viewport.width - w / 2 || y > viewport.height - 12) return false;
    const isCovered = (picture: Point) => {
      const reach = pictureSide(picture, viewport) / 2;
      return Math.abs(picture[1] - y) < reach + 9 && Math.abs(picture[0] - x) < reach + w / 2;
    };
    const isUnder = ({ left, top, right, bottom }: CoveredArea) =>
      x + w / 2 > left && x - w / 2 < right && y + 9 > top && y - 9 < bottom;
    const isOver = (other: { x: number; y: number; w: number }) =>
      Math.abs(other.y - y) < 18 && Math.abs(other.x - x) < (other.w + w) / 2 + 6;
    return !kept.some(isOver) && !pictures.some(isCovered) && !covered.some(isUnder);
  };
  for (const { text, place, isGroup = false, mayShift = false } of labels) {
    if (kept.length >= max) break;
    const [x, y] = toScreen(view, viewport, place);
    const short = shortName(text);
    const w = widthOf({ text: short, isGroup });
    const below = (mayShift ? OFFSETS : [0]).find((offset) => isFree(x, y + offset, w));
    const whole = short === text ? {} : { whole: text };
    if (below !== undefined) kept.push({ text: short, ...whole, place, isGroup, below, x, y: y + below, w });
  }
  return kept;
}
