/**
 * Items of a table as cells of a text table: what they are called, what tells those apart that are called alike, and why they were
 * found. What none of the items has takes no column. Not how near they are, which is another column of whoever prints.
 */
import { cutToWidth, widthOf } from '../../shown.js';
import { columnText } from '../../store/columns.js';
import type { ItemFacts } from '../../store/store.js';
import { columnBeside, excerptFrom, titleColumn } from '../../titleColumn.js';
import type { Column } from './columns.js';

/** An item, and where it was found by words, which of them its columns have. */
export type ShownItem = Pick<ItemFacts, 'id' | 'label' | 'node' | 'metadata'> & {
  readonly matched?: Readonly<Record<string, readonly string[]>>;
};

/** Columns with the cell of an item in each. */
export type ItemColumn = Column & { cellOf(item: ShownItem): string };

/** Places of a cell; what is longer is cut. */
const WIDEST = 40;
/** Columns beside the title by which items are told apart, at most. */
const TELLING = 2;
const NONE = '–';

/**
 * Columns for some items, from left to right; the id is the last one, whole, since commands take it. `nodes` tells whether
 * their nodes are shown; default true.
 */
export function itemColumns(
  items: readonly ShownItem[],
  { nodes = true }: { readonly nodes?: boolean } = {},
): ItemColumn[] {
  const names = [...new Set(items.flatMap(({ metadata }) => Object.keys(metadata)))].filter((name) =>
    items.some(({ metadata }) => columnText(metadata, name) !== null),
  );
  const title = titleColumn(names);
  const named = title === undefined ? [] : [title];
  const shown = [...named, ...tellingColumns(items, names, title)];
  const hasLabels = items.some(({ label }) => label !== null);
  // A node of which there is one an item is the item itself.
  const hasNodes =
    items.some(({ node }) => node !== null) && new Set(items.map(({ node }) => node)).size < items.length;
  const why = (item: ShownItem) => {
    const beside = columnBeside(item.matched ?? {}, ['id', 'label', ...shown]);
    if (beside === undefined) return '';
    return cut(
      `${beside}: ${excerptFrom(columnText(item.metadata, beside) ?? '', item.matched![beside][0])}`,
    );
  };
  const columns: ItemColumn[] = shown.map((name) => ({
    title: cut(name),
    cellOf: ({ metadata }) => cut(columnText(metadata, name) ?? NONE),
  }));
  if (hasLabels) columns.push({ title: 'class', cellOf: ({ label }) => label ?? NONE });
  if (nodes && hasNodes) columns.push({ title: 'node', cellOf: ({ node }) => node ?? NONE });
  if (items.some((item) => why(item) !== '')) columns.push({ title: 'found in', cellOf: why });
  return [...columns, { title: 'item', cellOf: ({ id }) => id }];
}

/** Columns that tell most of those items apart that have one title, or all where there are no titles: short ones, and no addresses. */
function tellingColumns(
  items: readonly ShownItem[],
  names: readonly string[],
  title: string | undefined,
): string[] {
  const textOf = ({ metadata }: ShownItem, name: string) => columnText(metadata, name) ?? '';
  const others = names.filter(
    (name) =>
      name !== title &&
      items.every((item) => widthOf(textOf(item, name)) <= WIDEST && !/^\w+:\/\//.test(textOf(item, name))),
  );
  const apart = (by: readonly string[]) =>
    new Set(items.map((item) => JSON.stringify(by.map((name) => textOf(item, name))))).size;
  const chosen: string[] = [];
  const first = title === undefined ? [] : [title];
  while (chosen.length < TELLING && apart([...first, ...chosen]) < items.length) {
    const counts = others.map((name) => apart([...first, ...chosen, name]));
    const most = Math.max(0, ...counts);
    if (most <= apart([...first, ...chosen])) break;
    chosen.push(others[counts.indexOf(most)]);
  }
  return chosen;
}

const cut = (text: string) => (widthOf(text) <= WIDEST ? text : `${cutToWidth(text, WIDEST - 1).trimEnd()}…`);
