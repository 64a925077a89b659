/** A hierarchy as indented text, unfolded where most members are, within a given number of lines. */
import { shownLine } from '../shown.js';
import type { Hierarchy, HierarchyNode } from './describe.js';

/** Names of leaves that a line shows at most. */
const NAMES_SHOWN = 6;

/**
 * The nodes to unfold so that a tree takes about `lines` lines: the largest first, since they say least while
 * they are folded. The root is always unfolded.
 */
export function unfolded({ nodes }: Hierarchy, lines: number): Set<number> {
  const root = nodes[nodes.length - 1];
  const open = new Set<number>([root.id]);
  const innerOf = (node: HierarchyNode) => node.children.filter((child) => nodes[child].children.length > 0);
  const linesOf = (node: HierarchyNode) =>
    innerOf(node).length + (innerOf(node).length < node.children.length ? 1 : 0);
  const folded = innerOf(root);
  let used = 1 + linesOf(root);
  while (folded.length > 0) {
    let largest = 0;
    for (let i = 1; i < folded.length; i++)
      if (nodes[folded[i]].members.length > nodes[folded[largest]].members.length) largest = i;
    const [id] = folded.splice(largest, 1);
    const more = linesOf(nodes[id]);
    if (used + more > lines) continue;
    used += more;
    open.add(id);
    folded.push(...innerOf(nodes[id]));
  }
  return open;
}

/** The tree as text: a line a node with its label and count, folded nodes with the names of some members. */
export function treeOutline(hierarchy: Hierarchy, { lines = 60 }: { lines?: number } = {}): string {
  const { nodes, leaves } = hierarchy;
  const open = unfolded(hierarchy, lines);
  const text: string[] = [];
  const named = (members: readonly number[]) => {
    const shown = members.slice(0, NAMES_SHOWN).map((leaf) => shownLine(leaves[leaf]));
    return `${shown.join('; ')}${members.length > NAMES_SHOWN ? '; …' : ''}`;
  };
  const stack: { id: number; lead: string; branch: string }[] = [
    { id: nodes.length - 1, lead: '', branch: '' },
  ];
  while (stack.length > 0) {
    const { id, lead, branch } = stack.pop()!;
    const node = nodes[id];
    const count = node.members.length;
    if (!open.has(id)) {
      text.push(`${lead}${branch}${shownLine(node.label)} · ${count}: ${named(node.members)}`);
      continue;
    }
    text.push(`${lead}${branch}${shownLine(node.label)} · ${count}`);
    const inner = node.children
      .filter((child) => nodes[child].children.length > 0)
      .sort((a, b) => nodes[b].members.length - nodes[a].members.length);
    const alone = node.children.filter((child) => nodes[child].children.length === 0);
    const below = lead + (branch === '' ? '' : branch === '└─ ' ? '   ' : '│  ');
    if (alone.length > 0)
      text.push(`${below}${inner.length > 0 ? '├─ ' : '└─ '}${alone.length} alone: ${named(alone)}`);
    inner.forEach((_, i) => {
      const child = inner[inner.length - 1 - i];
      stack.push({ id: child, lead: below, branch: i === 0 ? '└─ ' : '├─ ' });
    });
  }
  return text.join('\n');
}
