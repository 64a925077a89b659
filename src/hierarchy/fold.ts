/** A hierarchy as indented text, unfolded where most members are, within a given number of lines. */
import { shownLine } from '../shown.js';
import type { Hierarchy, HierarchyNode } from './describe.js';
import { cutName, cutNames } from './names/cut.js';

/** Names of leaves that a line shows at most, and characters of each and of a node's name. */
const NAMES_SHOWN = 6;
const LEAF_ROOM = 40;
const NODE_ROOM = 72;

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

/**
 * The tree as text: a line a node with its label and count, nodes without nodes below, or folded ones, with the names of some
 * members. Long names are cut between words, so that siblings stay different; the whole ones are in the hierarchy.
 */
export function treeOutline(hierarchy: Hierarchy, { lines = 60 }: { lines?: number } = {}): string {
  const { nodes, leaves, titles = leaves } = hierarchy;
  const open = unfolded(hierarchy, lines);
  const text: string[] = [];
  const stack: { id: number; name: string; lead: string; branch: string }[] = [
    { id: nodes.length - 1, name: shownLine(nodes[nodes.length - 1].label), lead: '', branch: '' },
  ];
  while (stack.length > 0) {
    const { id, name, lead, branch } = stack.pop()!;
    const node = nodes[id];
    const inner = node.children
      .filter((child) => nodes[child].children.length > 0)
      .sort((a, b) => nodes[b].members.length - nodes[a].members.length);
    const line = `${lead}${branch}${name} · ${node.members.length}`;
    if (!open.has(id) || (inner.length === 0 && branch !== '')) {
      text.push(`${line}: ${someNames(node.members, titles)}`);
      continue;
    }
    text.push(line);
    const alone = node.children.filter((child) => nodes[child].children.length === 0);
    const below = lead + (branch === '' ? '' : branch === '└─ ' ? '   ' : '│  ');
    if (alone.length > 0)
      text.push(
        `${below}${inner.length > 0 ? '├─ ' : '└─ '}${alone.length} alone: ${someNames(alone, titles)}`,
      );
    const names = cutNames(
      inner.map((child) => shownLine(nodes[child].label)),
      NODE_ROOM,
    );
    for (let i = inner.length - 1; i >= 0; i--) {
      const isLast = i === inner.length - 1;
      stack.push({ id: inner[i], name: names[i], lead: below, branch: isLast ? '└─ ' : '├─ ' });
    }
  }
  return text.join('\n');
}

/** Names of leaves, those that several have once, with how many they are. */
function someNames(members: readonly number[], titles: readonly string[]): string {
  const times = new Map<string, number>();
  for (const leaf of members) times.set(titles[leaf], (times.get(titles[leaf]) ?? 0) + 1);
  const shown = [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, NAMES_SHOWN)
    .map(([name, count]) => `${cutName(shownLine(name), LEAF_ROOM)}${count > 1 ? ` × ${count}` : ''}`);
  return `${shown.join('; ')}${times.size > NAMES_SHOWN ? '; …' : ''}`;
}
