/** Draws what lies over the points: thumbnails, names of classes, the item looked at, its neighbours and its path. */
import type { Points } from '../data/points.js';
import { apply, type Point } from '../disk/moebius.js';
import { geodesic } from './geodesic.js';
import type { Label } from './labels.js';
import type { Palette } from './palette.js';
import { pictureSide } from './pictureLayout.js';
import { diskToScreen, toScreen, type View, type Viewport } from './view.js';

/** Font of the labels; the choice of labels reckons with 7 px for a character. */
const FONT = '600 12px system-ui, sans-serif';
/** Font of the names of groups, 8 px for a character. */
const GROUP_FONT = '700 13px system-ui, sans-serif';

/** What is drawn. */
export interface Scene {
  readonly view: View;
  readonly viewport: Viewport;
  readonly palette: Palette;
  /** Items whose thumbnails are shown, nearest to the middle first. */
  readonly pictures: readonly number[];
  /** Names of classes. */
  readonly labels: readonly Label[];
  /** The item looked at, -1 for none. */
  readonly item: number;
  /** An item that is pointed at elsewhere, -1 for none. */
  readonly hovered: number;
  /** Its neighbours. */
  readonly neighbours: readonly number[];
  /** A path through the tree: places one after another; none when empty. */
  readonly path: readonly Point[];
  /** A line that is being drawn by hand, on screen. */
  readonly lasso: readonly Point[];
  /** The thumbnail of an item; null where there is none, or none yet. */
  picture(item: number): HTMLImageElement | null;
  /** Colour of an item as CSS. */
  colourOf(item: number): string;
}

/** Draws a scene on a cleared context. */
export function drawOverlay(context: CanvasRenderingContext2D, points: Points, scene: Scene): void {
  const { view, viewport, palette } = scene;
  const at = (item: number) => toScreen(view, viewport, [points.x[item], points.y[item]]);
  drawPath(context, scene);
  const neighbours = new Set(scene.neighbours);
  for (const item of scene.neighbours) drawRing(context, at(item), 6, palette.accent, 1.5);
  for (const item of scene.pictures.toReversed()) {
    const picture = scene.picture(item);
    const [edge, width] = neighbours.has(item) ? [palette.accent, 2.5] : [scene.colourOf(item), 1.5];
    if (picture)
      drawPicture(context, picture, at(item), pictureSide(at(item), viewport), edge, palette.disk, width);
  }
  if (scene.item >= 0) {
    const place = at(scene.item);
    const picture = scene.picture(scene.item);
    if (picture) drawPicture(context, picture, place, 56, palette.accent, palette.disk, 3);
    else {
      drawRing(context, place, 9, palette.disk, 5);
      drawRing(context, place, 9, palette.accent, 3);
    }
  }
  if (scene.hovered >= 0) {
    drawRing(context, at(scene.hovered), 11, palette.disk, 6);
    drawRing(context, at(scene.hovered), 11, palette.path, 3);
  }
  drawLabels(context, scene);
  if (scene.lasso.length > 1) {
    context.beginPath();
    for (const place of scene.lasso) context.lineTo(...place);
    context.setLineDash([6, 4]);
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.stroke();
    context.setLineDash([]);
  }
}

function drawPath(context: CanvasRenderingContext2D, { path, view, viewport, palette }: Scene): void {
  const seen = path.map((place) => apply(view.isometry, place));
  for (const [colour, width] of [
    [palette.disk, 5],
    [palette.path, 2],
  ] as const) {
    context.beginPath();
    for (let i = 1; i < seen.length; i++) geodesic(context, view, viewport, seen[i - 1], seen[i]);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.fillStyle = palette.path;
  for (const place of seen.slice(1)) {
    context.beginPath();
    context.arc(...diskToScreen(view, viewport, place), 4, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawRing(
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

function drawLabels(context: CanvasRenderingContext2D, { labels, view, viewport, palette }: Scene): void {
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3.5;
  context.strokeStyle = palette.disk;
  for (const { text, place, isGroup, below = 0 } of labels) {
    const [x, top] = toScreen(view, viewport, place);
    const y = top + below;
    context.font = isGroup ? GROUP_FONT : FONT;
    context.fillStyle = isGroup ? palette.accent : palette.text;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }
}
