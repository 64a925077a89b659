/** Draws what belongs under the points: the disk and the geodesics from nodes of the tree to their parents. */
import { apply, type Point } from './moebius.js';
import type { Tree } from './tree.js';
import { type Frame, placeOnScreen, radius, type View } from './view.js';

/** Most lines of the tree that are drawn at a time. */
const MOST_LINES = 1500;

/** Draws the disk and its boundary. */
export function drawDisk(
  context: CanvasRenderingContext2D,
  view: View,
  frame: Frame,
  fill: string,
  edge: string,
): void {
  context.beginPath();
  context.arc(frame.width / 2, frame.height / 2, radius(view, frame), 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = 1;
  context.stroke();
}

/** Draws the line from each node to its parent; those of the largest nodes where there are too many. */
export function drawTree(
  context: CanvasRenderingContext2D,
  tree: Tree,
  view: View,
  frame: Frame,
  colour: string,
): void {
  const isShown = (node: number) => !Number.isNaN(tree.places[node][0]);
  const nodes = tree.ids
    .map((_, i) => i)
    .filter((i) => tree.parent[i] >= 0 && tree.count[i] > 0 && isShown(i) && isShown(tree.parent[i]));
  if (nodes.length > MOST_LINES) {
    nodes.sort((a, b) => tree.count[b] - tree.count[a]);
    nodes.length = MOST_LINES;
  }
  const seen = tree.places.map((place) => apply(view.map, place));
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (const node of nodes) geodesic(context, view, frame, seen[node], seen[tree.parent[node]]);
  context.stroke();
}

/** Adds the geodesic between two points of the disk as it is seen to the path: an arc that meets the rim upright. */
export function geodesic(
  context: CanvasRenderingContext2D,
  view: View,
  frame: Frame,
  p: Point,
  q: Point,
): void {
  const [from, to] = [placeOnScreen(view, frame, p), placeOnScreen(view, frame, q)];
  context.moveTo(...from);
  // The circle through p and q at right angles to the unit circle has centre c with 2 c·p = 1 + |p|², 2 c·q = 1 + |q|².
  const cross = 2 * (p[0] * q[1] - p[1] * q[0]);
  const [u, v] = [1 + p[0] ** 2 + p[1] ** 2, 1 + q[0] ** 2 + q[1] ** 2];
  const centre: Point = [(u * q[1] - v * p[1]) / cross, (v * p[0] - u * q[0]) / cross];
  const size = Math.hypot(centre[0] - p[0], centre[1] - p[1]) * radius(view, frame);
  if (!(Math.abs(cross) > 1e-9) || size > 1e5) {
    context.lineTo(...to);
    return;
  }
  const [cx, cy] = placeOnScreen(view, frame, centre);
  const start = Math.atan2(from[1] - cy, from[0] - cx);
  const end = Math.atan2(to[1] - cy, to[0] - cx);
  const sweep = (end - start + 3 * Math.PI) % (2 * Math.PI);
  context.arc(cx, cy, size, start, end, sweep < Math.PI);
}
