/** The tree in the side panel: the way down to a node, and what is below it. */
import type { Collection } from './collection.js';
import { h, swatch, whole } from './dom.js';
import { lineage } from './tree.js';

/** Most entries of a list; the rest is counted. */
const MOST = 60;

/** Fills the list for a node, -1 for the top. */
export function showTree(
  box: HTMLElement,
  { tree }: Collection,
  node: number,
  colourOf: (node: number) => string,
  enter: (node: number) => void,
): void {
  const single = tree.roots.length === 1 ? tree.roots[0] : -1;
  const at = node < 0 ? single : node;
  const children = at < 0 ? tree.roots : tree.children[at];
  const path = lineage(tree, at).reverse();
  const crumbs = path.map((one) =>
    h(
      'li',
      {},
      one === at
        ? h('span', { 'aria-current': 'true' }, tree.names[one])
        : h('button', { type: 'button', onclick: () => enter(one === single ? -1 : one) }, tree.names[one]),
    ),
  );
  const rows = children.filter((child) => tree.count[child] > 0);
  box.replaceChildren(
    h('h2', {}, tree.isGiven ? 'Tree' : 'Classes'),
    tree.isGiven ? h('nav', { 'aria-label': 'Tree', class: 'crumbs' }, h('ol', {}, ...crumbs)) : '',
    h(
      'ul',
      { class: 'nodes' },
      ...rows
        .slice(0, MOST)
        .map((child) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', onclick: () => enter(child) },
              swatch(colourOf(child)),
              h('span', { class: 'name' }, tree.names[child]),
              h('span', { class: 'distance' }, whole(tree.count[child])),
            ),
          ),
        ),
    ),
    rows.length > MOST ? h('p', { class: 'quiet' }, `and ${whole(rows.length - MOST)} smaller ones`) : '',
    rows.length === 0 ? h('p', { class: 'quiet' }, 'Nothing is below this node: items hang from it.') : '',
  );
}
