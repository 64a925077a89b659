/**
 * A manifest as a data set: a `.csv`, `.tsv` or `.jsonl` file with the columns `path` (or `image`, as lists of items have
 * it) and `label`, and optionally `split` (train or test), `is_query`, `is_gallery`, `id`, and `taxonomy.LEVEL` columns from coarse to fine. Paths are
 * relative to it.
 */

import { basename, dirname, extname, resolve } from 'node:path';
import { type ListedFile, listedFiles, shownPath } from '../disk/index.js';
import { DataError, suggestion } from '../errors.js';
import { isMissing, missingLabel } from '../io/missing.js';
import { cellOf, readRows, type TextRow, type TextRows } from '../io/readRows.js';
import { counted } from '../shown.js';
import { assemble, type Entry } from './assemble.js';
import type { Dataset, Taxonomy } from './dataset.js';
import { splitColumns } from './splitColumns.js';

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
  const pictures = pictureColumn(list);
  requireColumns(manifest, list, [pictures, 'label']);
  const { parts, warnings } = splitColumns(manifest, list);
  const find = listedFiles(root);

  const lineOfId = new Map<string, number>();
  const missing: (ListedFile & { readonly line: number })[] = [];
  const entries = list.rows.map((row, i): Entry => {
    const written = requiredValue(manifest, row, pictures);
    const className = requiredLabel(manifest, row);
    const id = row.values.id || written.replaceAll('\\', '/');
    const earlier = lineOfId.get(id);
    if (earlier !== undefined)
      throw new DataError(`${manifest}: lines ${earlier} and ${row.line} both list "${shownPath(id)}".`);
    lineOfId.set(id, row.line);
    const listed = find(written);
    if (!listed.isFound) missing.push({ ...listed, line: row.line });
    return { id, path: listed.path, className, ...parts?.[i] };
  });
  refuseMissingFiles(manifest, entries.length, missing);

  const classes = [...new Set(entries.map((entry) => entry.className))];
  return assemble(entries, {
    name: basename(manifest, extname(manifest)),
    root,
    source: manifest,
    classes,
    taxonomy: taxonomyColumns(manifest, list, classes),
    warnings: [...(list.notes ?? []), ...warnings],
  });
}

/** The column that names the images: `path`; in its absence `image`. */
function pictureColumn({ columns }: TextRows): 'path' | 'image' {
  return !columns.includes('path') && columns.includes('image') ? 'image' : 'path';
}

function requireColumns(manifest: string, { columns }: TextRows, needed: readonly string[]): void {
  for (const wanted of needed) {
    if (columns.includes(wanted)) continue;
    const found = columns.map((name) => `"${name}"`).join(', ');
    throw new DataError(
      `${manifest} has no column "${wanted}"; it has ${found}.${suggestion(wanted, columns)} ` +
        'Needed are path (or image) and label; optional are split, is_query, is_gallery, id and taxonomy.LEVEL.',
    );
  }
}

/** A value that a row must have. Throws DataError with the line. */
export function requiredValue(manifest: string, row: TextRow, column: string): string {
  const value = cellOf(row, column);
  if (!value) throw new DataError(`${manifest}, line ${row.line}: no value for "${column}".`);
  return value;
}

/** The label of a row. Throws DataError with the line when it is missing, however that is written. */
export function requiredLabel(manifest: string, row: TextRow): string {
  const label = requiredValue(manifest, row, 'label');
  if (isMissing(label)) throw new DataError(missingLabel(`${manifest}, line ${row.line}`, label));
  return label;
}

function refuseMissingFiles(
  manifest: string,
  all: number,
  missing: readonly (ListedFile & { readonly line: number })[],
): void {
  if (missing.length === 0) return;
  const listed = missing
    .slice(0, 5)
    .map(({ line, path, hint }) => `\n  line ${line}: ${shownPath(path)}${hint && ` (${hint})`}`);
  throw new DataError(
    `${manifest}: ${missing.length.toLocaleString('en')} of ${counted(all, 'listed file')} ` +
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
      if (isMissing(term))
        throw new DataError(`${manifest}, line ${row.line}: no value for "${column}", only "${term}".`);
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
