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

/** How the lines of a tree are drawn. */
export interface TreeLook {
  readonly view: View;
  readonly viewport: Viewport;
  readonly colour: string;
  /** For each node, 0 when its line is to be faint; null for none. */
  readonly among: Uint8Array | null;
}

/** Opacity of lines that are faint, of that of the others. */
const FAINT = 0.3;

/** Draws the line from each node to its parent; those of the largest nodes where there are too many. */
export function drawTree(
  context: CanvasRenderingContext2D,
  tree: Tree,
  { view, viewport, colour, among }: TreeLook,
): void {
  const isShown = (node: number) => !Number.isNaN(tree.places[node][0]);
  const nodes = tree.ids
    .map((_, i) => i)
    .filter((i) => tree.parent[i] >= 0 && tree.count[i] > 0 && isShown(i) && isShown(tree.parent[i]));
  if (nodes.length > MAX_LINES) {
    nodes.sort((a, b) => tree.count[b] - tree.count[a]);
    nodes.length = MAX_LINES;
  }
  const seen = tree.places.map((place) => apply(view.isometry, place));
  context.strokeStyle = colour;
  context.lineWidth = 1;
  const draw = (some: readonly number[], opacity: number) => {
    context.globalAlpha = opacity;
    context.beginPath();
    for (const node of some) geodesic(context, view, viewport, seen[node], seen[tree.parent[node]]);
    context.stroke();
    context.globalAlpha = 1;
  };
  const isFaint = (node: number) => among !== null && among[node] === 0;
  draw(nodes.filter(isFaint), FAINT);
  draw(
    nodes.filter((node) => !isFaint(node)),
    1,
  );
}
