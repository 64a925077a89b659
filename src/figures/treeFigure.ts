/** A hierarchy as a figure: unfolded to some lines, each with its label, its size and exemplar images. */
import { type Hierarchy, type HierarchyNode, unfolded } from '../hierarchy/index.js';
import { figureFrame, heading } from './frame.js';
import { type Drawing, element, fitted, fixed, text, widthOf } from './svg.js';
import type { Theme } from './theme.js';

/** A line of the figure. */
export interface TreeLine {
  readonly node: HierarchyNode;
  readonly depth: number;
  /** Line of the node above; -1 for the root. */
  readonly above: number;
  readonly isOpen: boolean;
}

/** The lines, parents before children, the larger children first; leaves right under an open node are left out. */
export function treeLines(hierarchy: Hierarchy, lines: number): TreeLine[] {
  const { nodes } = hierarchy;
  const open = unfolded(hierarchy, lines);
  const result: TreeLine[] = [];
  const visit = (node: HierarchyNode, depth: number, above: number) => {
    const line = result.length;
    result.push({ node, depth, above, isOpen: open.has(node.id) });
    if (!open.has(node.id)) return;
    node.children
      .map((child) => nodes[child])
      .filter(({ children }) => children.length > 0)
      .sort((a, b) => b.members.length - a.members.length || a.id - b.id)
      .forEach((child) => {
        visit(child, depth + 1, line);
      });
  };
  visit(nodes[nodes.length - 1], 0, -1);
  return result;
}

const ROW = 44;
const SIDE = 36;
const INDENT = 30;

/** The figure. `pictureOf` gives the image of an item as a data URI. */
export function treeFigure(
  lines: readonly TreeLine[],
  subtitle: string,
  pictureOf: (item: number) => string,
  theme: Theme,
): Drawing {
  const labels = 370;
  const end = ({ node, depth }: TreeLine) =>
    depth * INDENT + Math.min(labels, 1.08 * widthOf(node.label, 12.5) + 60);
  const shown = Math.max(1, ...lines.map(({ node }) => node.exemplars.length));
  const pictures = 50 + Math.max(...lines.map(end));
  const width = Math.max(640, pictures + shown * (SIDE + 6) + 28);
  const top = 84;
  const height = top + lines.length * ROW + 20;
  const yOf = (line: number) => top + line * ROW + ROW / 2;
  const xOf = (depth: number) => 36 + depth * INDENT;
  const parts = lines.flatMap(({ node, depth, above, isOpen }, i) => {
    const [x, y] = [xOf(depth), yOf(i)];
    const elbow =
      above < 0
        ? []
        : [
            element('path', {
              d: `M${fixed(xOf(depth - 1))} ${fixed(yOf(above) + 6)}V${fixed(y)}H${fixed(x - 6)}`,
              fill: 'none',
              stroke: theme.axis,
            }),
          ];
    const count = node.members.length.toLocaleString('en');
    const label = fitted(node.label, depth === 0 ? 13.5 : 12.5, labels - 34 - widthOf(count, 11)); // bold is wider
    return [
      ...elbow,
      element('circle', { cx: x, cy: y, r: 5, fill: isOpen ? theme.paper : theme.axis, stroke: theme.axis }),
      text(
        x + 14,
        y + 4,
        label,
        { size: 12.5, fill: theme.ink, weight: depth === 0 ? 'bold' : undefined },
        { content: count, size: 11, fill: theme.faint, apart: 8 },
      ),
      ...node.exemplars.flatMap((item, place) => {
        const at = { x: pictures + place * (SIDE + 6), y: y - SIDE / 2 };
        return [
          element('rect', { ...at, width: SIDE, height: SIDE, rx: 3, fill: '#ffffff', stroke: theme.grid }),
          element('image', { ...at, width: SIDE, height: SIDE, href: pictureOf(item) }),
        ];
      }),
    ];
  });
  const title = 'The hierarchy, unfolded where most members are';
  return {
    width,
    height,
    title,
    content: figureFrame(width, height, theme, heading(title, subtitle, width, theme), ...parts),
  };
}
