/**
 * A manifest as a data set: a `.csv` or `.jsonl` file with the columns `path` and `label`, and optionally
 * `split` (train or test; or train, query and gallery), `id`, and `taxonomy.LEVEL` columns from coarse to fine. Paths are relative to it.
 */

import { basename, dirname, extname, resolve } from 'node:path';
import { statSync } from '../disk/index.js';
import { DataError, suggestion } from '../errors.js';
import { readRows, type TextRow, type TextRows } from '../io/readRows.js';
import { assemble, countText, type DatasetSplit, type Entry } from './assemble.js';
import type { Dataset, Taxonomy } from './dataset.js';

const TAXONOMY = 'taxonomy.';

/**
 * Opens a manifest. Labels are numbered in order of first appearance; ids default to the path as written.
 * Throws DataError, naming the line, for missing columns, values or files, repeated ids, unknown splits, and
 * classes whose taxonomy terms contradict each other.
 */
export function openManifest(file: string): Dataset {
  const manifest = resolve(file);
  const root = dirname(manifest);
  const list = readRows(manifest);
  const hasSplit = list.columns.includes('split');
  requireColumns(manifest, list);

  const lineOfId = new Map<string, number>();
  const lines = new Map<Entry, number>();
  const sides = hasSplit ? sidesOf(manifest, list) : undefined;
  const entries = list.rows.map((row): Entry => {
    const path = requiredValue(manifest, row, 'path');
    const className = requiredValue(manifest, row, 'label');
    const id = row.values.id || path.replaceAll('\\', '/');
    const earlier = lineOfId.get(id);
    if (earlier !== undefined)
      throw new DataError(`${manifest}: lines ${earlier} and ${row.line} both list "${id}".`);
    lineOfId.set(id, row.line);
    const split = hasSplit
      ? { split: sides?.has(row.values.split) ? ('test' as const) : readSplit(manifest, row) }
      : {};
    const entry = { id, path: resolve(root, path), className, ...split };
    lines.set(entry, row.line);
    return entry;
  });
  refuseMissingFiles(manifest, entries, lines);

  const classes = [...new Set(entries.map((entry) => entry.className))];
  const dataset = assemble(entries, {
    name: basename(manifest, extname(manifest)),
    root,
    source: manifest,
    classes,
    taxonomy: taxonomyColumns(manifest, list, classes),
  });
  if (!sides) return dataset;
  return { ...dataset, queries: dataset.test.filter((index) => list.rows[index].values.split === 'query') };
}

/** Names of test images that are searched for, and of those among which: where one is used, both are. */
const SIDES: ReadonlySet<string> = new Set(['query', 'gallery']);

/** The two sides of the test images, where a manifest names them. Throws DataError when one of them is missing. */
function sidesOf(manifest: string, { rows }: TextRows): ReadonlySet<string> | undefined {
  const used = new Set(rows.map(({ values }) => values.split));
  if (![...SIDES].some((side) => used.has(side))) return undefined;
  for (const side of SIDES)
    if (!used.has(side))
      throw new DataError(
        `${manifest}: no row has the split "${side}". Queries are searched for in the gallery: give both, or test for both at once.`,
      );
  if (used.has('test'))
    throw new DataError(
      `${manifest}: the splits test, query and gallery are mixed. Give query and gallery in place of test.`,
    );
  return SIDES;
}

function requireColumns(manifest: string, { columns }: TextRows): void {
  for (const wanted of ['path', 'label']) {
    if (columns.includes(wanted)) continue;
    const found = columns.map((name) => `"${name}"`).join(', ');
    throw new DataError(
      `${manifest} has no column "${wanted}"; it has ${found}.${suggestion(wanted, columns)} ` +
        'Needed are path and label; optional are split, id and taxonomy.LEVEL.',
    );
  }
}

/** A value that a row must have. Throws DataError with the line. */
export function requiredValue(manifest: string, row: TextRow, column: string): string {
  const value = row.values[column];
  if (!value) throw new DataError(`${manifest}, line ${row.line}: no value for "${column}".`);
  return value;
}

/** The split of a row, train or test. Throws DataError with the line. */
export function readSplit(manifest: string, row: TextRow): DatasetSplit {
  const split = requiredValue(manifest, row, 'split');
  if (split === 'train' || split === 'test') return split;
  throw new DataError(
    `${manifest}, line ${row.line}: unknown split "${split}". Use train or test, or for a manifest query and gallery in place of test; ` +
      'classes for validation are held out from train when training starts.',
  );
}

function refuseMissingFiles(
  manifest: string,
  entries: readonly Entry[],
  lines: ReadonlyMap<Entry, number>,
): void {
  const missing = entries.filter(({ path }) => !statSync(path, { throwIfNoEntry: false })?.isFile());
  if (missing.length === 0) return;
  const listed = missing.slice(0, 5).map((entry) => `\n  line ${lines.get(entry)}: ${entry.path}`);
  throw new DataError(
    `${manifest}: ${missing.length.toLocaleString('en')} of ${countText(entries.length, 'listed file')} ` +
      `not found:${listed.join('')}${missing.length > 5 ? '\n  …' : ''}\n` +
      'Paths are relative to the manifest. Correct or remove those rows.',
  );
}

/** The groups of classes from the columns `taxonomy.LEVEL`, if there are any. Throws DataError with both lines. */
export function taxonomyColumns(
  manifest: string,
  list: TextRows,
  classes: readonly string[],
): Taxonomy | undefined {
  const columns = list.columns.filter((name) => name.startsWith(TAXONOMY) && name.length > TAXONOMY.length);
  if (columns.length === 0) return undefined;
  const terms = columns.map((column) => {
    const first = new Map<string, TextRow>();
    for (const row of list.rows) {
      const term = requiredValue(manifest, row, column);
      const known = first.get(row.values.label);
      if (!known) first.set(row.values.label, row);
      else if (known.values[column] !== term)
        throw new DataError(
          `${manifest}: the class "${row.values.label}" is in "${known.values[column]}" on line ` +
            `${known.line} and in "${term}" on line ${row.line} (column ${column}).`,
        );
    }
    return classes.map((name) => first.get(name)!.values[column]);
  });
  return { levels: columns.map((column) => column.slice(TAXONOMY.length)), terms };
}
