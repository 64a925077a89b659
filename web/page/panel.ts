/** The upper part of the side panel: the item or image looked at, its place in the tree, its neighbours and why. */
import type { Collection, Source } from '../data/collection.js';
import { classNameOf, isPlaced, termsOf } from '../data/points.js';
import { shownCount, snapshotName } from '../data/snapshots.js';
import { lineage, pathBetween } from '../data/tree.js';
import { itemInTree } from '../map/mapState.js';
import { h, swatch, whole } from './dom.js';
import type { State } from './state.js';
import { thumbnail } from './thumbnail.js';

/** What can be done from the panel. */
export interface PanelActions {
  /** Looks at an item, and flies there. */
  chooseItem(item: number): void;
  /** Marks the items at and below a node, and flies there; -1 for the root, where nothing is marked. */
  enterNode(node: number): void;
  /** Shows the path through the tree to a neighbour; -1 for none. */
  explain(item: number): void;
  /** Looks at nothing. */
  closeItem(): void;
}

/** Fills the panel; hints where nothing is looked at. `colourOf` gives the colour of an item as CSS. */
export function showItem(
  box: HTMLElement,
  source: Source,
  collection: Collection,
  state: State,
  colourOf: (item: number) => string,
  actions: PanelActions,
): void {
  const { points } = collection;
  if (state.item < 0 && !state.image) {
    showHints(box, collection, state);
    return;
  }
  const { item, image, neighbours, message } = state;
  const title = image ? image.name : points.ids[item];
  const label = image ? 'an image from outside' : classNameOf(collection, item);
  const terms = image ? '' : termsOf(collection, item).join(' › ');
  box.replaceChildren(
    h(
      'div',
      { class: 'item' },
      image
        ? h('img', { src: image.url, alt: '', width: 72, height: 72 })
        : thumbnail(source, item, 72, () => ''),
      h(
        'div',
        { class: 'facts' },
        h('h2', { title }, label === '' ? title : image ? title : label),
        h('p', { class: 'quiet', title }, image ? label : title),
        terms === '' ? null : h('p', { class: 'quiet', title: terms }, terms),
      ),
      h(
        'button',
        { type: 'button', class: 'plain', 'aria-label': 'Close this item', onclick: actions.closeItem },
        '✕',
      ),
    ),
    image || isPlaced(points, item)
      ? ''
      : h('p', { class: 'quiet' }, `Not on the map at ${snapshotName(points, state.snapshot)}: ${NOT_KEPT}`),
    breadcrumb(collection, state, actions),
    h('h3', {}, 'Nearest'),
    message === null
      ? h(
          'ol',
          { class: 'near' },
          ...neighbours.map((_, i) => neighbour(source, collection, state, i, colourOf, actions)),
        )
      : h('p', { class: 'quiet' }, message),
  );
}

const NOT_KEPT = 'the run kept no place for it then.';

/** What is shown where nothing is looked at: what the collection is, how much of it is shown, and what can be done. */
function showHints(box: HTMLElement, { points, about }: Collection, { snapshot }: State): void {
  const shown = shownCount(points);
  const hints = [
    'Click a point to see its neighbours.',
    about.searchesImages ? 'Drop an image, or choose one, to see items similar to it.' : null,
    'Drag to move, scroll or pinch to zoom.',
  ];
  box.replaceChildren(
    h('h2', {}, about.name),
    h('p', { class: 'quiet' }, `${whole(points.ids.length)} items, ${whole(points.labels.length)} classes`),
    ...about.problems.map((problem) => h('p', { class: 'quiet' }, problem)),
    shown < points.ids.length
      ? h('p', { class: 'quiet' }, `Shown at ${snapshotName(points, snapshot)}: ${whole(shown)} items.`)
      : '',
    h('ul', { class: 'hints' }, ...hints.filter((hint) => hint !== null).map((hint) => h('li', {}, hint))),
  );
}

/** The path from the root to the item; for an image, which has no node of its own, to its nearest neighbour. */
function breadcrumb({ tree }: Collection, state: State, { enterNode }: PanelActions): HTMLElement {
  const from = itemInTree(state);
  if (!tree.isGiven || from < 0 || tree.nodeOf[from] < 0) return h('span');
  const path = lineage(tree, tree.nodeOf[from]).reverse();
  return h(
    'nav',
    { 'aria-label': 'Place in the tree', class: 'crumbs' },
    state.image ? h('p', { class: 'quiet' }, 'Place of its nearest neighbour:') : null,
    h(
      'ol',
      {},
      ...path.map((node) =>
        h('li', {}, h('button', { type: 'button', onclick: () => enterNode(node) }, tree.names[node])),
      ),
    ),
  );
}

function neighbour(
  source: Source,
  collection: Collection,
  state: State,
  rank: number,
  colourOf: (item: number) => string,
  actions: PanelActions,
): HTMLElement {
  const { points, tree } = collection;
  const { item, distance } = state.neighbours[rank];
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${(100 * distance) / (state.neighbours.at(-1)?.distance || 1)}%`;
  const path = tree.isGiven ? pathBetween(tree, tree.nodeOf[itemInTree(state)], tree.nodeOf[item]) : null;
  const isShown = state.explained === item;
  const name = classNameOf(collection, item) || points.ids[item];
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'one', title: points.ids[item], onclick: () => actions.chooseItem(item) },
      thumbnail(source, item, 40, () => swatch(colourOf(item))),
      h('span', { class: 'name' }, name, bar),
      h('span', { class: 'distance' }, distance.toFixed(3)),
    ),
    path &&
      h(
        'button',
        {
          type: 'button',
          class: 'why',
          'aria-expanded': String(isShown),
          'aria-label': `Why ${name}`,
          onclick: () => actions.explain(isShown ? -1 : item),
        },
        'Why',
      ),
    path && isShown
      ? h(
          'p',
          { class: 'way' },
          ...path.up.map((node) => `${tree.names[node]} ↑ `),
          h('strong', {}, tree.names[path.top]),
          ...path.down.map((node) => ` ↓ ${tree.names[node]}`),
        )
      : null,
  );
}
