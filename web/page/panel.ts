/** The upper part of the side panel: the item or image looked at and its neighbours, or the items that are marked. */
import { titleColumn } from '../../src/titleColumn.js';
import type { Collection, Source } from '../data/collection.js';
import { type Facts, linkColumn } from '../data/columns.js';
import { classNameOf, isPlaced, termsOf } from '../data/points.js';
import { shownCount, snapshotName } from '../data/snapshots.js';
import { lineage, pathBetween } from '../data/tree.js';
import { itemInTree } from '../map/mapState.js';
import { cardGrid } from '../parts/cards.js';
import { h, refill } from '../parts/dom.js';
import { factList, itemLink } from '../parts/facts.js';
import { whole } from '../parts/numbers.js';
import { largePicture } from '../parts/picture.js';
import type { State } from './state.js';

/** What can be done from the panel. */
export interface PanelActions {
  /** Looks at an item, and flies there. */
  chooseItem(item: number): void;
  /** Marks the items at and below a node, and flies there; -1 for the root, where nothing is marked. */
  enterNode(node: number): void;
  /** Shows the path through the tree to a neighbour; -1 for none. */
  explain(item: number): void;
  /** Shows more neighbours. */
  moreNeighbours(): void;
  /** Looks at nothing. */
  closeItem(): void;
}

/** What the panel shows. */
export interface PanelContent {
  readonly source: Source;
  readonly collection: Collection;
  readonly state: State;
  /** Items that are marked, or left by the filters; null where there are neither. */
  readonly chosen: readonly number[] | null;
  /** Colour of an item as CSS. */
  colourOf(item: number): string;
  titleOf(item: number): string;
  /** What is known of an item; undefined until it has come. */
  factsOf(item: number): Facts | undefined;
}

/** Fills the panel; hints where nothing is looked at. */
export function showItem(box: HTMLElement, content: PanelContent, actions: PanelActions): void {
  const { state } = content;
  if (state.item < 0 && !state.image) {
    showOverview(box, content, actions);
    return;
  }
  const { message, neighbours, hasMore } = state;
  refill(
    box,
    ...(state.image ? imageParts(state.image, actions) : itemParts(box, content, actions)),
    breadcrumb(content.collection, state, actions),
    h('h3', {}, 'Nearest'),
    message === null
      ? cardGrid(
          content.source,
          neighbours.map((_, i) => neighbourCard(content, i, actions)),
          actions.chooseItem,
        )
      : h('p', { class: 'quiet' }, message),
    message === null && hasMore
      ? h('button', { type: 'button', 'data-key': 'more', onclick: actions.moreNeighbours }, 'More')
      : null,
  );
}

const closing = ({ closeItem }: PanelActions) =>
  h('button', { type: 'button', class: 'plain', 'aria-label': 'Close this item', onclick: closeItem }, '✕');

/** An image from outside. */
function imageParts({ url, name }: NonNullable<State['image']>, actions: PanelActions): HTMLElement[] {
  return [
    h(
      'div',
      { class: 'item' },
      h('img', { src: url, alt: '', width: 72, height: 72 }),
      h(
        'div',
        { class: 'facts' },
        h('h2', { title: name }, name),
        h('p', { class: 'quiet' }, 'an image from outside'),
      ),
      closing(actions),
    ),
  ];
}

/** An item: what it is called, its picture, and all that is known of it. */
function itemParts(box: HTMLElement, content: PanelContent, actions: PanelActions): (HTMLElement | string)[] {
  const { source, collection, state, titleOf, factsOf } = content;
  const { item } = state;
  const { points, about } = collection;
  const [id, title, label] = [points.ids[item], titleOf(item), classNameOf(collection, item)];
  const facts = factsOf(item);
  const terms = facts ? '' : termsOf(collection, item).join(' › ');
  const list = facts && factList(facts, [titleColumn(about.columns), linkColumn(facts)]);
  return [
    h(
      'div',
      { class: 'item' },
      h(
        'div',
        { class: 'facts' },
        h('h2', { title: id }, title),
        label === '' || label === title ? '' : h('p', { class: 'quiet', title: label }, label),
        id === title ? '' : h('p', { class: 'quiet', title: id }, id),
        terms === '' ? '' : h('p', { class: 'quiet', title: terms }, terms),
        (facts && itemLink(facts)) ?? '',
      ),
      closing(actions),
    ),
    h('div', { class: 'shown' }, largePicture(source, item, box.clientWidth || 320, title)),
    isPlaced(points, item)
      ? ''
      : h('p', { class: 'quiet' }, state.among?.[item] === 0 ? FILTERED : notKept(collection, state)),
    list ?? '',
  ];
}

const FILTERED = 'Not on the map: it does not pass the filters.';
const notKept = ({ points }: Collection, { snapshot }: State) =>
  `Not on the map at ${snapshotName(points, snapshot)}: the run kept no place for it then.`;

/** Items of an overview that are shown as cards at first, and further ones at a time. */
const CARDS = 12;
const MORE_CARDS = 48;
/** Cards that are shown of the items that were chosen last. */
let shownCards = { of: '', count: CARDS };

/** What is shown where nothing is looked at: what the collection is, what can be done, and the items that are marked or left. */
function showOverview(box: HTMLElement, content: PanelContent, actions: PanelActions): void {
  const { source, collection, state, chosen, colourOf, titleOf } = content;
  const { points, about } = collection;
  const shown = shownCount(points);
  const left = state.among?.reduce((sum, one) => sum + one, 0) ?? points.ids.length;
  const hints = [
    'Click a point to see its neighbours.',
    about.searchesImages ? 'Drop an image, or choose one, to see items similar to it.' : null,
    'Drag to move, scroll or pinch to zoom.',
  ];
  const classes = points.labels.length > 0 ? `, ${whole(points.labels.length)} classes` : '';
  const key = `${chosen?.length} ${chosen?.[0]}`;
  if (shownCards.of !== key) shownCards = { of: key, count: CARDS };
  const more = () => {
    shownCards = { of: key, count: shownCards.count + MORE_CARDS };
    showOverview(box, content, actions);
  };
  const cards = (chosen ?? []).slice(0, shownCards.count).map((item) => ({
    item,
    id: points.ids[item],
    title: titleOf(item),
    colour: colourOf(item),
    figure: null,
    below: null,
  }));
  refill(
    box,
    h('h2', {}, about.name),
    h('p', { class: 'quiet' }, `${whole(points.ids.length)} items${classes}`),
    ...about.problems.map((problem) => h('p', { class: 'quiet' }, problem)),
    shown < left
      ? h('p', { class: 'quiet' }, `Shown at ${snapshotName(points, state.snapshot)}: ${whole(shown)} items.`)
      : '',
    chosen === null
      ? h('ul', { class: 'hints' }, ...hints.filter((hint) => hint !== null).map((hint) => h('li', {}, hint)))
      : null,
    chosen === null ? null : h('h3', {}, `${whole(chosen.length)} ${chosen.length === 1 ? 'item' : 'items'}`),
    chosen === null ? null : cardGrid(source, cards, actions.chooseItem),
    chosen !== null && chosen.length > cards.length
      ? h(
          'button',
          { type: 'button', 'data-key': 'more', onclick: more },
          `${whole(chosen.length - cards.length)} more`,
        )
      : null,
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
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              title: tree.names[node],
              'data-key': `node ${node}`,
              onclick: () => enterNode(node),
            },
            tree.names[node],
          ),
        ),
      ),
    ),
  );
}

function neighbourCard(
  { collection, state, colourOf, titleOf }: PanelContent,
  rank: number,
  actions: PanelActions,
) {
  const { points, tree } = collection;
  const { item, distance, similarity } = state.neighbours[rank];
  const path = tree.isGiven ? pathBetween(tree, tree.nodeOf[itemInTree(state)], tree.nodeOf[item]) : null;
  const isShown = state.explained === item;
  const title = titleOf(item);
  const why = () =>
    h(
      'button',
      {
        type: 'button',
        class: 'why',
        'aria-expanded': String(isShown),
        'aria-label': `Why ${title}`,
        'data-key': `why ${item}`,
        onclick: () => actions.explain(isShown ? -1 : item),
      },
      'Why',
    );
  const way = () =>
    h(
      'p',
      { class: 'way' },
      ...path!.up.map((node) => `${tree.names[node]} ↑ `),
      h('strong', {}, tree.names[path!.top]),
      ...path!.down.map((node) => ` ↓ ${tree.names[node]}`),
    );
  return {
    item,
    id: points.ids[item],
    title,
    colour: colourOf(item),
    figure:
      similarity === undefined
        ? { value: distance.toFixed(3), means: 'distance' }
        : { value: similarity.toFixed(2), means: `similarity from 0 to 1; distance ${distance.toFixed(3)}` },
    below: path ? h('div', { class: 'reason' }, why(), isShown ? way() : null) : null,
  };
}
