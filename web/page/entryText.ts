/**
 * What stands below the name of what a search has found, so that two of one name can be told apart: of how many items it is the name,
 * in which column an item has the words, its class or its id. Which entries there are is not decided here.
 */
import { columnBeside, excerptFrom, titleColumn } from '../../src/titleColumn.js';
import type { Collection, FoundByText } from '../data/collection.js';
import { readableName } from '../data/columns.js';
import { classNameOf } from '../data/points.js';
import { whole } from '../parts/numbers.js';
import { alikeBy, isSaidBy, itemsOf, type SearchEntry } from './searchEntries.js';

/** An entry as it is shown. */
export interface ShownEntry {
  readonly entry: SearchEntry;
  /** What stands below its name. */
  readonly beside: string;
  /** The item whose picture stands for it; -1 for none. */
  readonly item: number;
}

type Matches = FoundByText['matches'];

/** Entries with what tells them apart; of two that would still look the same, items say their ids. */
export function describeEntries(
  entries: readonly SearchEntry[],
  collection: Collection,
  matches: Matches,
): ShownEntry[] {
  const shown = entries.map((entry) => describe(entry, collection, matches));
  const looks = ({ entry, beside }: ShownEntry) => `${entry.name}\n${beside}`;
  const alike = alikeBy(shown, looks);
  return shown.map((one) => {
    const { entry, beside, item } = one;
    if (entry.kind !== 'item' || alike.get(looks(one))!.length < 2) return one;
    return { entry, beside: joined([beside, collection.points.ids[item]]), item };
  });
}

const counted = (count: number) => `${whole(count)} ${count === 1 ? 'item' : 'items'}`;
const joined = (parts: readonly (string | null)[]) =>
  [...new Set(parts)].filter((part) => part !== null && part !== '').join(' · ');

function describe(entry: SearchEntry, collection: Collection, matches: Matches): ShownEntry {
  const { kind, name } = entry;
  if (kind === 'item') return describeItem(entry, collection, matches);
  const items = itemsOf(entry, collection);
  const what = { class: 'class', node: 'group', title: '', all: 'marks them on the map' }[kind];
  const count = kind === 'all' ? '' : counted(items.length);
  const first = classNameOf(collection, items[0] ?? -1);
  const isOneClass =
    kind === 'title' &&
    !isSaidBy(first, name) &&
    items.every((item) => classNameOf(collection, item) === first);
  return { entry, beside: joined([what, count, isOneClass ? first : '']), item: items[0] ?? -1 };
}

/** An item: where it has the words, and its class, or its id where it has no class. */
function describeItem(entry: SearchEntry, collection: Collection, matches: Matches): ShownEntry {
  const { points, about } = collection;
  const { index: item, name } = entry;
  const unlessNamed = (text: string) => (isSaidBy(text, name) ? '' : text);
  const [id, label] = [points.ids[item], classNameOf(collection, item)].map(unlessNamed);
  const match = matches.get(item);
  const title = titleColumn(about.columns);
  const column = match && columnBeside(match.matched, title === undefined ? ['id'] : [title]);
  const why =
    column === undefined
      ? ''
      : column === 'id' || column === 'label'
        ? { id, label }[column]
        : `${readableName(column)}: ${excerptFrom(String(match!.facts[column] ?? ''), match!.matched[column][0])}`;
  return { entry, beside: joined([why, label || id]) || 'item', item };
}
