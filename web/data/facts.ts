/** What is known of items, asked for when it is first needed and kept for as long as the page is open. */
import type { Source } from './collection.js';
import type { Facts } from './columns.js';

/** Items whose facts are kept. */
const MOST = 500;

/** Gives what is known of an item; undefined until it has come, when `arrived` is called. */
export function createFacts(source: Source, arrived: () => void): (item: number) => Facts | undefined {
  const kept = new Map<number, Facts | undefined>();
  return (item) => {
    if (kept.has(item)) return kept.get(item);
    if (kept.size >= MOST) kept.delete(kept.keys().next().value!);
    kept.set(item, undefined);
    source.facts(item).then(
      (facts) => {
        kept.set(item, facts);
        arrived();
      },
      () => kept.delete(item), // asked for again when the panel is filled the next time
    );
    return undefined;
  };
}
