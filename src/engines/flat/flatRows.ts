/**
 * The rows of a flat table as its last commit left them, facts in memory: which rows of which parts count, found by id,
 * by filter and in order. Later parts replace rows of earlier ones. Nothing is written here.
 */
import { join } from 'node:path';
import { type Condition, testOf } from '../../store/filter/filter.js';
import type { Manifest } from '../../store/manifest.js';
import { inPieces } from '../../turns.js';
import { type FlatPart, readPart } from './flatPart.js';
import { type FlatState, readState, stampOf } from './flatState.js';

/** A part, and which of its rows no longer count. */
export interface PartView {
  readonly part: FlatPart;
  /** `[rows]`: 1 for rows that were replaced or removed; null where all count. */
  readonly gone: Uint8Array | null;
  /** Rows that count. */
  readonly count: number;
}

/** The table after one commit; it does not change. */
export interface FlatSnapshot {
  readonly state: FlatState;
  readonly views: readonly PartView[];
  /** Rows that count. */
  readonly count: number;
  /** Places of all rows that count, sorted by id. Made when they are first asked for. */
  sorted: Promise<readonly RowRef[]> | null;
}

/** A row of a snapshot: the number of its part, and its place there. */
export interface RowRef {
  readonly view: number;
  readonly at: number;
}

/** Follows a table. */
export interface FlatRows {
  /** The table as it is now. Throws DataError when it is damaged. */
  current(): FlatSnapshot;
  /** Where an item is in the snapshot that `current` gave last; undefined when it is not there. */
  find(id: string): RowRef | undefined;
}

/** Folder of the parts of a table. */
export const partsFolder = (folder: string) => join(folder, 'parts');

/** Times that a table is looked at anew when parts vanish while they are read: another process has tidied up. */
const TRIES = 5;

/** Does work with files of a table; again when some have vanished, since what they held is then elsewhere. */
export async function despiteTidying<T>(work: () => T | Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
}

/** Follows the table in a folder. */
export function followRows(folder: string, manifest: Manifest): FlatRows {
  let stamp = '';
  let snapshot: FlatSnapshot = { state: readState(folder), views: [], count: 0, sorted: null };
  /** Number of the part and place in it, as one number: `view * 2^32 + at`. */
  let places = new Map<string, number>();
  const texts = new Map<string, string>();

  const refresh = () => {
    const now = stampOf(folder); // before the state, which may be newer then, and is read once more
    if (now === stamp) return;
    const state = readState(folder);
    const loaded = new Map(snapshot.views.map(({ part }) => [part.path, part]));
    const paths = state.parts.map(({ name }) => join(partsFolder(folder), name));
    const isLonger = snapshot.views.every(({ part }, i) => part.path === paths[i]);
    const parts = paths.map(
      (path, i) => loaded.get(path) ?? readPart(path, manifest, { known: texts, sum: state.parts[i].sum }),
    );
    if (!isLonger) places = new Map();
    snapshot = extend(isLonger ? snapshot.views : [], parts, state, places);
    stamp = now;
  };
  return {
    current() {
      for (let attempt = 1; ; attempt++)
        try {
          refresh();
          return snapshot;
        } catch (error) {
          if (attempt === TRIES || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
    },
    find(id) {
      const place = places.get(id);
      return place === undefined ? undefined : { view: Math.floor(place / 2 ** 32), at: place % 2 ** 32 };
    },
  };
}

/** A snapshot of more parts than those of some views, whose rows `places` knows. */
function extend(
  views: readonly PartView[],
  parts: readonly FlatPart[],
  state: FlatState,
  places: Map<string, number>,
): FlatSnapshot {
  const counts = parts.map((part, i) => views[i]?.count ?? part.rows);
  const gone = parts.map((_, i) => views[i]?.gone ?? null);
  const drop = (id: string) => {
    const place = places.get(id);
    if (place === undefined) return;
    const [view, at] = [Math.floor(place / 2 ** 32), place % 2 ** 32];
    // Copied, for the snapshot before this one stays as it is.
    if (gone[view] === (views[view]?.gone ?? null))
      gone[view] = Uint8Array.from(gone[view] ?? new Uint8Array(parts[view].rows));
    gone[view]![at] = 1;
    counts[view]--;
    places.delete(id);
  };
  for (let view = views.length; view < parts.length; view++) {
    const { removed, rows, columns } = parts[view];
    for (const id of removed) drop(id);
    for (let at = 0; at < rows; at++) {
      const id = columns.id![at]!;
      drop(id);
      places.set(id, view * 2 ** 32 + at);
    }
  }
  return {
    state,
    views: parts.map((part, i) => ({ part, gone: gone[i], count: counts[i] })),
    count: counts.reduce((sum, count) => sum + count, 0),
    sorted: null,
  };
}

/** Rows of a part under some conditions. */
export interface Passing {
  /** `[rows]`: not 0 for those that do not take part; null where all do. */
  readonly leftOut: Uint8Array | null;
  /** Rows that take part. */
  readonly count: number;
}

/** Rows that are tested in one go. */
const AT_ONCE = 1024;

/** Which rows of each part take part under some conditions; gives way to other work in between. */
export async function passing(
  views: readonly PartView[],
  conditions: readonly Condition[],
): Promise<Passing[]> {
  const pause = inPieces('scan');
  const passed: Passing[] = [];
  for (const view of views) passed.push(await passingOf(view, conditions, pause));
  return passed;
}

async function passingOf(
  { part, gone, count }: PartView,
  conditions: readonly Condition[],
  pause: ReturnType<typeof inPieces>,
): Promise<Passing> {
  if (conditions.length === 0 || count === 0) return { leftOut: gone, count };
  const tests = conditions.map((condition) => ({
    column: part.columns[condition.column] ?? null,
    passes: testOf(condition),
  }));
  const leftOut = new Uint8Array(part.rows);
  let left = 0;
  for (let from = 0; from < part.rows; from += AT_ONCE) {
    for (let at = from; at < Math.min(part.rows, from + AT_ONCE); at++)
      if (gone?.[at] || !tests.every(({ column, passes }) => passes(column?.[at] ?? null))) leftOut[at] = 1;
      else left++;
    await pause();
  }
  return { leftOut, count: left };
}
