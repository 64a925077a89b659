/**
 * Columns that a source has and a table has not: they are added to the table before anything of the source is written, and
 * rows that the source does not speak of have no value in them. What values become is not decided here.
 */
import { addColumns, openTable, type TableOptions } from '../engines/open.js';
import { someOf } from '../io/someOf.js';
import { own } from '../store/columns.js';
import type { NewColumn } from '../store/manifest.js';
import type { Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import type { PlannedItem, Source } from './source.js';

/** Where the table is. */
interface TablePlace {
  readonly out: string;
  readonly how: TableOptions;
}

/**
 * The table with all columns of a source: the same store where it has them, else one that was opened again, the earlier one closed.
 * What the source should tell its reader is added to its notes.
 * @throws DataError for a name that the table has in other capital letters
 */
export async function withNewColumns(store: Store, source: Source, { out, how }: TablePlace): Promise<Store> {
  const { metadata } = store.manifest;
  const added = source.metadata.filter((name) => !metadata.includes(name));
  const gone = metadata.filter((name) => !source.metadata.includes(name));
  if (source.metadata.length > 0 && gone.length > 0)
    source.notes.push(
      `The table ${shownTable(out)} has ${columnsText(gone)} that the source has not: what items have there is kept.`,
    );
  if (added.length === 0) return store;
  const columns = added.map((name): NewColumn => ({ name, type: own(source.types, name) }));
  await addColumns(out, columns, how);
  const wider = await openTable(out, how);
  await store.close();
  source.notes.push(`Added to the table ${shownTable(out)}: ${columnsText(added)}.`);
  return wider;
}

const columnsText = (names: readonly string[]) =>
  `the ${names.length === 1 ? 'column' : 'columns'} ${someOf(
    names.map((name) => `"${name}"`),
    5,
  )}`;

/**
 * Items with their further columns in the order of the table: what stands for an item's facts depends on it, and a list may have got
 * a column between others.
 */
export function inTableOrder(
  { items, metadata: names }: Pick<Source, 'items' | 'metadata'>,
  store: Store | null,
): readonly PlannedItem[] {
  const order = store?.manifest.metadata.filter((name) => names.includes(name)) ?? names;
  if (order.every((name, i) => name === names[i])) return items;
  return items.map((item) => ({
    ...item,
    metadata: Object.fromEntries(
      order.flatMap((name) => (Object.hasOwn(item.metadata, name) ? [[name, item.metadata[name]]] : [])),
    ),
  }));
}
