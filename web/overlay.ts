/** Draws what belongs over the points: thumbnails near the middle, names of classes, the item looked at and its ways. */
import type { Collection } from './collection.js';
import { geodesic } from './lines.js';
import { apply, type Point } from './moebius.js';
import { shortName } from './names.js';
import { type Frame, placeOnScreen, toScreen, type View } from './view.js';

/** Colours of the page that the drawing uses. */
export interface Inks {
  readonly text: string;
  readonly paper: string;
  readonly accent: string;
  readonly way: string;
}

/** What is drawn. */
export interface Scene {
  readonly view: View;
  readonly frame: Frame;
  readonly inks: Inks;
  /** Items whose thumbnails are shown, nearest to the middle first. */
  readonly pictures: readonly number[];
  /** Names on the map. */
  readonly names: readonly { readonly text: string; readonly place: Point }[];
  /** The item looked at, -1 for none. */
  readonly item: number;
  /** Its neighbours. */
  readonly near: readonly number[];
  /** Ways through the tree: places one after another. */
  readonly ways: readonly (readonly Point[])[];
  /** A line that is being drawn by hand, on screen. */
  readonly lasso: readonly Point[];
  picture(item: number): HTMLImageElement | null;
  colour(item: number): string;
}

/** Side of a thumbnail on the map, px: larger near the middle. */
export const sideAt = ([x, y]: Point, { width, height }: Frame) =>
  26 + 26 * Math.max(0, 1 - Math.hypot(x - width / 2, y - height / 2) / (0.45 * Math.min(width, height)));

/** Draws a scene on a cleared context. */
export function drawOver(context: CanvasRenderingContext2D, { points }: Collection, scene: Scene): void {
  const { view, frame, inks } = scene;
  const at = (item: number) => toScreen(view, frame, [points.x[item], points.y[item]]);
  drawWays(context, scene);
  const near = new Set(scene.near);
  for (const item of scene.near) ring(context, at(item), 6, inks.accent, 1.5);
  for (const item of scene.pictures.toReversed()) {
    const picture = scene.picture(item);
    const [edge, width] = near.has(item) ? [inks.accent, 2.5] : [scene.colour(item), 1.5];
    if (picture) drawPicture(context, picture, at(item), sideAt(at(item), frame), edge, inks.paper, width);
  }
  if (scene.item >= 0) {
    const place = at(scene.item);
    const picture = scene.picture(scene.item);
    if (picture) drawPicture(context, picture, place, 56, inks.accent, inks.paper, 3);
    else {
      ring(context, place, 9, inks.paper, 5);
      ring(context, place, 9, inks.accent, 3);
    }
  }
  drawNames(context, scene);
  if (scene.lasso.length > 1) {
    context.beginPath();
    for (const place of scene.lasso) context.lineTo(...place);
    context.setLineDash([6, 4]);
    context.strokeStyle = inks.accent;
    context.lineWidth = 2;
    context.stroke();
    context.setLineDash([]);
  }
}

function drawWays(context: CanvasRenderingContext2D, { ways, view, frame, inks }: Scene): void {
  for (const way of ways) {
    const seen = way.map((place) => apply(view.map, place));
    for (const [colour, width] of [
      [inks.paper, 5],
      [inks.way, 2],
    ] as const) {
      context.beginPath();
      for (let i = 1; i < seen.length; i++) geodesic(context, view, frame, seen[i - 1], seen[i]);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
    context.fillStyle = inks.way;
    for (const place of seen.slice(1)) {
      context.beginPath();
      context.arc(...placeOnScreen(view, frame, place), 4, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

function ring(
  context: CanvasRenderingContext2D,
  [x, y]: Point,
  size: number,
  colour: string,
  width: number,
): void {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function drawPicture(
  context: CanvasRenderingContext2D,
  picture: HTMLImageElement,
  [x, y]: Point,
  side: number,
  edge: string,
  paper: string,
  width: number,
): void {
  const factor = side / Math.max(picture.naturalWidth, picture.naturalHeight);
  const [w, h] = [picture.naturalWidth * factor, picture.naturalHeight * factor];
  context.beginPath();
  context.roundRect(x - w / 2 - 2, y - h / 2 - 2, w + 4, h + 4, 5);
  context.fillStyle = paper;
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = width;
  context.stroke();
  context.drawImage(picture, x - w / 2, y - h / 2, w, h);
}

function drawNames(context: CanvasRenderingContext2D, { names, view, frame, inks }: Scene): void {
  context.font = NAME_FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3.5;
  context.strokeStyle = inks.paper;
  context.fillStyle = inks.text;
  for (const { text, place } of names) {
    const [x, y] = toScreen(view, frame, place);
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }
}

const NAME_FONT = '600 12px system-ui, sans-serif';

/** A part of the map that something lies over, px. */
export interface Covered {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Those of the names, first ones first, that fit on screen beside one another, the pictures and what is covered. */
export function namesThatFit(
  names: readonly { readonly text: string; readonly place: Point }[],
  view: View,
  frame: Frame,
  most: number,
  pictures: readonly Point[] = [],
  covered: readonly Covered[] = [],
): { text: string; place: Point }[] {
  const kept: { text: string; place: Point; x: number; y: number; w: number }[] = [];
  for (const { text, place } of names) {
    if (kept.length >= most) break;
    const [x, y] = toScreen(view, frame, place);
    const short = shortName(text);
    const w = 7 * short.length;
    if (x < w / 2 || y < 12 || x > frame.width - w / 2 || y > frame.height - 12) continue;
    if (kept.some((other) => Math.abs(other.y - y) < 18 && Math.abs(other.x - x) < (other.w + w) / 2 + 6))
      continue;
    const isCovered = (picture: Point) => {
      const reach = sideAt(picture, frame) / 2;
      return Math.abs(picture[1] - y) < reach + 9 && Math.abs(picture[0] - x) < reach + w / 2;
    };
    const isUnder = ({ left, top, right, bottom }: Covered) =>
      x + w / 2 > left && x - w / 2 < right && y + 9 > top && y - 9 < bottom;
    if (pictures.some(isCovered) || covered.some(isUnder)) continue;
    kept.push({ text: short, place, x, y, w });
  }
  return kept;
}
