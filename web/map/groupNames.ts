/**
 * Names of groups on the map: of the nodes of the tree that are coarse enough for all of those on screen to have room. Zooming
 * in leaves fewer on screen, so finer ones take their place. Where names go is decided elsewhere.
 */
import type { Tree } from '../data/tree.js';
import type { Label } from './labels.js';
import { toScreen, type View, type Viewport } from './view.js';

/** A node is on screen when its place is at most this far beyond the edge, px. */
const MARGIN = 20;

/**
 * Names of at most about `most` groups on screen, the largest first. It begins with the roots, and replaces the largest group
 * by those below it for as long as there is room. Only nodes of `among` take part, where it is given.
 */
export function groupNames(
  { roots, children, shown, places, names }: Tree,
  view: View,
  viewport: Viewport,
  { most, among }: { readonly most: number; readonly among: Uint8Array | null },
): Label[] {
  const takesPart = (node: number) => shown[node] > 0 && (among === null || among[node] === 1);
  const isSeen = (node: number) => {
    const [x, y] = toScreen(view, viewport, places[node]);
    return x > -MARGIN && y > -MARGIN && x < viewport.width + MARGIN && y < viewport.height + MARGIN;
  };
  const groups = new Set(roots.filter(takesPart));
  const done = new Set<number>();
  const seen = () => [...groups].filter(isSeen);
  for (let now = seen(); now.length <= most; now = seen()) {
    const open = [...groups].filter((node) => !done.has(node) && children[node].some(takesPart));
    if (open.length === 0) break;
    const largest = open.reduce((best, node) => (shown[node] > shown[best] ? node : best));
    const below = children[largest].filter(takesPart);
    if (
      now.length - 1 + below.filter(isSeen).length > most &&
      roots.length + groups.size > 1 &&
      now.length > 1
    ) {
      done.add(largest); // too many: it keeps its own name, smaller ones may still give way
      continue;
    }
    groups.delete(largest);
    for (const node of below) groups.add(node);
  }
  const largest = seen().sort((a, b) => shown[b] - shown[a]);
  return largest
    .filter((node, i) => largest.findIndex((other) => names[other] === names[node]) === i) // one of several of a name
    .slice(0, 2 * most)
    .map((node) => ({
      text: names[node],
      place: places[node],
      isGroup: children[node].length > 0,
    }));
}

/** For each node, 1 when some of the marked items hang at or below it, else 0. */
export function markedNodes(
  { nodeOf, parent }: Pick<Tree, 'nodeOf' | 'parent'>,
  marked: Uint8Array,
): Uint8Array {
  const found = new Uint8Array(parent.length);
  for (let i = 0; i < marked.length; i++)
    if (marked[i] === 1)
      for (let node = nodeOf[i]; node >= 0 && found[node] === 0; node = parent[node]) found[node] = 1;
  return found;
}
