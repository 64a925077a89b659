/** The tree in the side panel: the path down to a node, and the nodes below it. */
import type { Collection } from '../data/collection.js';
import { lineage } from '../data/tree.js';
import { h, refill, swatch } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';

/** Most entries of the list; the rest is only counted. */
const MAX_ENTRIES = 60;

/** Fills the list for a node, -1 for the root. Nodes are ordered by all of their items, and counted by those that are shown. */
export function showTreeList(
  box: HTMLElement,
  { tree, about }: Collection,
  node: number,
  colourOf: (node: number) => string,
  enterNode: (node: number) => void,
): void {
  const singleRoot = tree.roots.length === 1 ? tree.roots[0] : -1;
  const at = node < 0 ? singleRoot : node;
  const children = at < 0 ? tree.roots : tree.children[at];
  const path = lineage(tree, at).reverse();
  const crumbs = path.map((one) =>
    h(
      'li',
      {},
      one === at
        ? h('span', { 'aria-current': 'true', title: tree.names[one] }, tree.names[one])
        : h(
            'button',
            {
              type: 'button',
              title: tree.names[one],
              onclick: () => enterNode(one === singleRoot ? -1 : one),
            },
            tree.names[one],
          ),
    ),
  );
  const rows = children.filter((child) => tree.count[child] > 0);
  const wasOpen = box.querySelector('details')?.open ?? false;
  refill(
    box,
    h('h2', {}, tree.isGiven ? 'Tree' : 'Classes'),
    tree.isGiven && about.treeChoice !== null
      ? h(
          'details',
          {},
          h('summary', { 'data-key': 'why' }, 'Why this tree'),
          h('p', { class: 'quiet' }, about.treeChoice),
        )
      : null,
    tree.isGiven ? h('nav', { 'aria-label': 'Tree', class: 'crumbs' }, h('ol', {}, ...crumbs)) : '',
    h(
      'ul',
      { class: 'nodes' },
      ...rows
        .slice(0, MAX_ENTRIES)
        .map((child) =>
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', 'data-key': `node ${child}`, onclick: () => enterNode(child) },
              swatch(colourOf(child)),
              h('span', { class: 'name', title: tree.names[child] }, tree.names[child]),
              h('span', { class: 'distance' }, whole(tree.shown[child])),
            ),
          ),
        ),
    ),
    rows.length > MAX_ENTRIES
      ? h('p', { class: 'quiet' }, `and ${whole(rows.length - MAX_ENTRIES)} smaller ones`)
      : '',
    rows.length === 0
      ? h('p', { class: 'quiet' }, 'This node has no nodes below it: its items hang from it directly.')
      : '',
  );
  const why = box.querySelector('details');
  if (why) why.open = wasOpen;
}
