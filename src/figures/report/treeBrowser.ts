/** A hierarchy to unfold in a page: nested lists that open and close without a script. */
import type { Hierarchy, HierarchyNode } from '../../hierarchy/index.js';
import { type Html, html, trusted } from './html.js';

/** How much of a tree a page shows. */
export interface BrowserOptions {
  /** The image of an item as a data URI; null where it is not to be shown. */
  readonly pictureOf: (item: number) => string | null;
  /** Names of leaves shown under a node before the rest is counted. Default 40. */
  readonly names?: number;
}

/** Exemplars beside a node. */
export const EXEMPLARS = 3;

/** The hierarchy as nested `details`, the root open. */
export function treeBrowser({ nodes, leaves }: Hierarchy, { pictureOf, names = 40 }: BrowserOptions): Html {
  const named = (ids: readonly number[]): Html | null => {
    if (ids.length === 0) return null;
    const shown = ids
      .slice(0, names)
      .map((id) => leaves[id])
      .join(', ');
    const rest = ids.length > names ? ` and ${ids.length - names} more` : '';
    return html`<li class="leaves">${shown + rest}</li>`;
  };
  // From the leaves up, so that deep trees need no deep recursion.
  const done = new Map<number, Html>();
  const root = nodes[nodes.length - 1];
  for (const node of nodes) {
    if (node.children.length === 0) continue;
    const inner = node.children
      .map((child) => nodes[child])
      .filter(({ children }) => children.length > 0)
      .sort((a, b) => b.members.length - a.members.length || a.id - b.id);
    const alone = node.children.filter((child) => nodes[child].children.length === 0);
    const content = html`<ul>${inner.map((child) => html`<li>${done.get(child.id)!}</li>`)}${named(alone)}</ul>`;
    done.set(
      node.id,
      html`${trusted(node === root ? '<details open>' : '<details>')}<summary>${node.label} <span class="faint">${node.members.length}</span>${pictures(node, pictureOf)}</summary>${content}${trusted('</details>')}`,
    );
  }
  return html`<div class="tree">${done.get(root.id) ?? html`<p>${root.label}</p>`}</div>`;
}

function pictures({ exemplars }: HierarchyNode, pictureOf: BrowserOptions['pictureOf']): Html[] {
  return exemplars.slice(0, EXEMPLARS).flatMap((item) => {
    const picture = pictureOf(item);
    return picture === null ? [] : [html`<img alt="" src="${picture}">`];
  });
}
