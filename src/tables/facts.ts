/**
 * What a source says about an item, and what a table knows of it already: what the source does not speak of is kept, and
 * what is taken away is told. Items are not written here.
 */
import { type ColumnValues, own } from '../store/columns.js';
import type { ItemFacts } from '../store/store.js';
import { factsHash } from './items.js';
import type { PlannedItem } from './source.js';

/** Which facts a source speaks of: where it has none for an item, the item has none. */
export interface ToldFacts {
  readonly path: boolean;
  readonly label: boolean;
  readonly node: boolean;
  readonly place: boolean;
  /** Names of further columns. */
  readonly metadata: ReadonlySet<string>;
}

/** Items that lose a fact, by the name of the fact. */
export type Losses = Map<string, number>;

/** An item with what is known of it where its source says nothing; what it loses is counted. */
export function withKnown(
  item: PlannedItem,
  known: ItemFacts,
  { told, losses }: { readonly told: ToldFacts; readonly losses: Losses },
): PlannedItem {
  const lose = (name: string) => losses.set(name, (losses.get(name) ?? 0) + 1);
  const fact = <T>(name: string, planned: T | null, before: T | null, isTold: boolean): T | null => {
    if (planned !== null || before === null || !isTold) return planned ?? before;
    lose(name);
    return null;
  };
  const metadata: ColumnValues = Object.fromEntries(
    [...new Set([...Object.keys(known.metadata), ...Object.keys(item.metadata)])].map((name) => [
      name,
      fact(
        name,
        own(item.metadata, name) ?? null,
        own(known.metadata, name) ?? null,
        told.metadata.has(name),
      ),
    ]),
  );
  const merged = {
    ...item,
    path: fact('path', item.path, known.path, told.path),
    label: fact('class', item.label, known.label, told.label),
    node: fact('node of the tree', item.node, known.node, told.node),
    place: fact('place', item.place, known.place, told.place),
    metadata,
  };
  return { ...merged, hash: `${item.hash.split('.')[0]}.${factsHash(merged)}` };
}

/** What items have lost, as a sentence; null when it is nothing. */
export function lossNote(losses: Losses, source: string): string | null {
  if (losses.size === 0) return null;
  const list = [...losses].map(([name, count]) => `${name} (${count.toLocaleString('en')})`);
  return `Taken away from items, since ${source} has none for them: ${list.join(', ')}.`;
}
