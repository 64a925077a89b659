/**
 * Tidying up a flat table: many small parts become few, rows that no longer count are left out, and what killed writers
 * have left is removed. When it is due is decided here, too.
 */

import { basename, join } from 'node:path';
import { readdirSync, rmSync, statSync } from '../../disk/index.js';
import type { Manifest } from '../../store/manifest.js';
import type { Item } from '../../store/store.js';
import { readItems, writeFlatPart } from './flatPart.js';
import { type FlatSnapshot, type PartView, partsFolder } from './flatRows.js';
import type { FlatState } from './flatState.js';

/** Rows of a part below which it is small, unless they are large. */
const SMALL = 8192;
/** Small parts that a table may have. */
const MOST_SMALL = 64;
/** Share of rows that no longer count, above which they are left out. */
const WASTE = 0.2;
/** Bytes that a part written here may have, roughly. */
const PART_BYTES = 2 ** 26;
/** Age of a file that belongs to nothing, above which no writer can still be at it, ms. */
const ABANDONED = 3_600_000;

/** The state of a table with its rows in fewer parts, which are written; null where that is not due. */
export function merged(
  folder: string,
  { state, views, count }: FlatSnapshot,
  manifest: Manifest,
  newName: () => string,
): FlatState | null {
  const isSmall = ({ part }: PartView) => part.rows < SMALL && part.bytes < PART_BYTES / 2;
  const all = views.reduce((sum, { part }) => sum + part.rows, 0);
  const isDue = views.filter(isSmall).length > MOST_SMALL || all - count > WASTE * all;
  if (!isDue) return null;
  // Nothing that stays may hold rows that no longer count: what says so is not kept.
  const isKept = (view: PartView) => !isSmall(view) && view.gone === null;
  const parts = state.parts.filter((_, i) => isKept(views[i]));
  let group: Item[] = [];
  let bytes = 0;
  const finish = () => {
    if (group.length === 0) return;
    const name = newName();
    const sum = writeFlatPart(join(partsFolder(folder), name), { items: group }, manifest);
    parts.push({ name, rows: group.length, sum });
    [group, bytes] = [[], 0];
  };
  for (const view of views.filter((one) => !isKept(one))) {
    const { part, gone } = view;
    const rows = Array.from({ length: part.rows }, (_, at) => at).filter((at) => !gone?.[at]);
    for (let from = 0; from < rows.length; from += SMALL)
      for (const item of readItems(part, rows.slice(from, from + SMALL), manifest)) {
        group.push(item);
        bytes += 4 * manifest.space.dim + (item.thumbnail?.length ?? 0);
        if (bytes >= PART_BYTES) finish();
      }
  }
  finish();
  return { ...state, parts };
}

/** Removes files of a folder that belong to nothing: at once those that `replaced` names, others when they are old. */
export function removeUnused(folder: string, used: ReadonlySet<string>, replaced: ReadonlySet<string>): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // nothing was ever kept there
  }
  for (const name of names) {
    const path = join(folder, name);
    if (used.has(basename(name))) continue;
    try {
      if (replaced.has(name) || Date.now() - statSync(path).mtimeMs > ABANDONED) rmSync(path);
    } catch {
      // Gone already, or held by a reader where the system does not remove such files: the next time.
    }
  }
}
