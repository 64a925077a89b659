/** The side panel's upper part: the item or image looked at, its place in the tree, its neighbours and why. */
import type { Collection } from './collection.js';
import { h, swatch, whole } from './dom.js';
import { thumbnailOf } from './pictures.js';
import type { Source } from './source.js';
import type { State } from './state.js';
import { lineage, pathBetween } from './tree.js';

/** What can be done from the panel. */
export interface PanelActions {
  choose(item: number): void;
  enter(node: number): void;
  why(item: number): void;
  clear(): void;
}

/** Fills the panel. */
export function showItem(
  box: HTMLElement,
  source: Source,
  collection: Collection,
  state: State,
  colourOf: (item: number) => string,
  actions: PanelActions,
): void {
  const { points, about } = collection;
  if (state.item < 0 && !state.image) {
    const hints = [
      'Click a point to see its neighbours.',
      about.searchesImages ? 'Drop an image, or choose one, to see what is like it.' : null,
      'Drag to move, scroll or pinch to zoom.',
    ];
    box.replaceChildren(
      h('h2', {}, about.name),
      h('p', { class: 'quiet' }, `${whole(points.ids.length)} items, ${whole(points.labels.length)} classes`),
      h('ul', { class: 'hints' }, ...hints.filter((hint) => hint !== null).map((hint) => h('li', {}, hint))),
    );
    return;
  }
  const { item, image, near, message } = state;
  const title = image ? image.name : points.ids[item];
  const label = image ? 'an image from outside' : nameOf(collection, item);
  const kin = image ? '' : termsOf(collection, item).join(' › ');
  box.replaceChildren(
    h(
      'div',
      { class: 'item' },
      image
        ? h('img', { src: image.url, alt: '', width: 72, height: 72 })
        : thumbnailOf(source, item, 72, () => ''),
      h(
        'div',
        { class: 'facts' },
        h('h2', { title }, label === '' ? title : image ? title : label),
        h('p', { class: 'quiet', title }, image ? label : title),
        kin === '' ? null : h('p', { class: 'quiet', title: kin }, kin),
      ),
      h(
        'button',
        { type: 'button', class: 'plain', 'aria-label': 'Close this item', onclick: actions.clear },
        '✕',
      ),
    ),
    breadcrumb(collection, state, actions),
    h('h3', {}, 'Nearest'),
    message === null
      ? h(
          'ol',
          { class: 'near' },
          ...near.map((_, i) => neighbour(source, collection, state, i, colourOf, actions)),
        )
      : h('p', { class: 'quiet' }, message),
  );
}

function breadcrumb(
  { tree }: Collection,
  { item, image, near }: State,
  { enter }: PanelActions,
): HTMLElement {
  // An image has no node of its own: it is told where its nearest neighbour hangs.
  const from = image ? (near[0]?.item ?? -1) : item;
  if (!tree.isGiven || from < 0 || tree.nodeOf[from] < 0) return h('span');
  const path = lineage(tree, tree.nodeOf[from]).reverse();
  return h(
    'nav',
    { 'aria-label': 'Place in the tree', class: 'crumbs' },
    image ? h('p', { class: 'quiet' }, 'Hangs with its nearest neighbour:') : null,
    h(
      'ol',
      {},
      ...path.map((node) =>
        h('li', {}, h('button', { type: 'button', onclick: () => enter(node) }, tree.names[node])),
      ),
    ),
  );
}

function neighbour(
  source: Source,
  collection: Collection,
  state: State,
  place: number,
  colourOf: (item: number) => string,
  actions: PanelActions,
): HTMLElement {
  const { points, tree } = collection;
  const { item, distance } = state.near[place];
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.width = `${(100 * distance) / (state.near.at(-1)?.distance || 1)}%`;
  const start = state.image ? state.near[0].item : state.item;
  const way = tree.isGiven ? pathBetween(tree, tree.nodeOf[start], tree.nodeOf[item]) : null;
  const isShown = state.why === item;
  const name = nameOf(collection, item) || points.ids[item];
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'one', title: points.ids[item], onclick: () => actions.choose(item) },
      thumbnailOf(source, item, 40, () => swatch(colourOf(item))),
      h('span', { class: 'name' }, name, bar),
      h('span', { class: 'distance' }, distance.toFixed(3)),
    ),
    way &&
      h(
        'button',
        {
          type: 'button',
          class: 'why',
          'aria-expanded': String(isShown),
          'aria-label': `Why ${name}`,
          onclick: () => actions.why(isShown ? -1 : item),
        },
        'Why',
      ),
    way && isShown
      ? h(
          'p',
          { class: 'way' },
          ...way.up.map((node) => `${tree.names[node]} ↑ `),
          h('strong', {}, tree.names[way.top]),
          ...way.down.map((node) => ` ↓ ${tree.names[node]}`),
        )
      : null,
  );
}

/** Name of an item's class; empty when it has none. */
export function nameOf({ points }: Collection, item: number): string {
  return points.labels[points.label[item]] ?? '';
}

/** Terms of an item on the levels of its collection. */
function termsOf({ points }: Collection, item: number): string[] {
  return points.levels.flatMap(({ terms, term }) => terms[term[item]] ?? []);
}
