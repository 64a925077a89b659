/** What to say of an index that is damaged: that searches do without it, and how it is made again. The looking is the engine's. */
import type { IndexState } from './store.js';

/** The damage to the index of a table, as far as is known, in sentences; null when there is none. */
export function indexDamage({ damaged = [], hnsw }: IndexState, table: string): string | null {
  const isGraph = hnsw?.unused?.includes('damaged') ?? false;
  const what = [
    ...(damaged.includes('vectors')
      ? ['The index is damaged: searches without it are exact, and take longer.']
      : []),
    ...(damaged.includes('ids') ? ['The index of ids is damaged: an item is looked for among all.'] : []),
    ...(damaged.includes('words')
      ? ['The index of words is damaged: searches by text look at every item.']
      : []),
    ...(isGraph ? ['The HNSW graph is damaged, and is not used.'] : []),
  ];
  if (what.length === 0) return null;
  const again = `Make it again: npx hier index ${hnsw ? '--hnsw' : '--no-hnsw'} --out ${table}`;
  return [...what, again].join(' ');
}
