/** Items as CSV (RFC 4180), with all that is known of them. */
import type { Collection } from '../data/collection.js';
import { classNameOf } from '../data/points.js';
import type { KnownColumns } from './known.js';

/** The text of some items: id, class, node of the tree where there is one, and all columns that are loaded. */
export function csvOf(collection: Collection, columns: KnownColumns, items: readonly number[]): string {
  const { points, tree, about } = collection;
  const hasClasses = points.labels.length > 0;
  const head = ['id', ...(hasClasses ? ['label'] : []), ...(tree.isGiven ? ['node'] : []), ...about.columns];
  const lines = items.map((item) => [
    points.ids[item],
    ...(hasClasses ? [classNameOf(collection, item)] : []),
    ...(tree.isGiven ? [tree.names[tree.nodeOf[item]] ?? ''] : []),
    ...about.columns.map((name) => columns.value(name, item) ?? ''),
  ]);
  return [head, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

const cell = (text: string) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
