/** The columns of a collection, loaded when they are first needed: those that points bring are there at once. */
import type { Collection, Source } from '../data/collection.js';
import { type Column, columnOfLevel, textOf } from '../data/columns.js';
import { NONE } from '../data/points.js';
import { CLASS } from './filters.js';

/** The columns. */
export interface KnownColumns {
  /** Those that are there, the class first. */
  loaded(): readonly Column[];
  /** Loads some columns; those that cannot be had are passed over. `onLoad` is called when others than before are there. */
  load(names: readonly string[]): Promise<void>;
  /** The value of an item; null where it has none, or the column is not there. */
  value(name: string, item: number): string | null;
}

/** Makes the columns. */
export function knownColumns(
  source: Source,
  { points, about }: Collection,
  onLoad: () => void,
): KnownColumns {
  const isTold = points.labels.length > 0;
  const classes: Column = {
    name: CLASS,
    values: points.labels,
    numbers: null,
    rows: Int32Array.from(points.label, (row) => (row === NONE ? -1 : row)),
  };
  const known = new Map(points.levels.map((level) => [level.name, columnOfLevel(level)]));
  const asked = new Set(known.keys());
  return {
    loaded: () => [...(isTold ? [classes] : []), ...about.columns.flatMap((name) => known.get(name) ?? [])],
    async load(names) {
      const missing = names.filter((name) => about.columns.includes(name) && !asked.has(name));
      for (const name of missing) asked.add(name);
      const load = async (name: string) => {
        try {
          known.set(name, await source.column(name));
        } catch {
          asked.delete(name);
        }
      };
      await Promise.all(missing.map(load));
      if (missing.length > 0) onLoad();
    },
    value(name, item) {
      const column = known.get(name);
      return column ? textOf(column, item) : null;
    },
  };
}
