/** Draws what lies under the points: the disk, and the geodesics from nodes of the tree to their parents. */
import type { Tree } from '../data/tree.js';
import { apply } from '../disk/moebius.js';
import { geodesic } from './geodesic.js';
import { diskRadius, type View, type Viewport } from './view.js';

/** Most lines of the tree that are drawn at a time. */
const MAX_LINES = 1500;

/** Draws the disk and its boundary. */
export function drawDisk(
  context: CanvasRenderingContext2D,
  view: View,
  viewport: Viewport,
  fill: string,
  edge: string,
): void {
  context.beginPath();
  context.arc(viewport.width / 2, viewport.height / 2, diskRadius(view, viewport), 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = 1;
  context.stroke();
}

/** The nodes whose lines are drawn: those of the largest where there are too many. They change when the items move. */
export function nodesWithLines({ ids, parent, count, places }: Tree): number[] {
  const isShown = (node: number) => !Number.isNaN(places[node][0]);
  const nodes = ids
    .map((_, i) => i)
    .filter((i) => parent[i] >= 0 && count[i] > 0 && isShown(i) && isShown(parent[i]));
  return nodes.length <= MAX_LINES ? nodes : nodes.sort((a, b) => count[b] - count[a]).slice(0, MAX_LINES);
}

/** How the lines of a tree are drawn. */
export interface TreeLook {
  readonly view: View;
  readonly viewport: Viewport;
  readonly colour: string;
  /** The nodes whose lines are drawn. */
  readonly nodes: readonly number[];
  /** For each node, 0 when its line is to be faint; null for none. */
  readonly among: Uint8Array | null;
}

/** Opacity of lines that are faint, of that of the others. */
const FAINT = 0.3;

/** Draws the line from each node to its parent. */
export function drawTree(
  context: CanvasRenderingContext2D,
  { places, parent }: Tree,
  { view, viewport, colour, nodes, among }: TreeLook,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  const draw = (isFaint: boolean, opacity: number) => {
    context.globalAlpha = opacity;
    context.beginPath();
    for (const node of nodes)
      if (isFaint === (among !== null && among[node] === 0)) {
        const [from, to] = [places[node], places[parent[node]]].map((place) => apply(view.isometry, place));
        geodesic(context, view, viewport, from, to);
      }
    context.stroke();
    context.globalAlpha = 1;
  };
  if (among !== null) draw(true, FAINT);
  draw(false, 1);
}
